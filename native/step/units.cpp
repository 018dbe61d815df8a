// Steps of dense layers: sums of all units run along, and what becomes known at a position is pushed into those that
// see it. Their operations have a table in place of taps, in the program's distances.
#include <algorithm>

#include "ops/activation/activation.h"
#include "ops/dense/dense.h"
#include "ops/nade/nade.h"
#include "step/kinds.h"

namespace gatun::step {
namespace {

constexpr int32_t kActivations = GATUN_SIGMOID + 1;

const DenseKernels& kernels_of(const Slice& slice) { return GATUN_PICK(slice.isa(), dense_kernels); }

// The slots have a depth of 1 where they hold sums, and are read as they are now where they do not.
float* input_of(const Slice& slice, const gatun_step_operation& op) {
    return slice.run().state + slice.place(slice.slot(op.input), 0);
}

int64_t width_of(const Slice& slice, int32_t slot) { return slice.slot(slot).features / 2; }

const int32_t* table_of(const Slice& slice, const gatun_step_operation& op) {
    return slice.program().distances + op.first_distance;
}

// Two chains of whole vectors in a ring that keeps one position.
bool are_sums(const gatun_step_slot& slot, int64_t units) {
    return slot.levels == 0 && slot.depth == 1 && slot.features % (2 * GATUN_LANES) == 0 && units <= slot.features / 2;
}

void require_columns(Checker& c, const gatun_step_operation& op, int64_t columns) {
    const int64_t width = c.slot(op.output).features / 2;
    c.require(op.weights != nullptr && columns >= 1 && width <= kMostFloats / columns, "weights");
}

void require_chain(Checker& c, const gatun_step_operation& op) {
    c.require(c.program().chain >= 1, "the length of the chain");
    c.require(op.input != op.output, "slots");
}

void require_firsts(Checker& c, const gatun_step_operation& op, int64_t begin, int64_t count) {
    const int32_t* table = c.program().distances + op.first_distance + begin;
    c.require(std::all_of(table, table + count, [&](int32_t o) { return o >= 0 && o <= op.outputs; }), "table");
}

void check_push(Checker& c, const gatun_step_operation& op, int64_t each) {
    require_chain(c, op);
    c.require(c.slot(op.input).features == 1 && are_sums(c.slot(op.output), op.outputs), "slots");
    c.require(op.inputs % each == 0 && op.inputs / each == c.program().chain && op.tap_count == c.program().chain,
              "inputs");
    require_columns(c, op, op.inputs);
    require_firsts(c, op, 0, op.tap_count);
}

// Where the units of each degree begin, and the end.
bool ascends(const int32_t* table, int64_t groups, int32_t units) {
    for (int64_t g = 0; g <= groups; ++g) {
        if (table[g] < (g == 0 ? 0 : table[g - 1]) || table[g] > units) return false;
    }
    return true;
}

}  // namespace

void run_push_value(const Slice& slice, const gatun_step_operation& op) {
    const int64_t width = width_of(slice, op.output), position = slice.position();
    kernels_of(slice).push({slice.output(op), width, table_of(slice, op)[position], op.outputs},
                           op.weights + position * width, position % 2, input_of(slice, op), 1, slice.count());
}

void check_push_value(Checker& c, const gatun_step_operation& op) {
    c.require(c.reads_floats(op), "input");
    check_push(c, op, 1);
}

void run_push_level(const Slice& slice, const gatun_step_operation& op) {
    const int64_t position = slice.position();
    kernels_of(slice).push_level(
        {slice.output(op), width_of(slice, op.output), table_of(slice, op)[position], op.outputs}, op.weights,
        position * op.argument, reinterpret_cast<const int32_t*>(input_of(slice, op)), 1, slice.count());
}

void check_push_level(Checker& c, const gatun_step_operation& op) {
    // A level that is drawn must have a column.
    c.require(c.slot(op.input).levels == 1 && op.argument >= 1 && op.argument >= c.levels(op.input), "levels");
    check_push(c, op, std::max(op.argument, 1));
}

// Units whose last input has just been pushed: their values, and those into the layer above.
void run_push_units(const Slice& slice, const gatun_step_operation& op) {
    constexpr int64_t kTogether = 64;
    const ActivationKernels& activations = GATUN_PICK(slice.isa(), activation_kernels);
    const int32_t* table = table_of(slice, op);
    const int64_t groups = (op.tap_count - 1) / 2;
    const int64_t group = op.argument < kActivations ? slice.position() + 1 : 0;
    if (group >= groups) return;  // no output sees them
    const int64_t below = width_of(slice, op.input), above = width_of(slice, op.output);
    float values[kTogether];
    for (int64_t unit = table[group]; unit < table[group + 1]; ++unit) {
        for (int64_t done = 0; done < slice.count(); done += kTogether) {
            const int64_t count = std::min(kTogether, slice.count() - done);
            const float* sums = input_of(slice, op) + done * 2 * below + unit;
            for (int64_t i = 0; i < count; ++i) values[i] = sums[i * 2 * below] + sums[i * 2 * below + below];
            activations.run(op.argument % kActivations, values, values, count);
            kernels_of(slice).push({slice.output(op) + done * 2 * above, above, table[groups + 1 + group], op.outputs},
                                   op.weights + unit * above, unit % 2, values, 1, count);
        }
    }
}

void check_push_units(Checker& c, const gatun_step_operation& op) {
    require_chain(c, op);
    c.require(op.argument < 2 * kActivations && (op.argument >= kActivations) == (op.every != 1), "activation");
    c.require(are_sums(c.slot(op.input), op.inputs) && are_sums(c.slot(op.output), op.outputs), "sums");
    require_columns(c, op, op.inputs);
    if (op.tap_count % 2 != 1) return c.require(false, "table");
    const int64_t groups = (op.tap_count - 1) / 2;
    c.require(ascends(c.program().distances + op.first_distance, groups, op.inputs), "table");
    require_firsts(c, op, groups + 1, groups);
}

void run_finish(const Slice& slice, const gatun_step_operation& op) {
    kernels_of(slice).finish(input_of(slice, op), width_of(slice, op.input), slice.position() * op.outputs, op.outputs,
                             slice.output(op), op.outputs, slice.count(), op.argument != 0);
}

void check_finish(Checker& c, const gatun_step_operation& op) {
    require_chain(c, op);
    c.require(op.argument <= 1 && op.outputs >= 1, "outputs");
    c.require(c.writes_floats(op) && c.slot(op.output).features == op.outputs, "outputs");
    c.require(are_sums(c.slot(op.input), int64_t{op.outputs} * c.program().chain), "sums");
}

void run_nade(const Slice& slice, const gatun_step_operation& op) {
    const NadeKernels& kernels = GATUN_PICK(slice.isa(), nade_kernels);
    const int64_t position = slice.position();
    if (op.argument == 0) {
        const int64_t width = width_of(slice, op.input);
        kernels.read(input_of(slice, op), width, op.weights + position * width, op.bias[position], slice.output(op), 1,
                     slice.count());
    } else {
        const int64_t width = width_of(slice, op.output);
        kernels.push(slice.output(op), width, op.weights + position * width, input_of(slice, op), 1, slice.count());
    }
}

void check_nade(Checker& c, const gatun_step_operation& op) {
    require_chain(c, op);
    c.require(op.argument <= 1, "argument");
    const gatun_step_slot& state = c.slot(op.argument == 0 ? op.input : op.output);
    const gatun_step_slot& value = c.slot(op.argument == 0 ? op.output : op.input);
    c.require(are_sums(state, 0) && value.levels == 0 && value.features == 1, "slots");
    c.require(op.weights != nullptr && state.features / 2 <= kMostFloats / std::max(c.program().chain, 1), "weights");
    c.require(op.argument != 0 || op.bias != nullptr, "bias");
}

}  // namespace gatun::step
