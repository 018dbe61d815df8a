#define GATUN_ISA_LEVEL cuda
#include "cuda/kernel.h"
#include "cuda/spread.h"

namespace gatun::gpu {
namespace {

__device__ void copy_tables(const Tables& tables, int32_t piece, void* to) {
    const auto* from = reinterpret_cast<const uint4*>(static_cast<const char*>(tables.from) + piece * tables.bytes);
    const int32_t count = tables.bytes / static_cast<int32_t>(sizeof(uint4));
    for (int32_t i = static_cast<int32_t>(threadIdx.x); i < count; i += static_cast<int32_t>(blockDim.x)) {
        static_cast<uint4*>(to)[i] = from[i];
    }
}

template <class T>
__device__ const T* table(const char* near, int32_t at) {
    return reinterpret_cast<const T*>(near + at);
}

// The program as it is walked with tables in the block's own memory.
__device__ Program with_tables(const Program& program, const Tables& tables, const char* near) {
    Program own = program;
    if (tables.from == nullptr) return own;
    own.parts = table<Part>(near, tables.parts);
    own.waves = table<int32_t>(near, tables.waves);
    own.slots = table<Slot>(near, tables.slots);
    own.distances = table<int32_t>(near, tables.distances);
    return own;
}

// Of clusters alone, which older devices have not.
[[maybe_unused]] __device__ Own own_of(const Tables& tables, const char* near) {
    Own own = tables.own;
    own.tasks = table<Task>(near, tables.tasks);
    own.first = table<int32_t>(near, tables.first);
    own.stages = table<Stage>(near, tables.stages);
    own.staged_at = table<int32_t>(near, tables.staged_at);
    return own;
}

// A block owns its streams from the first step to the last: nothing is waited for but its own threads.
__global__ void __launch_bounds__(kMostThreads)
    run_block(const __grid_constant__ Program there, const __grid_constant__ gatun_step_run run,
              const __grid_constant__ Launch launch, const __grid_constant__ Tables tables) {
    extern __shared__ float4 shared[];
    const int32_t thread = static_cast<int32_t>(threadIdx.x), threads = static_cast<int32_t>(blockDim.x);
    const int64_t first = int64_t{blockIdx.x} * launch.streams;
    const int64_t left = run.streams - first;
    const int32_t streams = static_cast<int32_t>(left < launch.streams ? left : launch.streams);
    float* fast = reinterpret_cast<float*>(shared);
    char* near = reinterpret_cast<char*>(fast + there.fast_floats * launch.streams);
    int32_t* rows = reinterpret_cast<int32_t*>(near + tables.bytes);
    copy_tables(tables, 0, near);
    __syncthreads();
    const Program program = with_tables(there, tables, near);
    cuda::find_rows(program, run.first_position, rows, thread, threads);
    cuda::move_fast({program, run, first, streams, launch.tile, fast, rows, run.first_position}, false, thread,
                    threads);
    __syncthreads();
    for (int64_t step = 0; step < run.positions; ++step) {
        int32_t* newest = rows + (step & 1) * program.slot_count;
        int32_t* next = rows + (~step & 1) * program.slot_count;
        cuda::turn_rings(program, newest, next, thread, threads);
        const cuda::Block block{program, run, first, streams, launch.tile, fast, newest, run.first_position + step};
        for (int32_t wave = 0; wave < program.wave_count; ++wave) {
            cuda::run_wave(block, wave, thread / GATUN_LANES, threads / GATUN_LANES);
            __syncthreads();
        }
    }
    cuda::move_fast({program, run, first, streams, launch.tile, fast, rows, run.first_position}, true, thread, threads);
}

#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 900

// Where a block of the same cluster has what this one has here.
__device__ float* peer(float* own, int32_t rank) {
    uint64_t there;
    asm("mapa.u64 %0, %1, %2;" : "=l"(there) : "l"(own), "r"(rank));
    return reinterpret_cast<float*>(there);
}

// What each thread stored is there for all of a cluster.
__device__ void await_all(int32_t blocks) {
    if (blocks == 1) return __syncthreads();
    asm volatile("barrier.cluster.arrive.release;\n\tbarrier.cluster.wait.acquire;" ::: "memory");
}

// A stream is shared by the blocks of a cluster, which wait for each other behind each wave.
__device__ void run_shared(const Program& there, const gatun_step_run& run, const Launch& launch,
                           const Tables& tables) {
    extern __shared__ float4 shared[];
    const int32_t thread = static_cast<int32_t>(threadIdx.x), threads = static_cast<int32_t>(blockDim.x);
    const int32_t rank = static_cast<int32_t>(blockIdx.x) % launch.blocks;
    const int64_t first = static_cast<int32_t>(blockIdx.x) / launch.blocks;
    float* fast = reinterpret_cast<float*>(shared);
    const cuda::Near memory(fast + there.fast_floats, tables.own);
    char* near = reinterpret_cast<char*>(memory.buffers + 2 * tables.own.stream_floats);
    int32_t* rows = reinterpret_cast<int32_t*>(near + tables.bytes);
    auto** peers = reinterpret_cast<float**>(rows + 2 * there.slot_count);
    copy_tables(tables, rank, near);
    if (thread < launch.blocks) peers[thread] = peer(fast, thread);
    __syncthreads();
    const Program program = with_tables(there, tables, near);
    const Own own = own_of(tables, near);
    const auto block = [&](const int32_t* newest, int64_t clock) {
        return cuda::Block{program,       run,           first,        1, 1, fast, newest, clock, peers,
                           launch.blocks, own.staged_at, memory.staged};
    };
    cuda::find_rows(program, run.first_position, rows, thread, threads);
    cuda::move_fast(block(rows, run.first_position), false, thread, threads);
    cuda::bring(program, own, 0, own.first[program.wave_count], Place::kNear, memory.weights, thread, threads);
    cuda::bring_wave(program, own, memory, 0, 0, thread, threads);
    cuda::await_copies();
    await_all(launch.blocks);
    // Neighbouring tasks to different warps: halves of one take turns where they differ.
    const int32_t warps = threads / 32, group = thread % 32 / GATUN_LANES * warps + thread / 32;
    int64_t turn = 0;
    for (int64_t step = 0; step < run.positions; ++step) {
        int32_t* newest = rows + (step & 1) * program.slot_count;
        cuda::turn_rings(program, newest, rows + (~step & 1) * program.slot_count, thread, threads);
        const cuda::Block own_block = block(newest, run.first_position + step);
        cuda::bring_stages(own_block, own, memory, group, 2 * warps);
        __syncthreads();
        for (int32_t wave = 0; wave < program.wave_count; ++wave, ++turn) {
            const int32_t next = wave + 1 == program.wave_count ? 0 : wave + 1;
            cuda::bring_wave(program, own, memory, next, turn + 1, thread, threads);
            cuda::run_own(own_block, own, memory, wave, turn, group, 2 * warps);
            cuda::await_copies();
            __syncwarp();
            await_all(launch.blocks);
        }
    }
    if (rank == 0) cuda::move_fast(block(rows, run.first_position), true, thread, threads);
}

#else

// Never called: see allow_shared.
__device__ void run_shared(const Program&, const gatun_step_run&, const Launch&, const Tables&) { __trap(); }

#endif

__global__ void __launch_bounds__(kMostThreads)
    run_cluster(const __grid_constant__ Program program, const __grid_constant__ gatun_step_run run,
                const __grid_constant__ Launch launch, const __grid_constant__ Tables tables) {
    run_shared(program, run, launch, tables);
}

// A launch of clusters.
struct Configuration {
    Configuration(const Program& program, const Launch& launch, const Tables& tables, int64_t streams,
                  cudaStream_t stream) {
        attribute.id = cudaLaunchAttributeClusterDimension;
        attribute.val.clusterDim = {static_cast<unsigned>(launch.blocks), 1, 1};
        it.gridDim = dim3(static_cast<unsigned>(streams * launch.blocks));
        it.blockDim = dim3(static_cast<unsigned>(launch.threads));
        it.dynamicSmemBytes = shared_bytes(program, launch, tables);
        it.stream = stream;
        it.attrs = &attribute;
        it.numAttrs = 1;
    }
    Configuration(const Configuration&) = delete;
    Configuration& operator=(const Configuration&) = delete;

    cudaLaunchAttribute attribute{};
    cudaLaunchConfig_t it{};
};

cudaError_t allow_clusters(int most, bool* clusters) {
    cudaFuncAttributes attributes{};
    cudaError_t error = cudaFuncGetAttributes(&attributes, run_cluster);
    *clusters = attributes.ptxVersion >= 90;
    if (error != cudaSuccess || !*clusters) return error;
    error = cudaFuncSetAttribute(run_cluster, cudaFuncAttributeNonPortableClusterSizeAllowed, 1);
    if (error != cudaSuccess) return error;
    return cudaFuncSetAttribute(run_cluster, cudaFuncAttributeMaxDynamicSharedMemorySize, most);
}

}  // namespace

size_t shared_bytes(const Program& program, const Launch& launch, const Tables& tables) {
    size_t bytes = sizeof(float) * static_cast<size_t>(program.fast_floats * launch.streams) +
                   static_cast<size_t>(tables.bytes) + sizeof(int32_t) * 2 * static_cast<size_t>(program.slot_count);
    if (launch.blocks == 0) return bytes;
    const Own& own = tables.own;
    const int64_t floats = int64_t{own.staged_floats} + own.near_floats + 2 * int64_t{own.stream_floats};
    return bytes + sizeof(float) * static_cast<size_t>(floats) + sizeof(float*) * static_cast<size_t>(launch.blocks);
}

cudaError_t allow_shared(int device, size_t* bytes, bool* clusters) {
    int most = 0;
    cudaError_t error = cudaDeviceGetAttribute(&most, cudaDevAttrMaxSharedMemoryPerBlockOptin, device);
    if (error != cudaSuccess) return error;
    *bytes = static_cast<size_t>(most);
    error = cudaFuncSetAttribute(run_block, cudaFuncAttributeMaxDynamicSharedMemorySize, most);
    return error != cudaSuccess ? error : allow_clusters(most, clusters);
}

cudaError_t count_clusters(const Program& program, const Launch& launch, const Tables& tables, int* count) {
    const Configuration configuration(program, launch, tables, 1, nullptr);
    return cudaOccupancyMaxActiveClusters(count, run_cluster, &configuration.it);
}

cudaError_t run_steps(const Program& program, const gatun_step_run& run, const Launch& launch, const Tables& tables,
                      cudaStream_t stream) {
    if (launch.blocks > 0) {
        const Configuration configuration(program, launch, tables, run.streams, stream);
        return cudaLaunchKernelEx(&configuration.it, run_cluster, program, run, launch, tables);
    }
    const int64_t blocks = (run.streams + launch.streams - 1) / launch.streams;
    run_block<<<static_cast<unsigned>(blocks), static_cast<unsigned>(launch.threads),
                shared_bytes(program, launch, tables), stream>>>(program, run, launch, tables);
    return cudaGetLastError();
}

}  // namespace gatun::gpu
