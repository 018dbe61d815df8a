// Half a step: some of a plan's parts, wave by wave.
#pragma once

#include <cuda_runtime_api.h>

#include "cuda/launch.h"

namespace gatun::gpu {

// The run's first step, as far as it is these parts, of a plan without fast memory. All pointers are the device's.
// precision: as in kernel.h.
cudaError_t run_half(int32_t precision, const Program& program, const gatun_step_run& run, const Launch& launch,
                     const Stretch& half, cudaStream_t stream);

// Bytes of a block's own memory that it takes.
inline size_t half_bytes(const Program& program) { return sizeof(int32_t) * static_cast<size_t>(program.slot_count); }

}  // namespace gatun::gpu
