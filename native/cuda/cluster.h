// The kernel that runs streams each of which several blocks share.
#pragma once

#include <cuda_runtime_api.h>

#include "cuda/launch.h"
#include "cuda/tables.h"

namespace gatun::gpu {

// Raises what it may take; whether the device has clusters.
cudaError_t allow_clusters(int most, bool* clusters);

cudaError_t run_clusters(int32_t precision, const Program& program, const gatun_step_run& run, const Launch& launch,
                         const Tables& tables, cudaStream_t stream);

}  // namespace gatun::gpu
