// Affine maps, over numbers and over levels.
#include "ops/affine/affine.h"
#include "ops/lookup/lookup.h"
#include "step/kinds.h"

namespace gatun::step {
namespace {

gatun_affine weights_of(const gatun_step_operation& op) {
    return {op.weights, op.bias, nullptr, op.tap_count, op.inputs, op.outputs, 0};
}

}  // namespace

void run_affine(const Slice& slice, const gatun_step_operation& op) {
    const AffineRow row{slice.run().state, slice.taps(op), slice.slot(op.input).features,
                        slice.output(op),  op.outputs,     slice.count()};
    GATUN_PICK(slice.isa(), affine_kernels)
        .run(weights_of(op), row, 0, (op.outputs + GATUN_LANES - 1) / GATUN_LANES, false);
}

void check_affine(Checker& c, const gatun_step_operation& op) {
    c.require_weights(op);
    c.require(c.reads_floats(op) && c.slot(op.input).features == op.inputs, "inputs");
}

void run_lookup(const Slice& slice, const gatun_step_operation& op) {
    const int32_t channels = slice.slot(op.input).features;
    const auto* state = reinterpret_cast<const int32_t*>(slice.run().state);
    const LookupRow row{state, slice.taps(op), channels, slice.output(op), op.outputs, slice.count()};
    GATUN_PICK(slice.isa(), lookup_kernels).run(weights_of(op), op.outside, channels, row);
}

void check_lookup(Checker& c, const gatun_step_operation& op) {
    c.require_weights(op);
    // A level that is drawn, or a class, must have a row in the weights.
    const gatun_step_slot& input = c.slot(op.input);
    c.require(input.levels == 1 && op.inputs % input.features == 0 && op.inputs / input.features >= c.levels(op.input),
              "inputs");
}

}  // namespace gatun::step
