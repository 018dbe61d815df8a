#include "step/step.h"

#include <algorithm>
#include <cstring>

#include "ops/distribution/distribution.h"
#include "step/kinds.h"

namespace gatun {

void Slice::step(int64_t position) {
    position_ = position;
    value_ = first_ * run_.values.stride_example + position - run_.first_position;
    for (int32_t i = 0; i < program_.operation_count; ++i) {
        const gatun_step_operation& op = program_.operations[i];
        if (op.every == 1 || position % op.every == 0) kind_of(op.kind)->run(*this, op);
    }
}

int64_t slice_scratch(const gatun_step_program& program) {
    const int64_t offsets = int64_t{2} * program.distance_count;  // in floats
    const int64_t floats = offsets + distribution_scratch(program.distribution);
    // Whole lines: distributions want theirs aligned, and threads no line of the cache that others write.
    return (floats / GATUN_LANES + 2) * GATUN_LANES;
}

void run_slice(int32_t isa, const gatun_step_program& program, const gatun_step_run& run, int64_t first, int64_t count,
               float* scratch) {
    const int64_t offsets = int64_t{2} * program.distance_count;
    float* floats = scratch + (offsets + GATUN_LANES - 1) / GATUN_LANES * GATUN_LANES;
    Slice slice(isa, program, run, first, count, reinterpret_cast<int64_t*>(scratch), floats);
    for (int64_t i = 0; i < run.positions; ++i) slice.step(run.first_position + i);
}

}  // namespace gatun

extern "C" {

int32_t gatun_step_check(gatun_context* context, const gatun_step_program* program) {
    return gatun::guarded(context, [&] {
        const std::string problem = gatun::why_invalid(*program);
        return problem.empty() ? GATUN_OK : context->fail(GATUN_INVALID_ARGUMENT, problem);
    });
}

int32_t gatun_step_reset(gatun_context* context, const gatun_step_program* program, float* state, int64_t streams) {
    return gatun::guarded(context, [&] {
        std::memset(state, 0, sizeof(float) * static_cast<size_t>(program->state_floats * streams));
        for (int32_t i = 0; i < program->slot_count; ++i) {
            const gatun_step_slot& slot = program->slots[i];
            if (!slot.levels) continue;
            // -1 in every byte is -1 in every level.
            std::memset(
                state + slot.offset * streams, 0xff,
                sizeof(int32_t) * static_cast<size_t>(static_cast<int64_t>(slot.features) * slot.depth * streams));
        }
        return GATUN_OK;
    });
}

int32_t gatun_step(gatun_context* context, const gatun_step_program* program, const gatun_step_run* run) {
    return gatun::guarded(context, [&] {
        const int64_t slices = std::min<int64_t>(run->streams, context->pool.threads());
        // Memory for all before any starts: what fails here fails in the caller's thread.
        thread_local gatun::Scratch memory;
        const int64_t each = gatun::slice_scratch(*program);
        auto* scratch = static_cast<float*>(memory.bytes(sizeof(float) * static_cast<size_t>(each * slices)));
        context->pool.run(slices, [&](int64_t slice) {
            const int64_t first = run->streams * slice / slices, end = run->streams * (slice + 1) / slices;
            gatun::run_slice(context->isa, *program, *run, first, end - first, scratch + slice * each);
        });
        return GATUN_OK;
    });
}
}
