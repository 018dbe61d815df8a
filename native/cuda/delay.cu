#define GATUN_ISA_LEVEL cuda
#include "cuda/kernel.h"
#include "cuda/turn.h"

namespace gatun::gpu {
namespace {

constexpr unsigned kThreads = 256;

// A block a ring.
__global__ void turn_rings(const __grid_constant__ Delay delay) {
    const auto slot = static_cast<int32_t>(blockIdx.x);
    const auto thread = static_cast<int32_t>(threadIdx.x), threads = static_cast<int32_t>(blockDim.x);
    cuda::turn_ring(delay, slot, false, thread, threads);
    __syncthreads();
    cuda::turn_ring(delay, slot, true, thread, threads);
}

}  // namespace

cudaError_t delay_stream(const Delay& delay, cudaStream_t stream) {
    if (delay.slot_count == 0) return cudaSuccess;
    turn_rings<<<static_cast<unsigned>(delay.slot_count), kThreads, 0, stream>>>(delay);
    return cudaGetLastError();
}

}  // namespace gatun::gpu
