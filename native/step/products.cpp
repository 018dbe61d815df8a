// Affine maps, over numbers and over levels.
#include "ops/affine/affine.h"
#include "ops/lookup/lookup.h"
#include "ops/packed/packed.h"
#include "ops/rounded/rounded.h"
#include "step/kinds.h"

namespace gatun::step {
namespace {

gatun_affine weights_of(const gatun_step_operation& op) {
    return {op.weights, op.bias, nullptr, op.tap_count, op.inputs, op.outputs, 0};
}

PackedStep step_of(const Slice& slice, const gatun_step_operation& op) {
    PackedStep step = packed_step(op);
    const auto here = [&](int32_t slot) { return slice.run().state + slice.place(slice.slot(slot), 0); };
    step.x = slice.tap_addresses(op);
    step.base = op.base < 0 ? nullptr : here(op.base);
    step.second = op.second < 0 ? nullptr : here(op.second);
    step.y = slice.output(op);
    step.positions = slice.count();
    return step;
}

// Sizes of a product of so many outputs, and what is added to it.
void check_product(Checker& c, const gatun_step_operation& op, int64_t outputs) {
    c.require(op.weights != nullptr && outputs <= INT32_MAX, "weights");
    c.require(c.reads_floats(op) && c.slot(op.input).features == op.inputs, "inputs");
    c.require(c.writes_floats(op) && c.slot(op.output).features == op.outputs, "outputs");
    c.require((int64_t{op.tap_count} * op.inputs + 1) * GATUN_LANES <= kMostFloats / (outputs + GATUN_LANES),
              "weights");
    c.require(op.lead >= 0 && (op.lead == 0 || op.lead < op.tap_count), "taps");
    c.require(op.precision >= GATUN_F32 && op.precision <= GATUN_INT8_DYNAMIC, "the precision and what there is");
    c.require(op.precision != GATUN_INT8_DYNAMIC || (is_packed(op) && op.inputs <= kMostRoundedInputs),
              "what can be rounded");
    for (const int32_t added : {op.base, op.second}) {
        if (added < 0) continue;
        c.require(added < c.program().slot_count && c.slot(added).levels == 0 && c.slot(added).features == outputs,
                  "features that are added");
    }
}

}  // namespace

void run_packed(const Slice& slice, const gatun_step_operation& op) {
    GATUN_PICK(slice.isa(), packed_kernels).run(step_of(slice, op));
}

void check_packed(Checker& c, const gatun_step_operation& op) {
    check_product(c, op, op.outputs);
    c.require(op.second < 0 && op.activation <= GATUN_ELU, "base or activation");
}

void run_packed_gate(const Slice& slice, const gatun_step_operation& op) {
    GATUN_PICK(slice.isa(), packed_kernels).run_gate(step_of(slice, op));
}

void check_packed_gate(Checker& c, const gatun_step_operation& op) {
    check_product(c, op, 2 * int64_t{op.outputs});
    c.require(op.outputs % GATUN_LANES == 0 && op.activation < 0, "outputs");
}

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
    const int32_t levels = op.inputs / input.features;
    c.require(input.levels == 1 && op.inputs % input.features == 0 && levels > 0 && levels >= c.levels(op.input),
              "inputs");
}

}  // namespace gatun::step
