#define GATUN_ISA_LEVEL cuda
#include "cuda/grid/body.h"
#include "cuda/grid/kernel.h"
#include "cuda/launch.h"

namespace gatun::gpu::grids {
namespace {

constexpr size_t kLine = 16;

// What a block's own memory holds, one behind the other: in bytes from its beginning.
struct Layout {
    size_t fast, scratch, offsets, steps, tables, end;

    __host__ __device__ Layout(const Program& program, const Launch& launch, const Tables& tables) {
        const auto streams = static_cast<size_t>(launch.streams);
        fast = 0;
        scratch = sizeof(float) * static_cast<size_t>(program.fast_floats) * streams;
        steps =
            scratch + (tables.scratch != 0 ? sizeof(float) * static_cast<size_t>(program.scratch_floats) : 0) * streams;
        offsets = steps + (2 * sizeof(cuda::grids::Step) + kLine - 1) / kLine * kLine;
        this->tables =
            offsets + (2 * sizeof(int64_t) * static_cast<size_t>(program.most_taps) + kLine - 1) / kLine * kLine;
        end = this->tables + (tables.near != 0 ? static_cast<size_t>(tables.bytes) : 0);
    }
};

__device__ void copy_tables(const Tables& tables, void* to) {
    const auto* from = static_cast<const uint4*>(tables.from);
    for (int32_t i = static_cast<int32_t>(threadIdx.x); i < tables.bytes / 16; i += static_cast<int32_t>(blockDim.x)) {
        static_cast<uint4*>(to)[i] = from[i];
    }
}

// All threads of a block wait for each other, wherever they are.
__device__ void await_block() {
    __syncwarp();  // halves of a warp may have had tasks of their own
    asm volatile("bar.sync 1, %0;" ::"r"(blockDim.x) : "memory");
}

// The block's warp that prepares what the others run next.
__device__ void prepare(const cuda::grids::Block& block, const Run& run, cuda::grids::Step* steps, int64_t* offsets,
                        int32_t lane) {
    cuda::grids::Cursor cursor(block.program, run);
    for (int32_t turn = 0, last = 0; last == 0; turn ^= 1) {
        if (cursor.next()) {
            cuda::grids::Bringer(block, cursor, steps[turn], offsets + turn * block.program.most_taps).bring(lane);
        } else {
            last = 1;
            if (lane == 0) steps[turn].last = 1;
        }
        await_block();
    }
}

// The others: group by group of sixteen.
template <class W>
__device__ void run_all(const cuda::grids::Block& block, const cuda::grids::Step* steps, const int64_t* offsets,
                        int32_t group, int32_t groups) {
    await_block();
    for (int32_t turn = 0; steps[turn].last == 0; turn ^= 1) {
        cuda::grids::run_step<W>(block, steps[turn], offsets + turn * block.program.most_taps, group, groups);
        await_block();
    }
}

// A block has its streams from the first step to the last. While its threads run a step, its last warp prepares the
// next. W: as in products.h.
template <class W>
__global__ void __launch_bounds__(kMostThreads)
    run_block(const __grid_constant__ Program there, const __grid_constant__ Run run_there,
              const __grid_constant__ Launch launch, const __grid_constant__ Tables tables) {
    extern __shared__ uint4 shared[];
    // What every task looks at lies here once: of what threads have each for themselves a multiprocessor's cache holds
    // little.
    __shared__ Program program;
    __shared__ Run run;
    static_assert(sizeof program + sizeof run <= kOwnBytes);
    char* own = reinterpret_cast<char*>(shared);
    const Layout at(there, launch, tables);
    const auto thread = static_cast<int32_t>(threadIdx.x), threads = static_cast<int32_t>(blockDim.x);
    if (tables.near != 0) copy_tables(tables, own + at.tables);
    if (thread == 0) {
        program = with_tables(there, tables, tables.near != 0 ? own + at.tables : tables.from);
        run = run_there;
    }
    __syncthreads();
    const int64_t first = int64_t{blockIdx.x} * launch.streams, left = run.streams - first;
    const cuda::grids::Block block{program,
                                   run,
                                   first,
                                   static_cast<int32_t>(left < launch.streams ? left : launch.streams),
                                   reinterpret_cast<float*>(own + at.fast),
                                   tables.scratch != 0 ? reinterpret_cast<float*>(own + at.scratch)
                                                       : run.scratch + first * program.scratch_floats};
    auto* steps = reinterpret_cast<cuda::grids::Step*>(own + at.steps);
    auto* offsets = reinterpret_cast<int64_t*>(own + at.offsets);
    const int32_t workers = threads - kWarp;
    cuda::grids::move_fast(block, false, thread, threads);
    if (thread >= workers) {
        prepare(block, run, steps, offsets, thread - workers);
    } else {
        run_all<W>(block, steps, offsets, thread / GATUN_LANES, workers / GATUN_LANES);
    }
    __syncthreads();
    cuda::grids::move_fast(block, true, thread, threads);
}

}  // namespace

size_t shared_bytes(const Program& program, const Launch& launch, const Tables& tables) {
    return Layout(program, launch, tables).end;
}

cudaError_t allow_shared(int bytes) {
    for (auto* kernel : {run_block<float>, run_block<uint16_t>}) {
        const cudaError_t error = cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, bytes);
        if (error != cudaSuccess) return error;
    }
    return cudaSuccess;
}

cudaError_t run_steps(int32_t precision, const Program& program, const Run& run, const Launch& launch,
                      const Tables& tables, cudaStream_t stream) {
    const int64_t blocks = (run.streams + launch.streams - 1) / launch.streams;
    auto* kernel = precision == GATUN_BF16 ? run_block<uint16_t> : run_block<float>;
    kernel<<<static_cast<unsigned>(blocks), static_cast<unsigned>(launch.threads),
             shared_bytes(program, launch, tables), stream>>>(program, run, launch, tables);
    return cudaGetLastError();
}

}  // namespace gatun::gpu::grids
