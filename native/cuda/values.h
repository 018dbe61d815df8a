// Tasks of the draw, and of what takes the value drawn.
#pragma once

#include "cuda/block.h"
#include "ops/distribution/places.h"

namespace gatun::GATUN_ISA_LEVEL {

GATUN_INLINE int32_t* levels_of(const Block& b, int32_t s) {
    return b.run.values.levels == nullptr ? nullptr : b.run.values.levels + b.value(s);
}
GATUN_INLINE float* reals_of(const Block& b, int32_t s) {
    return b.run.values.reals == nullptr ? nullptr : b.run.values.reals + b.value(s);
}

GATUN_INLINE void run_draw(const Block& b, const gatun_step_operation& op, int32_t scratch, int32_t s) {
    const gatun_step_run& run = b.run;
    const float* outputs = b.input(op, 0, s);
    float* own = scratch < 0 ? nullptr : b.row(scratch, 0, s);
    const int64_t value = b.value(s);
    if (run.known == nullptr || run.known[value] == 0) {
        gatun_noise noise = run.noise;
        uint64_t sample = static_cast<uint64_t>(b.first + s);
        if (run.each != nullptr) {
            noise.seed = run.each[b.first + s].seed;
            noise.first_sample = run.each[b.first + s].sample;
            sample = 0;
        }
        draw(b.program.distribution, noise, sample, b.data_position(s), outputs, 0, levels_of(b, s), reals_of(b, s), 0,
             1, own);
        together();
    }
    if (run.log_prob != nullptr) {
        log_prob(b.program.distribution, outputs, 0, levels_of(b, s), reals_of(b, s), 0, 1, run.log_prob + value, 0,
                 own);
    }
}

GATUN_INLINE void run_encode(const Block& b, const gatun_step_operation& op, int32_t s) {
    const float x = op.weights == nullptr ? *reals_of(b, s) : op.weights[*levels_of(b, s)];
    b.put_one(op.output, s, x);
}

GATUN_INLINE void run_level(const Block& b, const gatun_step_operation& op, int32_t s) {
    b.put_one(op.output, s, *levels_of(b, s));
}

}  // namespace gatun::GATUN_ISA_LEVEL
