// The kernels that run step programs.
#pragma once

#include <cuda_runtime_api.h>

#include "cuda/delay.h"
#include "cuda/launch.h"
#include "cuda/tables.h"

namespace gatun::gpu {

// Bytes of fast memory that a block of a launch takes.
size_t shared_bytes(const Program& program, const Launch& launch, const Tables& tables);

// Raises what the kernels may take of fast memory; the most that they may, and whether blocks can share a stream.
cudaError_t allow_shared(int device, size_t* bytes, bool* clusters);

// How many streams can run at once, each shared by so many blocks. Here and below precision is what the program's
// weights are kept in: kernels are compiled for each, GATUN_F32 and GATUN_BF16.
cudaError_t count_clusters(int32_t precision, const Program& program, const Launch& launch, const Tables& tables,
                           int* count);

// All pointers are the device's. Blocks for all of the run's streams.
cudaError_t run_steps(int32_t precision, const Program& program, const gatun_step_run& run, const Launch& launch,
                      const Tables& tables, cudaStream_t stream);

// Turns a stream's rings.
cudaError_t delay_stream(const Delay& delay, cudaStream_t stream);

}  // namespace gatun::gpu
