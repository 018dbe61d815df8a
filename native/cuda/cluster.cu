#define GATUN_ISA_LEVEL cuda
#include "cuda/barriers.h"
#include "cuda/cluster.h"
#include "cuda/cluster_layout.h"
#include "cuda/kernel.h"
#include "cuda/near_tables.h"
#include "cuda/spread.h"

namespace gatun::gpu {
namespace {

#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 900

__device__ Own own_of(const Tables& tables, const char* near) {
    Own own = tables.own;
    own.tasks = table<Task>(near, tables.tasks);
    own.first = table<int32_t>(near, tables.first);
    own.sources = table<Source>(near, tables.sources);
    own.feeds = table<Feed>(near, tables.feeds);
    own.fed = table<int32_t>(near, tables.fed);
    own.stages = table<Stage>(near, tables.stages);
    own.staged_at = table<int32_t>(near, tables.staged_at);
    own.keeps = table<int32_t>(near, tables.keeps);
    own.wave_bytes = table<int32_t>(near, tables.wave_bytes);
    return own;
}

// Where the barriers are: a phase a step each.
struct Barriers {
    uint32_t waves;    // of each wave: all that its tasks make has come
    uint32_t weights;  // of each task: they have come; of those that stay, one phase in all
    uint32_t done;     // all waves of a step have ended
    uint32_t kept;     // what the step before made is in its rings, and what the next one reads of them is here

    __device__ Barriers(const Program& program, const Own& own, const void* at)
        : waves(shared_address(at)),
          weights(waves + 8 * static_cast<uint32_t>(program.wave_count)),
          done(weights + 8 * static_cast<uint32_t>(own.barrier_count)),
          kept(done + 8) {}
    __device__ uint32_t wave(int32_t i) const { return waves + 8 * static_cast<uint32_t>(i); }
    __device__ uint32_t weight(int32_t i) const { return weights + 8 * static_cast<uint32_t>(i); }
};

// What the warps of a block share, and the stream.
struct Sharer {
    const Program& program;
    const gatun_step_run& run;
    const Own& own;
    const Barriers& barriers;
    float* memory;
    int32_t* rows;
    int64_t stream;
    int32_t blocks;
};

__device__ void feed(const Sharer& s, int32_t first, int32_t end, bool last) {
    for (int32_t i = first; i < end; ++i) {
        const Feed& it = s.own.feeds[i];
        if (it.next != 0 && last) continue;
        const uint32_t barrier = s.barriers.weight(it.barrier);
        if (it.all != 0) arrive_for(barrier, it.all);
        copy_bulk(shared_address(s.memory + it.to), it.from, it.bytes, barrier);
    }
}

// One thread follows the waves: it makes barriers ready again and brings weights into places that have become free.
__device__ void bring(const Sharer& s, int64_t* clocks) {
    const Own& own = s.own;
    for (int32_t wave = 0; wave < s.program.wave_count; ++wave) arrive_for(s.barriers.wave(wave), own.wave_bytes[wave]);
    feed(s, own.fed[0], own.fed[1], false);
    for (int64_t step = 0; step < s.run.positions; ++step) {
        const bool last = step + 1 == s.run.positions;
        for (int32_t wave = 0; wave < s.program.wave_count; ++wave) {
            const uint32_t barrier = s.barriers.wave(wave);
            await(barrier, static_cast<int32_t>(step & 1));
            if (clocks != nullptr) clocks[wave] = clock64();
            if (!last) arrive_for(barrier, own.wave_bytes[wave]);
            feed(s, own.fed[wave + 1], own.fed[wave + 2], last);
        }
        arrive(s.barriers.done);
    }
}

// A warp writes what steps made into its rings, and brings what later steps read of them.
__device__ void keep_rings(const Sharer& s, int32_t thread) {
    for (int64_t step = 0; step < s.run.positions; ++step) {
        const int32_t odd = static_cast<int32_t>(step & 1);
        if (step > 0) {
            await(s.barriers.done, odd ^ 1);
            cuda::turn_rows(s.program, s.rows, thread, kWarp);
            __syncwarp();
            cuda::keep(s.program, s.own, s.run, s.stream, s.rows, s.memory, odd ^ 1, thread, kWarp);
            __syncwarp();
        }
        cuda::bring_stages(s.program, s.own, s.run, s.stream, s.rows, 2, s.memory, odd ^ 1, thread);
        __syncwarp();
        if (thread == 0) arrive(s.barriers.kept);
    }
}

// A warp on its way through the tasks of a step. Nothing of it is a call, which would have its structs in slow memory.
// W: as in products.h.
template <class W>
class Worker {
public:
    __device__ Worker(const Sharer& sharer, int32_t warp, int32_t thread)
        : s_(sharer), warp_(warp), thread_(thread), half_(thread / GATUN_LANES) {}

    __device__ __forceinline__ void run() {
        const int32_t first = s_.own.first[warp_], end = s_.own.first[warp_ + 1];
        if (first == end) return;
        for (int64_t step = 0; step < s_.run.positions; ++step) {
            odd_ = static_cast<int32_t>(step & 1);
            clock_ = s_.run.first_position + step;
            for (int32_t i = first; i < end; ++i) run(s_.own.tasks[i]);
            pass(s_.program.wave_count);
            passed_ = 0;
        }
    }

private:
    // What all waves before this one made is here.
    __device__ void pass(int32_t wave) {
        for (; passed_ < wave; ++passed_) await(s_.barriers.wave(passed_), odd_);
    }
    __device__ void begin(const Task& task) {
        pass(task.wave);
        if (task.last != 0) await(s_.barriers.kept, odd_);
    }
    __device__ cuda::Send send(const Task& task) const {
        return {shared_address(s_.memory), s_.barriers.wave(task.wave), s_.blocks};
    }

    __device__ __forceinline__ void run(const Task& there) {
        const Task task = there;
        const Part& part = s_.program.parts[task.part];
        if (task.place == Place::kNear || task.place == Place::kStream) return run_product<true>(task, part);
        if (task.place == Place::kFar) return run_product<false>(task, part);
        begin(task);
        if (half_ == 0) {
            const cuda::Shared shared{send(task), s_.own.staged_at, s_.own.staged_floats, odd_};
            const cuda::Block block{s_.program, s_.run, s_.stream, 1, 1, s_.memory, nullptr, clock_, &shared};
            if (block.due(part.op, 0)) {
                cuda::run_other<W>(block, part, task);
            } else {
                const int32_t same = cuda::of_step(task.out, odd_);
                shared.send(same, cuda::load(s_.memory + same, task.live), task.live);
            }
        }
        __syncwarp();
    }

    template <bool kNear>
    __device__ __forceinline__ void run_product(const Task& task, const Part& part) {
        const cuda::Half half{task, part, half_};
        cuda::Chain chain;
        if constexpr (kNear) {
            await(s_.barriers.weight(task.barrier), task.place == Place::kStream ? odd_ : 0);
            chain = cuda::begin_near(half, s_.memory);
        } else {
            chain = cuda::begin_far(half);
        }
        cuda::multiply_half<kNear, W>(chain, half, s_.own.sources, s_.memory, odd_, 0, task.lead);
        begin(task);
        cuda::multiply_half<kNear, W>(chain, half, s_.own.sources, s_.memory, odd_, task.lead, task.taps);
        const cuda::Vec sum = chain.even + chain.odd;
        float y = 0;
        if (task.then == Work::kGate) {
            y = cuda::gate(sum, {__shfl_down_sync(0xffffffffu, sum.v, GATUN_LANES)}).v;
        } else {
            y = cuda::made(half, s_.memory, odd_, sum).v;
        }
        if (!is_due(task.every)) y = s_.memory[cuda::of_step(task.out, odd_) + thread_];  // what is there is sent again
        send(task).warp(cuda::of_step(task.out, odd_), y, task.live);
    }
    __device__ bool is_due(int32_t every) const {
        if (every == 1) return true;
        const int64_t start = s_.run.each == nullptr ? 0 : s_.run.each[s_.stream].start;
        return (clock_ - start) % every == 0;
    }

    const Sharer& s_;
    const int32_t warp_, thread_, half_;
    int32_t odd_ = 0, passed_ = 0;
    int64_t clock_ = 0;
};

// A stream is shared by the blocks of a cluster. A wave's tasks send what they make to all of them, and whoever has all
// that he waits for goes on: blocks do not wait for each other otherwise.
template <class W>
__device__ __forceinline__ void run_shared(const Program& there, const gatun_step_run& run, const Launch& launch,
                                           const Tables& tables) {
    extern __shared__ float4 shared[];
    const int32_t thread = static_cast<int32_t>(threadIdx.x), threads = static_cast<int32_t>(blockDim.x);
    const int32_t rank = static_cast<int32_t>(blockIdx.x) % launch.blocks;
    const int64_t stream = static_cast<int32_t>(blockIdx.x) / launch.blocks;
    if (run.each != nullptr && run.each[stream].idle != 0) return;  // of all its blocks
    const ClusterLayout layout(there, tables);
    float* memory = reinterpret_cast<float*>(shared);
    char* bytes = reinterpret_cast<char*>(shared);
    copy_tables(tables, rank, bytes + layout.tables);
    __syncthreads();
    const Program program = with_tables(there, tables, bytes + layout.tables);
    const Own own = own_of(tables, bytes + layout.tables);
    const Barriers barriers(program, own, bytes + layout.barriers);
    int32_t* rows = reinterpret_cast<int32_t*>(bytes + layout.rows);
    const Sharer sharer{program, run, own, barriers, memory, rows, stream, launch.blocks};
    const cuda::Block whole{program, run, stream, 1, 1, memory, nullptr, run.first_position};
    for (uint32_t b = barriers.waves + 8 * static_cast<uint32_t>(thread); b <= barriers.kept; b += 8 * threads) {
        make_barrier(b);
    }
    cuda::find_last_rows(program, run.first_position, rows, thread, threads);
    __syncthreads();
    cuda::move_fast(whole, false, thread, threads);
    cuda::bring_last(program, run, stream, rows, memory, thread, threads);
    if (thread < kWarp) cuda::bring_stages(program, own, run, stream, rows, 1, memory, 0, thread);
    await_cluster();
    const int32_t warp = thread / kWarp;
    if (warp < own.workers) {
        Worker<W>(sharer, warp, thread % kWarp).run();
    } else if (warp == own.workers) {
        keep_rings(sharer, thread % kWarp);
    } else if (thread % kWarp == 0) {
        bring(sharer, rank == 0 && stream == 0 ? tables.clocks : nullptr);
    }
    __syncwarp();
    await_cluster();
    if (rank != 0) return;
    cuda::turn_rows(program, rows, thread, threads);
    __syncthreads();
    cuda::keep(program, own, run, stream, rows, memory, static_cast<int32_t>(run.positions - 1) & 1, thread, threads);
    cuda::move_fast(whole, true, thread, threads);
}

#else

// Never called: see allow_clusters.
template <class W>
__device__ void run_shared(const Program&, const gatun_step_run&, const Launch&, const Tables&) {
    __trap();
}

#endif

template <class W>
__global__ void __launch_bounds__(kMostThreads)
    run_cluster(const __grid_constant__ Program program, const __grid_constant__ gatun_step_run run,
                const __grid_constant__ Launch launch, const __grid_constant__ Tables tables) {
    run_shared<W>(program, run, launch, tables);
}

auto* kernel_of(int32_t precision) { return precision == GATUN_BF16 ? run_cluster<uint16_t> : run_cluster<float>; }

// A launch of clusters.
struct Configuration {
    Configuration(const Program& program, const Launch& launch, const Tables& tables, int64_t streams,
                  cudaStream_t stream) {
        attribute.id = cudaLaunchAttributeClusterDimension;
        attribute.val.clusterDim = {static_cast<unsigned>(launch.blocks), 1, 1};
        it.gridDim = dim3(static_cast<unsigned>(streams * launch.blocks));
        it.blockDim = dim3(static_cast<unsigned>(launch.threads));
        it.dynamicSmemBytes = ClusterLayout(program, tables).bytes;
        it.stream = stream;
        it.attrs = &attribute;
        it.numAttrs = 1;
    }
    Configuration(const Configuration&) = delete;
    Configuration& operator=(const Configuration&) = delete;

    cudaLaunchAttribute attribute{};
    cudaLaunchConfig_t it{};
};

}  // namespace

cudaError_t allow_clusters(int most, bool* clusters) {
    cudaFuncAttributes attributes{};
    cudaError_t error = cudaFuncGetAttributes(&attributes, run_cluster<float>);
    *clusters = attributes.ptxVersion >= 90;
    if (error != cudaSuccess || !*clusters) return error;
    for (auto* kernel : {run_cluster<float>, run_cluster<uint16_t>}) {
        error = cudaFuncSetAttribute(kernel, cudaFuncAttributeNonPortableClusterSizeAllowed, 1);
        if (error != cudaSuccess) return error;
        error = cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, most);
        if (error != cudaSuccess) return error;
    }
    return cudaSuccess;
}

cudaError_t count_clusters(int32_t precision, const Program& program, const Launch& launch, const Tables& tables,
                           int* count) {
    const Configuration configuration(program, launch, tables, 1, nullptr);
    return cudaOccupancyMaxActiveClusters(count, kernel_of(precision), &configuration.it);
}

cudaError_t run_clusters(int32_t precision, const Program& program, const gatun_step_run& run, const Launch& launch,
                         const Tables& tables, cudaStream_t stream) {
    const Configuration configuration(program, launch, tables, run.streams, stream);
    return cudaLaunchKernelEx(&configuration.it, kernel_of(precision), program, run, launch, tables);
}

}  // namespace gatun::gpu
