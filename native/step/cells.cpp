// Recurrent cells, each with a slot for what it keeps.
#include <algorithm>

#include "ops/recurrent/recurrent.h"
#include "step/kinds.h"

namespace gatun::step {

// A ring of depth 1 still holds the state of the position before when that of this one takes its place.
void run_cell(const Slice& slice, const gatun_step_operation& op) {
    const gatun_step_slot& own = slice.slot(op.output);
    const gatun_affine state = {op.weights, op.bias, nullptr, 1, op.outputs, op.inputs, 0};
    float* all = slice.run().state;
    cell_step(
        slice.isa(), state,
        {op.kind - GATUN_STEP_CELL_TANH, slice.input(op), op.inputs, all + slice.place(own, std::min(own.depth - 1, 1)),
         all + slice.place(slice.slot(op.argument), 0), slice.output(op), slice.count()});
}

void check_cell(Checker& c, const gatun_step_operation& op) {
    const int32_t cell = op.kind - GATUN_STEP_CELL_TANH;
    c.require(op.tap_count == 1 && c.reads_floats(op) && c.slot(op.input).features == op.inputs &&
                  op.inputs == cell_gates(cell) * op.outputs,
              "inputs");
    c.require(c.writes_floats(op) && c.slot(op.output).features == op.outputs, "outputs");
    c.require(
        op.weights != nullptr && (op.outputs == 0 || int64_t{op.inputs} + GATUN_LANES <= kMostFloats / op.outputs),
        "weights");
    const bool own = op.argument < c.program().slot_count && op.argument != op.input && op.argument != op.output;
    c.require(own && c.slot(op.argument).levels == 0 && c.slot(op.argument).depth == 1 &&
                  c.slot(op.argument).features == cell_kept(cell) * op.outputs,
              "slot to itself");
}

}  // namespace gatun::step
