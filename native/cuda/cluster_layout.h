// A block's own memory where several share a stream: slots, what is brought, tables, rows of rings, barriers.
#pragma once

#include "cuda/tables.h"

namespace gatun::gpu {

struct ClusterLayout {
    size_t tables, rows, barriers, bytes;

#if defined(__CUDACC__)
    __host__ __device__
#endif
    ClusterLayout(const Program& program, const Tables& all)
        : tables(sizeof(float) * static_cast<size_t>(all.own.floats)),
          rows(tables + static_cast<size_t>(all.bytes)),
          barriers(rows + (sizeof(int32_t) * static_cast<size_t>(program.slot_count) + 15) / 16 * 16),
          bytes(barriers + sizeof(uint64_t) * static_cast<size_t>(program.wave_count + all.own.barrier_count + 2)) {
    }
};

}  // namespace gatun::gpu
