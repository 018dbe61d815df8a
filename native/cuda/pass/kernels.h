// The kernels that run jobs.
#pragma once

#include <cuda_runtime_api.h>

#include "cuda/pass/job.h"

namespace gatun::gpu {

cudaError_t run_job(const Job& job, cudaStream_t stream);

}  // namespace gatun::gpu
