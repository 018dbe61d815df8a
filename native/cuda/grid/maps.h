// Tasks that work feature by feature, those of conditions and of cells: sixteen features of a place.
#pragma once

#include "cuda/grid/places.h"
#include "ops/activation/functions.h"
#include "ops/concat_elu/functions.h"
#include "ops/gate/functions.h"
#include "ops/recurrent/cells.h"

namespace gatun::GATUN_ISA_LEVEL::grids {

// A place that a task reads and writes.
struct Ends {
    const float* x;
    float* y;
};

GATUN_INLINE void run_concat_elu(const Operation& op, int32_t block, const Ends& at) {
    const Features f(block, op.inputs);
    const BothElus y = both_elus(f.get(at.x));
    f.put(at.y, y.of_x);
    f.put(at.y + op.inputs, y.of_minus_x);
}

GATUN_INLINE void run_frame(const Block& b, const Step& step, const Features& f, const Spot& spot, float* y) {
    const int32_t every = step.op().every;
    const int64_t across = (int64_t{b.program.columns} + every - 1) / every;
    const int64_t frame = step.row / every * across + spot.column / every - b.run.first_frame;
    f.put(y, f.get(b.run.frames + ((b.first + spot.stream) * b.run.frame_count + frame) * step.op().outputs));
}

GATUN_INLINE void run_cell(const Step& step, const int64_t* offsets, const Features& f, const Spot& spot,
                           const Ends& at) {
    const Operation& op = step.op();
    const int64_t hidden = op.inputs / 4;
    float* kept = place(step.chains(), spot);
    const gatun::GATUN_ISA_LEVEL::Place cell = {at.x + op.first_output,         kept, at.y,
                                                kept + offsets[1] + 4 * hidden, kept, at.y};
    run_lstm<GridOrder>(cell, {f.at, hidden, f.live});
}

}  // namespace gatun::GATUN_ISA_LEVEL::grids
