// The entries.
#include <algorithm>
#include <cstring>
#include <string>

#include "core/context.h"
#include "step/grid/team.h"

namespace gatun::grid {
namespace {

// The state of a part of `count` streams.
void clear(const gatun_grid_program& program, float* state, int64_t count) {
    std::memset(state, 0, sizeof(float) * static_cast<size_t>(program.state_floats * count));
    for (int32_t i = 0; i < program.slot_count; ++i) {
        const gatun_grid_slot& slot = program.slots[i];
        if (slot.levels == 0) continue;
        const int64_t places = (int64_t{slot.left} + slot.columns + slot.right) * slot.rows * slot.features;
        // -1 in every byte is -1 in every level.
        std::memset(state + slot.offset * count, 0xff, sizeof(float) * static_cast<size_t>(places * count));
    }
}

template <class Body>
void each_part(int64_t streams, int64_t part, Body&& body) {
    for (int64_t first = 0; first < streams; first += part) body(first, std::min(part, streams - first));
}

// Each thread has some of the parts.
void run_apart(gatun_context* context, const gatun_grid_program& program, const gatun_grid_run& run, const Half& half,
               int64_t parts, int64_t workers) {
    // Memory for all before any starts: what fails here fails in the caller's thread.
    thread_local Scratch memory;
    const int64_t each = walk_scratch(program);
    auto* scratch = static_cast<float*>(memory.bytes(sizeof(float) * static_cast<size_t>(each * workers)));
    context->pool.run(workers, [&](int64_t worker) {
        for (int64_t i = parts * worker / workers; i < parts * (worker + 1) / workers; ++i) {
            const int64_t first = i * run.part;
            Walk(context->isa, program, run, first, std::min(run.part, run.streams - first), scratch + worker * each,
                 nullptr)
                .run_steps(half);
        }
    });
}

int32_t run_streams(gatun_context* context, const gatun_grid_program& program, const gatun_grid_run& run,
                    const Half& half) {
    const bool whole = half.part == Half::Part::kWhole;
    if (!whole && run.positions != 1) {
        return context->fail(GATUN_INVALID_ARGUMENT, "half of " + std::to_string(run.positions) + " steps");
    }
    const int64_t parts = (run.streams + run.part - 1) / run.part, threads = context->pool.threads();
    if (parts == 0) return GATUN_OK;
    // What a meter takes is of one thread.
    const bool shared = run.together != 0 && whole && parts == 1 && run.meter == nullptr;
    const int64_t members = shared ? Team::members(program, run.streams, threads) : 1;
    if (members > 1) {
        run_together(context, program, run, members);
    } else {
        run_apart(context, program, run, half, parts, std::min(parts, threads));
    }
    return GATUN_OK;
}

}  // namespace
}  // namespace gatun::grid

extern "C" {

int32_t gatun_grid_check(gatun_context* context, const gatun_grid_program* program) {
    return gatun::guarded(context, [&] {
        const std::string problem = gatun::grid::why_invalid(*program);
        return problem.empty() ? GATUN_OK : context->fail(GATUN_INVALID_ARGUMENT, problem);
    });
}

int32_t gatun_grid_reset(gatun_context* context, const gatun_grid_program* program, float* state, int64_t streams,
                         int64_t part) {
    return gatun::guarded(context, [&] {
        gatun::grid::each_part(streams, part, [&](int64_t first, int64_t count) {
            gatun::grid::clear(*program, state + program->state_floats * first, count);
        });
        return GATUN_OK;
    });
}

int32_t gatun_grid_run_steps(gatun_context* context, const gatun_grid_program* program, const gatun_grid_run* run) {
    return gatun::guarded(context, [&] { return gatun::grid::run_streams(context, *program, *run, {}); });
}

int32_t gatun_grid_outputs(gatun_context* context, const gatun_grid_program* program, const gatun_grid_run* run,
                           float* outputs) {
    return gatun::guarded(context, [&] {
        return gatun::grid::run_streams(context, *program, *run, {gatun::Half::Part::kBeforeDraw, outputs});
    });
}

int32_t gatun_grid_take(gatun_context* context, const gatun_grid_program* program, const gatun_grid_run* run) {
    return gatun::guarded(context, [&] {
        return gatun::grid::run_streams(context, *program, *run, {gatun::Half::Part::kFromDraw, nullptr});
    });
}
}
