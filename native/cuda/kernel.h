// The kernel that runs step programs.
#pragma once

#include <cuda_runtime_api.h>

#include "cuda/launch.h"
#include "cuda/plan.h"

namespace gatun::gpu {

// Bytes of fast memory that a block of a launch takes.
size_t shared_bytes(const Program& program, const Launch& launch);

// Raises what the kernel may take of fast memory; the most that it may.
cudaError_t allow_shared(int device, size_t* bytes);

// All pointers are the device's. Blocks for all of the run's streams.
cudaError_t run_steps(const Program& program, const gatun_step_run& run, const Launch& launch, cudaStream_t stream);

}  // namespace gatun::gpu
