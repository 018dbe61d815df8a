// What the kinds of instructions are on a grid: how each runs, and what its operands must be.
#pragma once

#include "step/grid/checker.h"
#include "step/grid/walk.h"

namespace gatun::grid {

struct Kind {
    void (*run)(const Walk&, const gatun_grid_operation&, const Places&) = nullptr;
    void (*check)(Checker&, const gatun_grid_operation&) = nullptr;
    bool reads = true;       // has an input slot
    bool writes = true;      // has an output slot
    bool in_place = false;   // may read what it writes
    bool chains = false;     // may leave and carry on chains
    bool drawn = false;      // belongs to a pixel's draw or follows it: has no place in a row's beginning or end
    bool by_column = false;  // what it does depends on the column
    bool keeps = false;      // its argument is a slot of what it keeps, which taps[1] reads
};

// A kind's row, or null where there is no such kind on grids.
const Kind* kind_of(int32_t kind);

#define GATUN_GRID_FUNCTIONS(name)                                            \
    void run_##name(const Walk&, const gatun_grid_operation&, const Places&); \
    void check_##name(Checker&, const gatun_grid_operation&);

GATUN_GRID_FUNCTIONS(affine)
GATUN_GRID_FUNCTIONS(lookup)
GATUN_GRID_FUNCTIONS(activation)
GATUN_GRID_FUNCTIONS(gate)
GATUN_GRID_FUNCTIONS(concat_elu)
GATUN_GRID_FUNCTIONS(linear_gate)
GATUN_GRID_FUNCTIONS(sum)
GATUN_GRID_FUNCTIONS(copy)
GATUN_GRID_FUNCTIONS(broadcast)
GATUN_GRID_FUNCTIONS(draw)
GATUN_GRID_FUNCTIONS(encode)
GATUN_GRID_FUNCTIONS(level)
GATUN_GRID_FUNCTIONS(frame)
GATUN_GRID_FUNCTIONS(class)
GATUN_GRID_FUNCTIONS(cell)

#undef GATUN_GRID_FUNCTIONS

}  // namespace gatun::grid
