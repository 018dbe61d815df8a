// Tasks of the draw, and of what takes the value drawn: of a stream.
#pragma once

#include "cuda/grid/places.h"
#include "ops/distribution/places.h"

namespace gatun::GATUN_ISA_LEVEL::grids {

// Where the value of this step lies in the run's arrays.
GATUN_INLINE int64_t value_of(const Block& b, const Step& step, int32_t stream) {
    return (b.first + stream) * b.run.values.stride_example + step.position - b.run.base;
}

// What a draw reads.
GATUN_INLINE void hand_out(const Block& b, const Operation& draw, const float* outputs, int32_t stream) {
    float* to = b.run.outputs + (b.first + stream) * draw.inputs;
    for (int32_t first = 0; first < draw.inputs; first += GATUN_LANES) {
        const Features f(first / GATUN_LANES, draw.inputs);
        f.put(to, f.get(outputs));
    }
}

GATUN_INLINE void run_draw(const Block& b, const Step& step, const float* outputs, int32_t stream) {
    const Run& run = b.run;
    if (run.outputs != nullptr) return hand_out(b, step.op(), outputs, stream);
    const gatun_distribution& d = b.program.distribution;
    const int64_t value = value_of(b, step, stream);
    int32_t* levels = run.values.levels == nullptr ? nullptr : run.values.levels + value;
    float* reals = run.values.reals == nullptr ? nullptr : run.values.reals + value;
    float* scratch = b.scratch + stream * b.program.scratch_floats;
    if (run.known == nullptr || run.known[value] == 0) {
        draw(d, run.noise, static_cast<uint64_t>(b.first + stream), step.position, outputs, 0, levels, reals, 0, 1,
             scratch);
        together();
    }
    // Of positions that the distribution is over together, with the last of them.
    const int64_t before = d.channels == kChannels ? kChannels - 1 : 0;
    if (run.log_prob == nullptr || step.op().argument < before) return;
    log_prob(d, outputs, 0, levels == nullptr ? nullptr : levels - before, reals, 0, 1, run.log_prob + value - before,
             0, scratch);
}

GATUN_INLINE void run_encode(const Block& b, const Step& step, const Operation& op, float* y, int32_t stream) {
    const int64_t value = value_of(b, step, stream);
    *y = op.weights == nullptr ? b.run.values.reals[value] : op.weights[b.run.values.levels[value]];
}

// A level that is drawn, or the condition's class.
GATUN_INLINE void put_level(float* y, int32_t level) { memcpy(y, &level, sizeof level); }

}  // namespace gatun::GATUN_ISA_LEVEL::grids
