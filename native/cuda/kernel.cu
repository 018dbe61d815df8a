#define GATUN_ISA_LEVEL cuda
#include "cuda/block_layout.h"
#include "cuda/body.h"
#include "cuda/cluster.h"
#include "cuda/cluster_layout.h"
#include "cuda/copier.h"
#include "cuda/kernel.h"
#include "cuda/near_tables.h"

namespace gatun::gpu {
namespace {

// A block owns its streams from the first step to the last: nothing is waited for but its own threads. W: as in
// products.h.
template <class W>
__global__ void __launch_bounds__(kMostThreads)
    run_block(const __grid_constant__ Program there, const __grid_constant__ gatun_step_run run_there,
              const __grid_constant__ Launch launch, const __grid_constant__ Tables tables) {
    extern __shared__ float4 shared[];
    // What every task looks at lies here once: of what threads have each for themselves a multiprocessor's cache holds
    // little.
    __shared__ Program program;
    __shared__ gatun_step_run run;
    static_assert(sizeof program + sizeof run <= kOwnBytes);
    const int32_t thread = static_cast<int32_t>(threadIdx.x), threads = static_cast<int32_t>(blockDim.x);
    const int64_t first = int64_t{blockIdx.x} * launch.streams;
    const int64_t left = run_there.streams - first;
    const int32_t streams = static_cast<int32_t>(left < launch.streams ? left : launch.streams);
    const BlockLayout layout(there, launch, tables);
    float* fast = reinterpret_cast<float*>(shared);
    char* bytes = reinterpret_cast<char*>(shared);
    float* near = reinterpret_cast<float*>(bytes + layout.near);
    int32_t* rows = reinterpret_cast<int32_t*>(bytes + layout.rows);
    // The last warp copies ahead, and has no tasks if there is another one.
    const bool staged = launch.staged != 0, copies = staged && thread >= threads - kWarp;
    const int32_t workers = staged && threads > kWarp ? threads - kWarp : threads;
    copy_tables(tables, 0, bytes + layout.tables);
    if (thread == 0) {
        program = with_tables(there, tables, bytes + layout.tables);
        run = run_there;
    }
    __syncthreads();
    const Copier copier(tables, bytes + layout.tables, near, bytes + layout.barriers);
    const int32_t* taps_at = staged ? copier.taps_at() : nullptr;
    const auto block_at = [&](const int32_t* newest, int64_t step) {
        return cuda::Block{program, run,  first,  streams, launch.tile, fast, newest, run.first_position + step,
                           nullptr, near, taps_at};
    };
    const int32_t turns = staged ? tables.ahead.turn_count : program.wave_count;
    if (staged) copier.make_barriers(thread, threads);
    cuda::find_rows(program, run.first_position, rows, thread, threads);
    cuda::move_fast(block_at(rows, 0), false, thread, threads);
    __syncthreads();
    for (int64_t step = 0; step < run.positions; ++step) {
        int32_t* newest = rows + (step & 1) * program.slot_count;
        int32_t* next = rows + (~step & 1) * program.slot_count;
        cuda::turn_rings(program, newest, next, thread, threads);
        cuda::Block block = block_at(newest, step);
        const bool last = step + 1 == run.positions, timed = last && thread == 0 && blockIdx.x == 0;
        if (timed) tables.clocks[program.wave_count] = clock64();
        for (int32_t turn = 0; turn < turns; ++turn) {
            int32_t wave = turn;
            if (staged) {
                const Turn own = copier.turn(turn);
                wave = own.wave;
                block.round = own.round;
                block.near = near + own.near;
                if (copies) copier.begin(block, turn, step, last);
                if (own.staged != 0 && thread < workers) copier.wait(turn, step);
            }
            const bool ends = turn + 1 == turns;  // a step, with a barrier in any case
            if (ends || cuda::is_due(block, wave)) {
                if (thread < workers) cuda::run_wave<W>(block, wave, thread / GATUN_LANES, workers / GATUN_LANES);
                if (staged && ends) copier.end_step();
                __syncthreads();
            }
            if (timed) tables.clocks[wave] = clock64();
        }
    }
    cuda::move_fast(block_at(rows, 0), true, thread, threads);
}

}  // namespace

size_t shared_bytes(const Program& program, const Launch& launch, const Tables& tables) {
    if (launch.blocks > 0) return ClusterLayout(program, tables).bytes;
    return BlockLayout(program, launch, tables).bytes;
}

cudaError_t allow_shared(int device, size_t* bytes, bool* clusters) {
    int most = 0;
    cudaError_t error = cudaDeviceGetAttribute(&most, cudaDevAttrMaxSharedMemoryPerBlockOptin, device);
    if (error != cudaSuccess) return error;
    most -= kOwnBytes;
    *bytes = static_cast<size_t>(most);
    for (auto* kernel : {run_block<float>, run_block<uint16_t>}) {
        error = cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, most);
        if (error != cudaSuccess) return error;
    }
    return allow_clusters(most, clusters);
}

cudaError_t run_steps(int32_t precision, const Program& program, const gatun_step_run& run, const Launch& launch,
                      const Tables& tables, cudaStream_t stream) {
    if (launch.blocks > 0) return run_clusters(precision, program, run, launch, tables, stream);
    const int64_t blocks = (run.streams + launch.streams - 1) / launch.streams;
    auto* kernel = precision == GATUN_BF16 ? run_block<uint16_t> : run_block<float>;
    kernel<<<static_cast<unsigned>(blocks), static_cast<unsigned>(launch.threads),
             shared_bytes(program, launch, tables), stream>>>(program, run, launch, tables);
    return cudaGetLastError();
}

}  // namespace gatun::gpu
