// A step's instructions at a place: what comes behind the first is made by the threads that wrote what it reads.
#pragma once

#include "cuda/grid/maps.h"
#include "cuda/grid/values.h"

namespace gatun::GATUN_ISA_LEVEL::grids {

// What is no product: the i-th instruction of the step.
GATUN_INLINE void run_member(const Block& b, const Step& step, const int64_t* offsets, int32_t i, int32_t block,
                             const Spot& spot) {
    const Operation& op = step.ops[i];
    const Features f(block, op.outputs);
    Ends at = {nullptr, nullptr};
    if (op.input >= 0) at.x = place(step.maps[i][0], spot);
    if (op.output >= 0) at.y = place(step.maps[i][1], spot);
    switch (op.kind) {
        case GATUN_STEP_CONCAT_ELU:
            return run_concat_elu(op, block, at);
        case GATUN_STEP_BROADCAST:
            return f.put(at.y, f.get(op.bias));
        case GATUN_STEP_GRID_CELL:
            return run_cell(step, offsets, f, spot, at);
        case GATUN_STEP_DRAW:
            return run_draw(b, step, at.x, spot.stream);
        case GATUN_STEP_ENCODE:
            return run_encode(b, step, op, at.y, spot.stream);
        case GATUN_STEP_LEVEL:
            return put_level(at.y, b.run.values.levels[value_of(b, step, spot.stream)]);
        case GATUN_STEP_CLASS:
            return put_level(at.y, b.run.classes[b.first + spot.stream]);
        case GATUN_STEP_FRAME:
            return run_frame(b, step, f, spot, at.y);
        default:
            return run_pointwise(op, f, at);
    }
}

// Those from the first-th on.
GATUN_INLINE void run_members(const Block& b, const Step& step, const int64_t* offsets, int32_t first, int32_t block,
                              const Spot& spot) {
    const int32_t members = step.op().members;
    GATUN_UNROLL_THERE(1)
    for (int32_t i = first; i < members; ++i) run_member(b, step, offsets, i, block, spot);
}

}  // namespace gatun::GATUN_ISA_LEVEL::grids
