// A logit's sum, in the order that nade.h states; and what a value adds to sixteen hidden units. W: float, or uint16_t,
// as simd/weights.h takes them.
#pragma once

#include "simd/math.h"
#include "simd/weights.h"

namespace gatun::GATUN_ISA_LEVEL {

inline constexpr int kChains = 4;

template <class W>
GATUN_INLINE float dot(const float* h, const W* v, int64_t width) {
    Vec chain[kChains] = {set(0.0f), set(0.0f), set(0.0f), set(0.0f)};
    int64_t i = 0;
    for (; i + kChains * kLanes <= width; i += kChains * kLanes) {
        GATUN_UNROLL_BY(4)
        for (int k = 0; k < kChains; ++k) {
            chain[k] = fma(load(h + i + k * kLanes), load_weights(v + i + k * kLanes), chain[k]);
        }
    }
    GATUN_UNROLL_BY(4)
    for (int k = 0; k < kChains; ++k) {
        if (i + k * kLanes < width) {
            chain[k] = fma(load(h + i + k * kLanes), load_weights(v + i + k * kLanes), chain[k]);
        }
    }
    return sum((chain[0] + chain[1]) + (chain[2] + chain[3]));
}

// a and h of sixteen units, with their weights.
template <class W>
GATUN_INLINE void take_in(float x, const W* w, float* a, float* h) {
    const Vec next = fma(set(x), load_weights(w), load(a));
    store(a, next);
    store(h, sigmoid(next));
}

}  // namespace gatun::GATUN_ISA_LEVEL
