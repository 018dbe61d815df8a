// Tasks that work feature by feature, those of conditions and of cells.
#pragma once

#include "cuda/block.h"
#include "ops/activation/functions.h"
#include "ops/recurrent/cells.h"

namespace gatun::GATUN_ISA_LEVEL {

GATUN_INLINE void run_activation(const Block& b, const gatun_step_operation& op, const Features& f, int32_t s) {
    f.put(b, op.output, s, activated(op.argument, f.get(b.input(op, 0, s))));
}

GATUN_INLINE void run_gate(const Block& b, const gatun_step_operation& op, const Features& f, int32_t s) {
    const float* x = b.input(op, 0, s);
    f.put(b, op.output, s, gate(f.get(x), f.get(x + op.outputs)));
}

// What a sum makes of its input.
GATUN_INLINE Vec summed(const Block& b, const gatun_step_operation& op, const Features& f, int32_t s, Vec x) {
    return set(op.scale) * (op.argument == 0 ? x : f.get(b.row(op.output, 0, s)) + x);
}

GATUN_INLINE void run_sum(const Block& b, const gatun_step_operation& op, const Features& f, int32_t s) {
    f.put(b, op.output, s, summed(b, op, f, s, f.get(b.input(op, 0, s))));
}

GATUN_INLINE void run_copy(const Block& b, const gatun_step_operation& op, int32_t block, int32_t s) {
    const Features f(block, op.inputs);
    const Vec x = f.get(b.input(op, 0, s));
    f.put(b, op.output, s, x, op.argument);
}

GATUN_INLINE void run_frame(const Block& b, const gatun_step_operation& op, const Features& f, int32_t s) {
    const int64_t frame = b.position(s) / op.every % b.run.frame_count;
    f.put(b, op.output, s, f.get(b.run.frames + ((b.first + s) * b.run.frame_count + frame) * op.outputs));
}

GATUN_INLINE void run_class(const Block& b, const gatun_step_operation& op, int32_t s) {
    b.put_one(op.output, s, b.run.classes[b.first + s]);
}

GATUN_INLINE void run_cell(const Block& b, const gatun_step_operation& op, int32_t block, int32_t s) {
    const Units units{int64_t{block} * kLanes, op.outputs, Features(block, op.outputs).live};
    const int32_t cell = op.kind - GATUN_STEP_CELL_TANH;
    float* kept = b.row(op.argument, 0, s);
    const int32_t before = b.program.slots[op.output].depth > 1 ? 1 : 0;
    float* after = b.row(op.output, 0, s);
    const Place place = {
        b.input(op, 0, s), kept, b.row(op.output, before, s), kept + 4 * int64_t{op.outputs}, kept, after};
    run_cell(cell, place, units);
    if (float* ring = b.again(op.output, s)) units.put(ring, 0, units.get(after, 0));
}

}  // namespace gatun::GATUN_ISA_LEVEL
