// Which instructions of a grid's program may be one step.
#pragma once

#include "gatun.h"

namespace gatun::gpu::grids {

// Whether an instruction may be made by the threads that made those from `first` on before it, without waiting for
// others: each of its features at a place is made of what the same lane of the same task wrote, or nobody of them.
bool joins(const gatun_grid_program& program, int32_t first, int32_t next);

}  // namespace gatun::gpu::grids
