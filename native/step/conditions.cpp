// What streams are drawn under.
#include <cstring>

#include "step/kinds.h"

namespace gatun::step {

void run_frame(const Slice& slice, const gatun_step_operation& op) {
    const gatun_step_run& run = slice.run();
    float* to = slice.output(op);
    for (int64_t s = 0; s < slice.count(); ++s) {
        const int64_t frame = slice.position() / op.every % run.frame_count;
        const float* from = run.frames + ((slice.first() + s) * run.frame_count + frame) * op.outputs;
        std::memcpy(to + s * op.outputs, from, sizeof(float) * static_cast<size_t>(op.outputs));
    }
}

void check_frame(Checker& c, const gatun_step_operation& op) {
    c.require(c.writes_floats(op) && c.slot(op.output).features == op.outputs, "slots");
    c.require_frame(op.outputs);
}

void run_class(const Slice& slice, const gatun_step_operation& op) {
    std::memcpy(slice.output(op), slice.run().classes + slice.first(),
                sizeof(int32_t) * static_cast<size_t>(slice.count()));
}

void check_class(Checker& c, const gatun_step_operation& op) {
    c.require(c.slot(op.output).features == 1 && c.slot(op.output).levels == 1, "slots");
    c.require(op.argument >= 1, "classes");
}

}  // namespace gatun::step
