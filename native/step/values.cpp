// The draw, and what takes the value drawn.
#include "ops/distribution/distribution.h"
#include "step/kinds.h"

namespace gatun::step {
namespace {

void draw_samples(const Slice& slice, const gatun_noise& noise, int64_t sample, const float* outputs, int64_t width,
                  int64_t s, int64_t count) {
    GATUN_PICK(slice.isa(), distribution_kernels)
        .draw(slice.program().distribution, noise, static_cast<uint64_t>(sample), slice.data_position(),
              outputs + s * width, width, slice.levels(s), slice.reals(s), slice.run().values.stride_example, count,
              slice.scratch());
}

void draw_streams(const Slice& slice, const float* outputs, int64_t width, int64_t s, int64_t count) {
    const gatun_step_run& run = slice.run();
    if (run.each == nullptr) return draw_samples(slice, run.noise, slice.first() + s, outputs, width, s, count);
    gatun_noise noise = run.noise;
    for (const int64_t end = s + count; s < end; s += count) {
        const gatun_step_stream* each = run.each + slice.first() + s;
        count = 1;  // and those whose samples follow
        while (s + count < end && each[count].seed == each->seed &&
               each[count].sample == each->sample + static_cast<uint64_t>(count)) {
            ++count;
        }
        noise.seed = each->seed;
        noise.first_sample = each->sample;
        draw_samples(slice, noise, 0, outputs, width, s, count);
    }
}

// What the value is depends on the distribution.
void check_value(Checker& c, const gatun_step_operation& op) {
    c.require_drawn();
    c.require(c.slot(op.output).features == 1, "features");
}

}  // namespace

void run_draw(const Slice& slice, const gatun_step_operation& op) {
    const float* outputs = slice.input(op);
    const int64_t width = slice.slot(op.input).features;
    const gatun_step_run& run = slice.run();
    if (run.known == nullptr) {
        draw_streams(slice, outputs, width, 0, slice.count());
    } else {
        for (int64_t s = 0; s < slice.count(); ++s) {
            if (!run.known[slice.value(s)]) draw_streams(slice, outputs, width, s, 1);
        }
    }
    if (run.log_prob != nullptr) {
        GATUN_PICK(slice.isa(), distribution_kernels)
            .log_prob(slice.program().distribution, outputs, width, slice.levels(0), slice.reals(0),
                      run.values.stride_example, slice.count(), run.log_prob + slice.value(0),
                      run.values.stride_example, slice.scratch());
    }
}

void check_draw(Checker& c, const gatun_step_operation& op) {
    c.count_draw();
    c.require(op.tap_count == 1 && c.reads_floats(op) &&
                  c.slot(op.input).features == distribution_outputs(c.program().distribution),
              "outputs of the distribution");
}

void run_encode(const Slice& slice, const gatun_step_operation& op) {
    float* to = slice.output(op);
    for (int64_t s = 0; s < slice.count(); ++s) {
        to[s] = op.weights == nullptr ? *slice.reals(s) : op.weights[*slice.levels(s)];
    }
}

void check_encode(Checker& c, const gatun_step_operation& op) {
    check_value(c, op);
    c.require(c.writes_floats(op) && (op.weights == nullptr) == c.real(), "table");
}

void run_level(const Slice& slice, const gatun_step_operation& op) {
    auto* to = reinterpret_cast<int32_t*>(slice.output(op));
    for (int64_t s = 0; s < slice.count(); ++s) to[s] = *slice.levels(s);
}

void check_level(Checker& c, const gatun_step_operation& op) {
    check_value(c, op);
    c.require(c.slot(op.output).levels == 1 && !c.real(), "levels");
}

}  // namespace gatun::step
