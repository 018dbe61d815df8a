#include "step/step.h"

#include <algorithm>

#include "ops/distribution/distribution.h"
#include "step/kinds.h"
#include "step/streams.h"

namespace gatun {

void Slice::step(int64_t clock, const Half& half) {
    clock_ = clock;
    position_ = clock - start_of(first_);
    int32_t i = 0;
    if (half.part == Half::Part::kFromDraw) {
        while (program_.operations[i].kind != GATUN_STEP_DRAW) ++i;
    }
    for (; i < program_.operation_count; ++i) {
        const gatun_step_operation& op = program_.operations[i];
        if (op.kind == GATUN_STEP_DRAW && half.part == Half::Part::kBeforeDraw) return copy_outputs(op, half.outputs);
        run(op);
    }
}

void Slice::run(const gatun_step_operation& op) {
    const StepKind& kind = *kind_of(op.kind);
    if (together_ || (op.every == 1 && !kind.by_position && program_.places == nullptr)) {
        if (op.every == 1 || position_ % op.every == 0) kind.run(*this, op);
    } else {
        run_by_start(kind, op);
    }
}

void Slice::copy_outputs(const gatun_step_operation& draw, float* to) const {
    const int64_t width = slot(draw.input).features;
    std::copy_n(input(draw), count_ * width, to + first_ * width);
}

// Streams that began at different steps are at different positions: those of one position at a time.
void Slice::run_by_start(const StepKind& kind, const gatun_step_operation& op) {
    const int64_t first = first_, end = first_ + count_, position = position_;
    while (first_ < end) {
        count_ = 1;
        while (first_ + count_ < end && start_of(first_ + count_) == start_of(first_)) ++count_;
        position_ = clock_ - start_of(first_);
        if (position_ % op.every == 0) kind.run(*this, op);
        first_ += count_;
    }
    first_ = first;
    count_ = end - first;
    position_ = position;
}

bool Slice::starts_agree() const {
    for (int64_t s = 1; s < count_; ++s) {
        if (start_of(first_ + s) != start_of(first_)) return false;
    }
    return true;
}

int64_t slice_scratch(const gatun_step_program& program) {
    const int64_t offsets = int64_t{2} * program.distance_count;  // in floats
    const int64_t floats = offsets + distribution_scratch(program.distribution);
    // Whole lines: distributions want theirs aligned, and threads no line of the cache that others write.
    return (floats / GATUN_LANES + 2) * GATUN_LANES;
}

void run_slice(int32_t isa, const gatun_step_program& program, const gatun_step_run& run, const Half& half,
               int64_t first, int64_t count, float* scratch) {
    const int64_t offsets = int64_t{2} * program.distance_count;
    float* floats = scratch + (offsets + GATUN_LANES - 1) / GATUN_LANES * GATUN_LANES;
    Slice slice(isa, program, run, first, count, reinterpret_cast<int64_t*>(scratch), floats);
    for (int64_t i = 0; i < run.positions; ++i) slice.step(run.first_position + i, half);
}

namespace {

int32_t run_streams(gatun_context* context, const gatun_step_program& program, const gatun_step_run& run,
                    const Half& half) {
    if (is_behind_chain(program, run)) {
        return context->fail(GATUN_INVALID_ARGUMENT,
                             "a step behind the end of a chain of " + std::to_string(program.chain) + " positions");
    }
    if (half.part != Half::Part::kWhole && run.positions != 1) {
        return context->fail(GATUN_INVALID_ARGUMENT, "half of " + std::to_string(run.positions) + " steps");
    }
    const int64_t active = active_streams(run);
    const int64_t slices = std::min<int64_t>(active, context->pool.threads());
    // Memory for all before any starts: what fails here fails in the caller's thread.
    thread_local Scratch memory;
    const int64_t each = slice_scratch(program);
    auto* scratch = static_cast<float*>(memory.bytes(sizeof(float) * static_cast<size_t>(each * slices)));
    context->pool.run(slices, [&](int64_t slice) {
        each_range(run, active * slice / slices, active * (slice + 1) / slices, [&](int64_t first, int64_t count) {
            run_slice(context->isa, program, run, half, first, count, scratch + slice * each);
        });
    });
    return GATUN_OK;
}

}  // namespace

}  // namespace gatun

extern "C" {

int32_t gatun_step_check(gatun_context* context, const gatun_step_program* program) {
    return gatun::guarded(context, [&] {
        const std::string problem = gatun::why_invalid(*program);
        return problem.empty() ? GATUN_OK : context->fail(GATUN_INVALID_ARGUMENT, problem);
    });
}

int32_t gatun_step(gatun_context* context, const gatun_step_program* program, const gatun_step_run* run) {
    return gatun::guarded(context, [&] { return gatun::run_streams(context, *program, *run, {}); });
}

int32_t gatun_step_outputs(gatun_context* context, const gatun_step_program* program, const gatun_step_run* run,
                           float* outputs) {
    return gatun::guarded(context, [&] {
        return gatun::run_streams(context, *program, *run, {gatun::Half::Part::kBeforeDraw, outputs});
    });
}

int32_t gatun_step_take(gatun_context* context, const gatun_step_program* program, const gatun_step_run* run) {
    return gatun::guarded(context, [&] {
        return gatun::run_streams(context, *program, *run, {gatun::Half::Part::kFromDraw, nullptr});
    });
}
}
