// The slopes of gates for sixteen lanes.
#pragma once

#include "simd/math.h"

namespace gatun::GATUN_ISA_LEVEL {

struct Slopes2 {
    Vec first, second;
};

GATUN_INLINE Slopes2 gate_slopes(Vec a, Vec b, Vec d) {
    const Vec t = tanh(a), s = sigmoid(b);
    return {d * s * fma(negate(t), t, set(1.0f)), d * t * s * (set(1.0f) - s)};
}

GATUN_INLINE Vec linear_gate(Vec a, Vec b) { return a * sigmoid(b); }

GATUN_INLINE Slopes2 linear_gate_slopes(Vec a, Vec b, Vec d) {
    const Vec s = sigmoid(b);
    return {d * s, d * a * s * (set(1.0f) - s)};
}

}  // namespace gatun::GATUN_ISA_LEVEL
