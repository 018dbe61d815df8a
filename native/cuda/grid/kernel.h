// The kernel that runs programs of grids.
#pragma once

#include <cuda_runtime_api.h>

#include "cuda/grid/plan.h"
#include "cuda/grid/run.h"

namespace gatun::gpu::grids {

// A program's tables in one piece: where each of them lies there, in bytes.
struct Tables {
    const void* from;  // on the device
    int32_t bytes;     // a multiple of 16
    int32_t whens, operations, slots, taps, ends;
    int32_t near;     // 1: blocks copy them into their own memory
    int32_t scratch;  // 1: what a draw needs lies in the blocks' own memory; 0: in the run's
};

// Bytes of fast memory that a block of a launch takes.
size_t shared_bytes(const Program& program, const Launch& launch, const Tables& tables);

// All pointers are the device's. Blocks for all of the run's streams. precision: what affine maps' weights are kept in,
// GATUN_F32 or GATUN_BF16.
cudaError_t run_steps(int32_t precision, const Program& program, const Run& run, const Launch& launch,
                      const Tables& tables, cudaStream_t stream);

// Raises what the kernel may take of fast memory.
cudaError_t allow_shared(int bytes);

// The program with its tables at a place.
#if defined(__CUDACC__)
__host__ __device__
#endif
    inline Program
    with_tables(const Program& program, const Tables& tables, const void* at) {
    const char* from = static_cast<const char*>(at);
    Program own = program;
    own.whens = reinterpret_cast<const When*>(from + tables.whens);
    own.operations = reinterpret_cast<const Operation*>(from + tables.operations);
    own.slots = reinterpret_cast<const Slot*>(from + tables.slots);
    own.taps = reinterpret_cast<const gatun_tap*>(from + tables.taps);
    own.section_ends = reinterpret_cast<const int32_t*>(from + tables.ends);
    return own;
}

}  // namespace gatun::gpu::grids
