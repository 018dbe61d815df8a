// How many streams share the reading of a weight, where weights lie in a block's own memory.
#pragma once

#include "cuda/plan.h"

namespace gatun::gpu {

// For each wave's products the tile that takes the least time by what a multiprocessor does in a cycle; into the plan's
// parts, of which staging.h has said how many blocks a turn has. groups: of sixteen threads.
void choose_tiles(Plan& plan, int32_t streams, int32_t groups);

}  // namespace gatun::gpu
