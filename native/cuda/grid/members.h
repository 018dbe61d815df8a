// A step's instructions at a place: what comes behind the first is made by the threads that wrote what it reads.
#pragma once

#include "cuda/grid/maps.h"
#include "cuda/grid/values.h"

namespace gatun::GATUN_ISA_LEVEL::grids {

GATUN_INLINE Ends ends_of(const Step& step, int32_t i, const Spot& spot) {
    Ends at = {nullptr, nullptr};
    if (step.ops[i].input >= 0) at.x = place(step.maps[i][0], spot);
    if (step.ops[i].output >= 0) at.y = place(step.maps[i][1], spot);
    return at;
}

// An instruction that is no product, and the first of its step.
GATUN_INLINE void run_first(const Block& b, const Step& step, const int64_t* offsets, int32_t block, const Spot& spot) {
    const Operation& op = step.op();
    const Features f(block, op.outputs);
    const Ends at = ends_of(step, 0, spot);
    switch (op.kind) {
        case GATUN_STEP_GATE:
            return f.put(at.y, gate(f.get(at.x), f.get(at.x + op.argument)));
        case GATUN_STEP_LINEAR_GATE:
            return f.put(at.y, linear_gate(f.get(at.x), f.get(at.x + op.outputs)));
        case GATUN_STEP_BROADCAST:
            return f.put(at.y, f.get(op.bias));
        case GATUN_STEP_GRID_CELL:
            return run_cell(step, offsets, f, spot, at);
        case GATUN_STEP_CLASS:
            return put_level(at.y, b.run.classes[b.first + spot.stream]);
        case GATUN_STEP_FRAME:
            return run_frame(b, step, f, spot, at.y);
        default:  // GATUN_STEP_DRAW
            return run_draw(b, step, at.x, spot.stream);
    }
}

// What may follow in a step, or be its first.
GATUN_INLINE bool may_follow(int32_t kind) {
    switch (kind) {
        case GATUN_STEP_ACTIVATION:
        case GATUN_STEP_SUM:
        case GATUN_STEP_COPY:
        case GATUN_STEP_CONCAT_ELU:
        case GATUN_STEP_ENCODE:
        case GATUN_STEP_LEVEL:
            return true;
        default:
            return false;
    }
}

// The step's i-th instruction, of those that may follow.
GATUN_INLINE void run_member(const Block& b, const Step& step, int32_t i, int32_t block, const Spot& spot) {
    const Operation& op = step.ops[i];
    const Features f(block, op.outputs);
    const Ends at = ends_of(step, i, spot);
    switch (op.kind) {
        case GATUN_STEP_ACTIVATION:
            return f.put(at.y, activated(op.argument, f.get(at.x)));
        case GATUN_STEP_SUM:
            return f.put(at.y, set(op.scale) * (op.argument == 0 ? f.get(at.x) : f.get(at.y) + f.get(at.x)));
        case GATUN_STEP_CONCAT_ELU:
            return run_concat_elu(op, block, at);
        case GATUN_STEP_ENCODE:
            return run_encode(b, step, op, at.y, spot.stream);
        case GATUN_STEP_LEVEL:
            return put_level(at.y, b.run.values.levels[value_of(b, step, spot.stream)]);
        default:  // GATUN_STEP_COPY
            return f.put(at.y, f.get(at.x));
    }
}

}  // namespace gatun::GATUN_ISA_LEVEL::grids
