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

}  // namespace

cudaError_t run_job(const Job& job, cudaStream_t stream) {
    const int64_t blocks = (job.tasks * GATUN_LANES + kThreads - 1) / kThreads;
    if (blocks > INT32_MAX) return cudaErrorInvalidConfiguration;
    switch (job.kind) {
#define GATUN_JOB(kind)                                                                        \
    case JobKind::kind:                                                                        \
        run_tasks<JobKind::kind><<<static_cast<unsigned>(blocks), kThreads, 0, stream>>>(job); \
        break;
        GATUN_JOBS(GATUN_JOB)
#undef GATUN_JOB
    }
    return cudaGetLastError();
}

}  // namespace gatun::gpu
