// Recurrent cells: a task is sixteen units of a place. Maps: x, the gates' place (which holds the state's part), c
// before, h; h before lies a column to the left of h.
#pragma once

#include "cuda/pass/places.h"
#include "ops/recurrent/cell_gradients.h"

namespace gatun::GATUN_ISA_LEVEL {

GATUN_INLINE void run_kCell(const Job& job, int64_t task) {
    const gatun_map* maps = job.call.maps;
    const Spot s = spot_of(maps[3], task / job.blocks);
    const int64_t hidden = maps[3].features, block = task % job.blocks;
    const Units units{block * kLanes, hidden, Sixteen(block, hidden).live};
    float *own = place(maps[1], s), *h = place(maps[3], s);
    const Place p{place(maps[0], s), own, h - job.step, place(maps[2], s), own, h};
    if (job.call.argument == kGridCell) return run_lstm<GridOrder>(p, units);
    run_cell(job.call.argument, p, units);
}

// Maps: h before, c before, dy, the gates; more: dx or none, dh, dc.
GATUN_INLINE void run_kCellGradient(const Job& job, int64_t task) {
    const gatun_map* maps = job.call.maps;
    const Spot s = spot_of(maps[2], task / job.blocks);
    const int64_t hidden = maps[2].features, block = task % job.blocks;
    const Units units{block * kLanes, hidden, Sixteen(block, hidden).live};
    float* dx = job.more[0].data == nullptr ? nullptr : place(job.more[0], s);
    const GradientPlace p{place(maps[0], s),     place(maps[1], s),     place(maps[2], s),       place(maps[3], s), dx,
                          place(job.more[1], s), place(job.more[2], s), job.call.accumulate != 0};
    gradient_units(job.call.argument, p, units);
}

}  // namespace gatun::GATUN_ISA_LEVEL
