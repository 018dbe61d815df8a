// A block's own memory where it has its streams alone: slots, what is copied ahead, tables, barriers, rows of rings.
#pragma once

#include "cuda/launch.h"
#include "cuda/tables.h"

namespace gatun::gpu {

struct BlockLayout {
    size_t near, tables, barriers, rows, bytes;

#if defined(__CUDACC__)
    __host__ __device__
#endif
    BlockLayout(const Program& program, const Launch& launch, const Tables& all)
        : near(sizeof(float) * static_cast<size_t>(program.fast_floats * launch.streams)),
          tables(near + sizeof(float) * static_cast<size_t>(launch.staged != 0 ? all.ahead.floats : 0)),
          barriers(tables + static_cast<size_t>(all.bytes)),
          rows(barriers + sizeof(uint64_t) * static_cast<size_t>(launch.staged != 0 ? all.ahead.turn_count : 0)),
          bytes(rows + sizeof(int32_t) * 2 * static_cast<size_t>(program.slot_count)) {
    }
};

}  // namespace gatun::gpu
