#include "step/step.h"

#include <algorithm>
#include <cstring>

#include "ops/activation/activation.h"
#include "ops/affine/affine.h"
#include "ops/distribution/distribution.h"
#include "ops/gate/gate.h"
#include "ops/lookup/lookup.h"
#include "ops/sum/sum.h"

namespace gatun {
namespace {

class Slice {
public:
    Slice(int32_t isa, const gatun_step_program& program, const gatun_step_run& run, int64_t first, int64_t count,
          int64_t* offsets, float* scratch)
        : affine_(GATUN_PICK(isa, affine_kernels)),
          lookup_(GATUN_PICK(isa, lookup_kernels)),
          activation_(GATUN_PICK(isa, activation_kernels)),
          distribution_(GATUN_PICK(isa, distribution_kernels)),
          gate_(GATUN_PICK(isa, gate_kernels)),
          sum_(GATUN_PICK(isa, sum_kernels)),
          program_(program),
          run_(run),
          first_(first),
          count_(count),
          offsets_(offsets),
          scratch_(scratch) {}

    void step(int64_t position) {
        position_ = position;
        value_ = first_ * run_.values.stride_example + position - run_.first_position;
        for (int32_t i = 0; i < program_.operation_count; ++i) {
            const gatun_step_operation& op = program_.operations[i];
            if (op.every == 1 || position % op.every == 0) execute(op);
        }
    }

private:
    void execute(const gatun_step_operation& op) {
        switch (op.kind) {
            case GATUN_STEP_AFFINE:
                return affine(op);
            case GATUN_STEP_LOOKUP:
                return lookup(op);
            case GATUN_STEP_ACTIVATION:
                return activation_.run(op.argument, input(op), now(op.output), count_ * op.outputs);
            case GATUN_STEP_COPY:
                return copy(op);
            case GATUN_STEP_BROADCAST:
                return broadcast(op);
            case GATUN_STEP_DRAW:
                return draw(op);
            case GATUN_STEP_ENCODE:
                return encode(op);
            case GATUN_STEP_GATE:
                return gate_.run(input(op), op.inputs, now(op.output), op.outputs, op.outputs, count_);
            case GATUN_STEP_SUM:
                return sum_.run(input(op), op.scale, now(op.output), count_ * op.outputs, op.argument != 0);
            case GATUN_STEP_FRAME:
                return frame(op);
            case GATUN_STEP_CLASS:
                return condition_class(op);
            default:
                return level(op);
        }
    }

    // Where this slice's streams of a slot lie, `distance` positions back.
    int64_t place(const gatun_step_slot& slot, int32_t distance) const {
        int64_t ring = position_ % slot.depth - distance;
        if (ring < 0) ring += slot.depth;
        return (slot.offset + ring * slot.features) * run_.streams + first_ * slot.features;
    }

    float* now(int32_t slot) const { return run_.state + place(program_.slots[slot], 0); }

    const float* input(const gatun_step_operation& op) const {
        return run_.state + place(program_.slots[op.input], program_.distances[op.first_distance]);
    }

    void find_taps(const gatun_step_operation& op) {
        for (int32_t k = 0; k < op.tap_count; ++k) {
            offsets_[k] = place(program_.slots[op.input], program_.distances[op.first_distance + k]);
        }
    }

    static gatun_affine weights_of(const gatun_step_operation& op) {
        return {op.weights, op.bias, nullptr, op.tap_count, op.inputs, op.outputs, 0};
    }

    void affine(const gatun_step_operation& op) {
        find_taps(op);
        const AffineRow row{run_.state,     offsets_,   program_.slots[op.input].features,
                            now(op.output), op.outputs, count_};
        affine_.run(weights_of(op), row, 0, (op.outputs + GATUN_LANES - 1) / GATUN_LANES, false);
    }

    void lookup(const gatun_step_operation& op) {
        find_taps(op);
        const int32_t channels = program_.slots[op.input].features;
        lookup_.run(
            weights_of(op), op.outside, channels,
            {reinterpret_cast<const int32_t*>(run_.state), offsets_, channels, now(op.output), op.outputs, count_});
    }

    void copy(const gatun_step_operation& op) {
        const float* from = input(op);
        float* to = now(op.output) + op.argument;
        const int64_t step = program_.slots[op.output].features;
        for (int64_t s = 0; s < count_; ++s) {
            std::memcpy(to + s * step, from + s * op.inputs, sizeof(float) * static_cast<size_t>(op.inputs));
        }
    }

    void broadcast(const gatun_step_operation& op) {
        float* to = now(op.output);
        for (int64_t s = 0; s < count_; ++s) {
            std::memcpy(to + s * op.outputs, op.bias, sizeof(float) * static_cast<size_t>(op.outputs));
        }
    }

    void draw(const gatun_step_operation& op) {
        const float* outputs = input(op);
        const int64_t width = program_.slots[op.input].features;
        if (run_.known == nullptr) {
            draw_streams(outputs, width, 0, count_);
        } else {
            for (int64_t s = 0; s < count_; ++s) {
                if (!run_.known[value_ + s * run_.values.stride_example]) draw_streams(outputs, width, s, 1);
            }
        }
        if (run_.log_prob != nullptr) {
            distribution_.log_prob(program_.distribution, outputs, width, levels(0), reals(0),
                                   run_.values.stride_example, count_, run_.log_prob + value_,
                                   run_.values.stride_example, scratch_);
        }
    }

    void draw_streams(const float* outputs, int64_t width, int64_t s, int64_t count) {
        distribution_.draw(program_.distribution, run_.noise, static_cast<uint64_t>(first_ + s), position_,
                           outputs + s * width, width, levels(s), reals(s), run_.values.stride_example, count,
                           scratch_);
    }

    int32_t* levels(int64_t s) const {
        return run_.values.levels == nullptr ? nullptr : run_.values.levels + value_ + s * run_.values.stride_example;
    }

    float* reals(int64_t s) const {
        return run_.values.reals == nullptr ? nullptr : run_.values.reals + value_ + s * run_.values.stride_example;
    }

    void encode(const gatun_step_operation& op) {
        float* to = now(op.output);
        for (int64_t s = 0; s < count_; ++s) to[s] = op.weights == nullptr ? *reals(s) : op.weights[*levels(s)];
    }

    void frame(const gatun_step_operation& op) {
        float* to = now(op.output);
        for (int64_t s = 0; s < count_; ++s) {
            const float* from = run_.frames + ((first_ + s) * run_.frame_count + position_ / op.every) * op.outputs;
            std::memcpy(to + s * op.outputs, from, sizeof(float) * static_cast<size_t>(op.outputs));
        }
    }

    void condition_class(const gatun_step_operation& op) {
        std::memcpy(now(op.output), run_.classes + first_, sizeof(int32_t) * static_cast<size_t>(count_));
    }

    void level(const gatun_step_operation& op) {
        auto* to = reinterpret_cast<int32_t*>(now(op.output));
        for (int64_t s = 0; s < count_; ++s) to[s] = *levels(s);
    }

    const AffineKernels& affine_;
    const LookupKernels& lookup_;
    const ActivationKernels& activation_;
    const DistributionKernels& distribution_;
    const GateKernels& gate_;
    const SumKernels& sum_;
    const gatun_step_program& program_;
    const gatun_step_run& run_;
    const int64_t first_;
    const int64_t count_;
    int64_t* offsets_;
    float* scratch_;
    int64_t position_ = 0;
    int64_t value_ = 0;  // index of the first stream's value of this position
};

}  // namespace

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
