#define GATUN_ISA_LEVEL cuda
#include "cuda/body.h"
#include "cuda/cluster.h"
#include "cuda/cluster_layout.h"
#include "cuda/kernel.h"
#include "cuda/near_tables.h"

namespace gatun::gpu {
namespace {

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
        const bool timed = thread == 0 && blockIdx.x == 0 && step + 1 == run.positions;
        if (timed) tables.clocks[program.wave_count] = clock64();
        for (int32_t wave = 0; wave < program.wave_count; ++wave) {
            cuda::run_wave(block, wave, thread / GATUN_LANES, threads / GATUN_LANES);
            __syncthreads();
            if (timed) tables.clocks[wave] = clock64();
        }
    }
    cuda::move_fast({program, run, first, streams, launch.tile, fast, rows, run.first_position}, true, thread, threads);
}

}  // namespace

size_t shared_bytes(const Program& program, const Launch& launch, const Tables& tables) {
    if (launch.blocks > 0) return ClusterLayout(program, tables).bytes;
    return sizeof(float) * static_cast<size_t>(program.fast_floats * launch.streams) +
           static_cast<size_t>(tables.bytes) + sizeof(int32_t) * 2 * static_cast<size_t>(program.slot_count);
}

cudaError_t allow_shared(int device, size_t* bytes, bool* clusters) {
    int most = 0;
    cudaError_t error = cudaDeviceGetAttribute(&most, cudaDevAttrMaxSharedMemoryPerBlockOptin, device);
    if (error != cudaSuccess) return error;
    *bytes = static_cast<size_t>(most);
    error = cudaFuncSetAttribute(run_block, cudaFuncAttributeMaxDynamicSharedMemorySize, most);
    return error != cudaSuccess ? error : allow_clusters(most, clusters);
}

cudaError_t run_steps(const Program& program, const gatun_step_run& run, const Launch& launch, const Tables& tables,
                      cudaStream_t stream) {
    if (launch.blocks > 0) return run_clusters(program, run, launch, tables, stream);
    const int64_t blocks = (run.streams + launch.streams - 1) / launch.streams;
    run_block<<<static_cast<unsigned>(blocks), static_cast<unsigned>(launch.threads),
                shared_bytes(program, launch, tables), stream>>>(program, run, launch, tables);
    return cudaGetLastError();
}

}  // namespace gatun::gpu
