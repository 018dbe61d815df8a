#include "step/step.h"

#include <algorithm>

#include "ops/distribution/distribution.h"
#include "step/kinds.h"
#include "step/streams.h"

namespace gatun {

void Slice::step(const Half& half) {
    position_ = clock_ - start_of(first_);
    seat_.begin(clock_ - run_.first_position, packed_);
    int32_t i = 0;
    if (half.part == Half::Part::kFromDraw) {
        while (program_.operations[i].kind != GATUN_STEP_DRAW) ++i;
    }
    for (; i < program_.operation_count; ++i) {
        const gatun_step_operation& op = program_.operations[i];
        if (op.kind == GATUN_STEP_DRAW && half.part == Half::Part::kBeforeDraw) {
            copy_outputs(op, half.outputs);
            break;
        }
        seat_.before(i);
        meter_.begin();
        if (packed_.has(i)) {
            packed_.run(i);
        } else {
            run(op);
        }
        meter_.end(i);
    }
    seat_.end();
    advance();
}

void Slice::advance() {
    packed_.advance();
    ++clock_;
    for (int32_t i = 0; i < moving_count_; ++i) {
        const Moving& slot = moving_[i];
        const int32_t next = rings_[slot.slot] + 1;
        rings_[slot.slot] = next == slot.depth ? 0 : next;
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

Slice::Parts::Parts(const gatun_step_program& program) {
    const auto behind = [](int64_t bytes) { return (bytes + 63) / 64 * 64; };
    addresses = behind(int64_t{8} * program.distance_count);
    rings = addresses + behind(int64_t{8} * program.distance_count);
    moving = rings + behind(int64_t{4} * program.slot_count);
    distribution = moving + behind(static_cast<int64_t>(sizeof(Moving)) * program.slot_count);
    packed = distribution + behind(4 * distribution_scratch(program.distribution));
    chains = packed + PackedSteps::bytes(program);
    end = chains + PackedSteps::chain_bytes(program) + 64;
}

int64_t Slice::bytes(const gatun_step_program& program) { return Parts(program).end; }

Slice::Slice(int32_t isa, const gatun_step_program& program, const gatun_step_run& run,
             const PackedSteps::Streams& streams, char* scratch, Team* team)
    : Slice(isa, program, run, streams, scratch, team, Parts(program)) {}

Slice::Slice(int32_t isa, const gatun_step_program& program, const gatun_step_run& run,
             const PackedSteps::Streams& streams, char* scratch, Team* team, const Parts& parts)
    : isa_(isa),
      program_(program),
      run_(run),
      first_(streams.first),
      count_(streams.count),
      together_(starts_agree()),
      offsets_(reinterpret_cast<int64_t*>(scratch)),
      addresses_(reinterpret_cast<const float**>(scratch + parts.addresses)),
      rings_(reinterpret_cast<int32_t*>(scratch + parts.rings)),
      moving_(reinterpret_cast<Moving*>(scratch + parts.moving)),
      scratch_(reinterpret_cast<float*>(scratch + parts.distribution)),
      packed_(isa, program, run, streams, 0, scratch + parts.packed,
              team == nullptr ? reinterpret_cast<float*>(scratch + parts.chains) : team->chains()),
      meter_(run.meter, first_),
      seat_(team, 0),
      clock_(run.first_position) {
    for (int32_t i = 0; i < program.slot_count; ++i) {
        const int32_t depth = program.slots[i].depth;
        rings_[i] = depth == 1 ? 0 : static_cast<int32_t>(clock_ % depth);
        if (depth > 1) moving_[moving_count_++] = {i, depth};
    }
}

namespace {

// Each thread has some of the streams.
void run_apart(gatun_context* context, const gatun_step_program& program, const gatun_step_run& run, const Half& half,
               int64_t slices) {
    // Memory for all before any starts: what fails here fails in the caller's thread.
    thread_local Scratch memory;
    const int64_t active = active_streams(run), each = Slice::bytes(program);
    auto* scratch = static_cast<char*>(memory.bytes(static_cast<size_t>(each * slices)));
    context->pool.run(slices, [&](int64_t slice) {
        each_range(run, active * slice / slices, active * (slice + 1) / slices, [&](int64_t first, int64_t count) {
            Slice one(context->isa, program, run, {first, count}, scratch + slice * each, nullptr);
            for (int64_t i = 0; i < run.positions; ++i) one.step(half);
        });
    });
}

// All threads share the one stream that is active.
void run_together(gatun_context* context, const gatun_step_program& program, const gatun_step_run& run,
                  int64_t members) {
    thread_local Scratch memory;
    const int64_t own = Slice::bytes(program);
    auto* scratch = static_cast<char*>(memory.bytes(static_cast<size_t>(own + Team::bytes(program, members))));
    each_range(run, 0, 1, [&](int64_t stream, int64_t count) {
        Team team(context->isa, program, run, stream, members, scratch + own);
        context->pool.run(members, [&](int64_t member) {
            if (member > 0) return team.help(member);
            Slice one(context->isa, program, run, {stream, count}, scratch, &team);
            for (int64_t i = 0; i < run.positions; ++i) one.step({});
            team.leave();
        });
    });
}

int32_t run_streams(gatun_context* context, const gatun_step_program& program, const gatun_step_run& run,
                    const Half& half) {
    if (is_behind_chain(program, run)) {
        return context->fail(GATUN_INVALID_ARGUMENT,
                             "a step behind the end of a chain of " + std::to_string(program.chain) + " positions");
    }
    const bool whole = half.part == Half::Part::kWhole;
    if (!whole && run.positions != 1) {
        return context->fail(GATUN_INVALID_ARGUMENT, "half of " + std::to_string(run.positions) + " steps");
    }
    const int64_t active = active_streams(run), threads = context->pool.threads();
    // What a meter takes is of one thread.
    const bool shared = run.together != 0 && whole && active == 1 && run.meter == nullptr;
    const int64_t members = shared ? Team::members(program, threads) : 1;
    if (members > 1) {
        run_together(context, program, run, members);
    } else {
        run_apart(context, program, run, half, std::min(active, threads));
    }
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
