// What works feature by feature.
#include <cstring>

#include "ops/activation/activation.h"
#include "ops/gate/gate.h"
#include "ops/sum/sum.h"
#include "step/kinds.h"

namespace gatun::step {
namespace {

void check_pointwise(Checker& c, const gatun_step_operation& op) {
    require_numbers(c, op);
    c.require(c.slot(op.input).features == op.outputs && c.slot(op.output).features == op.outputs, "features");
}

}  // namespace

void run_activation(const Slice& slice, const gatun_step_operation& op) {
    GATUN_PICK(slice.isa(), activation_kernels)
        .run(op.argument, slice.input(op), slice.output(op), slice.count() * op.outputs);
}

void check_activation(Checker& c, const gatun_step_operation& op) {
    check_pointwise(c, op);
    c.require(is_activation(op.argument), "kind");
}

void run_gate(const Slice& slice, const gatun_step_operation& op) {
    GATUN_PICK(slice.isa(), gate_kernels)
        .run(slice.input(op), op.outputs, op.inputs, slice.output(op), op.outputs, op.outputs, slice.count());
}

void check_gate(Checker& c, const gatun_step_operation& op) {
    require_numbers(c, op);
    c.require(c.slot(op.input).features == op.inputs && op.inputs == 2 * int64_t{op.outputs}, "inputs");
    c.require(c.slot(op.output).features == op.outputs, "outputs");
}

void run_sum(const Slice& slice, const gatun_step_operation& op) {
    GATUN_PICK(slice.isa(), sum_kernels)
        .run(slice.input(op), op.scale, slice.output(op), slice.count() * op.outputs, op.argument != 0);
}

void check_sum(Checker& c, const gatun_step_operation& op) { check_pointwise(c, op); }

void run_copy(const Slice& slice, const gatun_step_operation& op) {
    const float* from = slice.input(op);
    float* to = slice.output(op) + op.argument;
    const int64_t step = slice.slot(op.output).features;
    for (int64_t s = 0; s < slice.count(); ++s) {
        std::memcpy(to + s * step, from + s * op.inputs, sizeof(float) * static_cast<size_t>(op.inputs));
    }
}

void check_copy(Checker& c, const gatun_step_operation& op) {
    require_numbers(c, op);
    c.require(c.slot(op.input).features == op.inputs, "inputs");
    c.require(op.inputs <= c.slot(op.output).features - op.argument, "outputs");
}

void run_broadcast(const Slice& slice, const gatun_step_operation& op) {
    float* to = slice.output(op);
    for (int64_t s = 0; s < slice.count(); ++s) {
        std::memcpy(to + s * op.outputs, op.bias, sizeof(float) * static_cast<size_t>(op.outputs));
    }
}

void check_broadcast(Checker& c, const gatun_step_operation& op) {
    c.require(op.bias != nullptr && c.writes_floats(op), "slots");
    c.require(c.slot(op.output).features == op.outputs && c.slot(op.output).depth == 1, "outputs");
}

}  // namespace gatun::step
