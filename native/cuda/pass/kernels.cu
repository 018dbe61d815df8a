#define GATUN_ISA_LEVEL cuda
#include "cuda/pass/bodies.h"
#include "cuda/pass/kernels.h"

namespace gatun::gpu {
namespace {

inline constexpr int kThreads = 256;

template <JobKind kKind>
__device__ void run(const Job& job, int64_t task);

#define GATUN_JOB(kind)                                                                 \
    template <>                                                                         \
    [[maybe_unused]] __device__ void run<JobKind::kind>(const Job& job, int64_t task) { \
        cuda::run_##kind(job, task);                                                    \
    }
GATUN_JOBS(GATUN_JOB)
#undef GATUN_JOB

// Sixteen threads, half a warp, are a task.
template <JobKind kKind>
__global__ void __launch_bounds__(kThreads) run_tasks(const __grid_constant__ Job job) {
    const int64_t task = (int64_t{blockIdx.x} * kThreads + threadIdx.x) / GATUN_LANES;
    if (task < job.tasks) run<kKind>(job, task);
}

// A block of threads is one.
template <class Tile>
__global__ void __launch_bounds__(Tile::kThreads, Tile::kAtOnce) run_tiles(const __grid_constant__ Job job) {
    __shared__ typename Tile::Shared shared;
    Tile::run(job, blockIdx.x, shared);
}

}  // namespace

cudaError_t run_job(const Job& job, cudaStream_t stream) {
    if (job.tasks > INT32_MAX / GATUN_LANES * int64_t{kThreads}) return cudaErrorInvalidConfiguration;
    const auto blocks = static_cast<unsigned>((job.tasks * GATUN_LANES + kThreads - 1) / kThreads);
    switch (job.kind) {
#define GATUN_JOB(kind)                                                 \
    case JobKind::kind:                                                 \
        run_tasks<JobKind::kind><<<blocks, kThreads, 0, stream>>>(job); \
        break;
        GATUN_JOBS(GATUN_JOB)
#undef GATUN_JOB
#define GATUN_TILE(tile)                                                                                   \
    case JobKind::k##tile:                                                                                 \
        run_tiles<cuda::tile><<<static_cast<unsigned>(job.tasks), cuda::tile::kThreads, 0, stream>>>(job); \
        break;
        GATUN_TILES(GATUN_TILE)
#undef GATUN_TILE
    }
    return cudaGetLastError();
}

}  // namespace gatun::gpu
