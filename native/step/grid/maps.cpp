// What works feature by feature.
#include <cstring>

#include "ops/activation/activation.h"
#include "ops/concat_elu/concat_elu.h"
#include "ops/gate/gate.h"
#include "ops/linear_gate/linear_gate.h"
#include "ops/sum/sum.h"
#include "step/grid/kinds.h"

namespace gatun::grid {
namespace {

// body(from, to, features) for stretches that lie together in both maps.
template <class Body>
void each_stretch(const Places& at, int64_t features, Body&& body) {
    const float* x = at.x + at.offsets[0];
    if (at.x_step == features && at.y_step == features) return body(x, at.y, at.count * features);
    float* y = at.y;
    for (int64_t n = 0; n < at.count; ++n, x += at.x_step, y += at.y_step) body(x, y, features);
}

void check_pointwise(Checker& c, const gatun_grid_operation& op) {
    require_numbers(c, op);
    c.require(op.inputs == op.outputs, "features");
}

}  // namespace

void run_activation(const Walk& walk, const gatun_grid_operation& op, const Places& at) {
    const auto run = GATUN_PICK(walk.isa(), activation_kernels).run;
    each_stretch(at, op.outputs, [&](const float* x, float* y, int64_t count) { run(op.argument, x, y, count); });
}

void check_activation(Checker& c, const gatun_grid_operation& op) {
    check_pointwise(c, op);
    c.require(is_activation(op.argument), "kind");
}

void run_gate(const Walk& walk, const gatun_grid_operation& op, const Places& at) {
    GATUN_PICK(walk.isa(), gate_kernels)
        .run(at.x + at.offsets[0], op.argument, at.x_step, at.y, at.y_step, op.outputs, at.count);
}

void check_gate(Checker& c, const gatun_grid_operation& op) {
    require_numbers(c, op);
    c.require(int64_t{op.argument} + op.outputs == op.inputs, "inputs");
}

void run_concat_elu(const Walk& walk, const gatun_grid_operation& op, const Places& at) {
    GATUN_PICK(walk.isa(), concat_elu_kernels)
        .run(at.x + at.offsets[0], at.x_step, at.y, at.y_step, op.inputs, at.count);
}

void check_concat_elu(Checker& c, const gatun_grid_operation& op) {
    require_numbers(c, op);
    c.require(int64_t{2} * op.inputs == op.outputs, "features");
}

void run_linear_gate(const Walk& walk, const gatun_grid_operation& op, const Places& at) {
    GATUN_PICK(walk.isa(), linear_gate_kernels)
        .run(at.x + at.offsets[0], at.x_step, at.y, at.y_step, op.outputs, at.count);
}

void check_linear_gate(Checker& c, const gatun_grid_operation& op) {
    require_numbers(c, op);
    c.require(op.inputs == int64_t{2} * op.outputs, "features");
}

void run_sum(const Walk& walk, const gatun_grid_operation& op, const Places& at) {
    const auto run = GATUN_PICK(walk.isa(), sum_kernels).run;
    each_stretch(at, op.outputs,
                 [&](const float* x, float* y, int64_t count) { run(x, op.scale, y, count, op.argument != 0); });
}

void check_sum(Checker& c, const gatun_grid_operation& op) { check_pointwise(c, op); }

void run_copy(const Walk&, const gatun_grid_operation& op, const Places& at) {
    each_stretch(at, op.outputs, [](const float* x, float* y, int64_t count) {
        std::memcpy(y, x, sizeof(float) * static_cast<size_t>(count));
    });
}

void check_copy(Checker& c, const gatun_grid_operation& op) { check_pointwise(c, op); }

void run_broadcast(const Walk&, const gatun_grid_operation& op, const Places& at) {
    for (int64_t n = 0; n < at.count; ++n) {
        std::memcpy(at.y + n * at.y_step, op.bias, sizeof(float) * static_cast<size_t>(op.outputs));
    }
}

void check_broadcast(Checker& c, const gatun_grid_operation& op) {
    c.require(op.bias != nullptr && c.writes_floats(op), "slots");
}

// What streams are drawn under: a frame of each place, or one for all.
void run_frame(const Walk& walk, const gatun_grid_operation& op, const Places& at) {
    const int64_t across = (int64_t{walk.program().columns} + op.every - 1) / op.every;
    const int64_t frame = walk.row() / op.every * across + walk.column() / op.every;
    const float* from = walk.run().frames + (walk.first() * walk.run().frame_count + frame) * op.outputs;
    for (int64_t s = 0; s < at.count; ++s, from += walk.run().frame_count * op.outputs) {
        std::memcpy(at.y + s * at.y_step, from, sizeof(float) * static_cast<size_t>(op.outputs));
    }
}

void check_frame(Checker& c, const gatun_grid_operation& op) {
    c.require(c.writes_floats(op) && op.row == 0 && op.column == 0, "slots");
    c.require_frame(op.outputs);
}

void run_class(const Walk& walk, const gatun_grid_operation&, const Places& at) {
    std::memcpy(at.y, walk.run().classes + walk.first(), sizeof(int32_t) * static_cast<size_t>(at.count));
}

void check_class(Checker& c, const gatun_grid_operation& op) {
    c.require(op.outputs == 1 && c.slot(op.output).features == 1 && c.slot(op.output).levels == 1, "slots");
    c.require(op.argument >= 1, "classes");
}

}  // namespace gatun::grid
