// The draw, and what takes the value drawn.
#include "ops/distribution/distribution.h"
#include "step/grid/kinds.h"

namespace gatun::grid {
namespace {

void draw_streams(const Walk& walk, const Places& at, const float* outputs, int64_t s, int64_t count) {
    GATUN_PICK(walk.isa(), distribution_kernels)
        .draw(walk.program().distribution, walk.run().noise, static_cast<uint64_t>(walk.first() + s), walk.position(),
              outputs + s * at.x_step, at.x_step, walk.levels(s), walk.reals(s), walk.run().values.stride_example,
              count, walk.scratch());
}

// The log-probability of what was drawn; of positions that the distribution is over together, with the last of them.
void score(const Walk& walk, int32_t channel, const float* outputs, const Places& at) {
    const gatun_grid_run& run = walk.run();
    const gatun_distribution& d = walk.program().distribution;
    const int64_t before = distribution_positions(d) - 1, stride = run.values.stride_example;
    if (channel < before) return;
    int32_t* levels = walk.levels(0);
    GATUN_PICK(walk.isa(), distribution_kernels)
        .log_prob(d, outputs, at.x_step, levels == nullptr ? nullptr : levels - before, walk.reals(0), stride, at.count,
                  run.log_prob + walk.value(0) - before, stride, walk.scratch());
}

}  // namespace

void run_draw(const Walk& walk, const gatun_grid_operation& op, const Places& at) {
    const float* outputs = at.x + at.offsets[0];
    const gatun_grid_run& run = walk.run();
    if (run.known == nullptr) {
        draw_streams(walk, at, outputs, 0, at.count);
    } else {
        for (int64_t s = 0; s < at.count; ++s) {
            if (!run.known[walk.value(s)]) draw_streams(walk, at, outputs, s, 1);
        }
    }
    if (run.log_prob != nullptr) score(walk, op.argument, outputs, at);
}

void check_draw(Checker& c, const gatun_grid_operation& op) {
    c.count_draw(op.argument);
    c.require(op.every == 1 && op.tap_count == 1 && c.reads_floats(op) &&
                  op.inputs == distribution_outputs(c.program().distribution),
              "outputs of the distribution");
}

void run_encode(const Walk& walk, const gatun_grid_operation& op, const Places& at) {
    for (int64_t s = 0; s < at.count; ++s) {
        at.y[s * at.y_step] = op.weights == nullptr ? *walk.reals(s) : op.weights[*walk.levels(s)];
    }
}

void check_encode(Checker& c, const gatun_grid_operation& op) {
    c.require_drawn(op.argument);
    c.require(op.outputs == 1 && c.writes_floats(op) && (op.weights == nullptr) == c.real(), "table");
}

void run_level(const Walk& walk, const gatun_grid_operation&, const Places& at) {
    auto* to = reinterpret_cast<int32_t*>(at.y);
    for (int64_t s = 0; s < at.count; ++s) to[s * at.y_step] = *walk.levels(s);
}

void check_level(Checker& c, const gatun_grid_operation& op) {
    c.require_drawn(op.argument);
    c.require(op.outputs == 1 && c.slot(op.output).levels == 1 && !c.real(), "levels");
}

}  // namespace gatun::grid
