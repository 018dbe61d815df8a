#define GATUN_ISA_LEVEL cuda
#include "cuda/body.h"
#include "cuda/half.h"

namespace gatun::gpu {
namespace {

// W: as in products.h.
template <class W>
__global__ void __launch_bounds__(kMostThreads)
    run_stretch(const __grid_constant__ Program there, const __grid_constant__ gatun_step_run run_there,
                const __grid_constant__ Launch launch, const __grid_constant__ Stretch half) {
    extern __shared__ int32_t rows[];
    // As in the kernel of whole steps, what every task looks at lies here once.
    __shared__ Program program;
    __shared__ gatun_step_run run;
    static_assert(sizeof program + sizeof run <= kOwnBytes);
    const auto thread = static_cast<int32_t>(threadIdx.x), threads = static_cast<int32_t>(blockDim.x);
    const int64_t first = int64_t{blockIdx.x} * launch.streams, left = run_there.streams - first;
    const auto streams = static_cast<int32_t>(left < launch.streams ? left : launch.streams);
    if (thread == 0) {
        program = there;
        run = run_there;
    }
    __syncthreads();
    cuda::find_rows(program, run.first_position, rows, thread, threads);
    __syncthreads();
    const cuda::Block block{program, run, first, streams, launch.tile, nullptr, rows, run.first_position};
    for (int32_t wave = 0; wave < program.wave_count; ++wave) {
        if (!cuda::is_due(block, wave)) continue;
        cuda::run_wave<W>(block, wave, half, thread / GATUN_LANES, threads / GATUN_LANES);
        __syncthreads();
    }
}

}  // namespace

cudaError_t run_half(int32_t precision, const Program& program, const gatun_step_run& run, const Launch& launch,
                     const Stretch& half, cudaStream_t stream) {
    const int64_t blocks = (run.streams + launch.streams - 1) / launch.streams;
    auto* kernel = precision == GATUN_BF16 ? run_stretch<uint16_t> : run_stretch<float>;
    kernel<<<static_cast<unsigned>(blocks), static_cast<unsigned>(launch.threads), half_bytes(program), stream>>>(
        program, run, launch, half);
    return cudaGetLastError();
}

}  // namespace gatun::gpu
