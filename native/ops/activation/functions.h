// The activations and their slopes, from their results, for sixteen lanes.
#pragma once

#include "gatun.h"
#include "simd/math.h"

namespace gatun::GATUN_ISA_LEVEL {

inline constexpr float kSlope = 0.01f;

struct Relu {
    static GATUN_INLINE Vec value(Vec x) { return max(set(0.0f), x); }
    static GATUN_INLINE Vec slope(Vec y) { return select(set(0.0f) < y, set(1.0f), set(0.0f)); }
};
struct LeakyRelu {
    static GATUN_INLINE Vec value(Vec x) { return select(set(0.0f) < x, x, x * set(kSlope)); }
    static GATUN_INLINE Vec slope(Vec y) { return select(set(0.0f) < y, set(1.0f), set(kSlope)); }
};
struct Tanh {
    static GATUN_INLINE Vec value(Vec x) { return tanh(x); }
    static GATUN_INLINE Vec slope(Vec y) { return fma(negate(y), y, set(1.0f)); }
};
struct Sigmoid {
    static GATUN_INLINE Vec value(Vec x) { return sigmoid(x); }
    static GATUN_INLINE Vec slope(Vec y) { return y * (set(1.0f) - y); }
};
struct Elu {
    static GATUN_INLINE Vec value(Vec x) { return select(set(0.0f) < x, x, expm1(x)); }
    static GATUN_INLINE Vec slope(Vec y) { return select(set(0.0f) < y, set(1.0f), y + set(1.0f)); }
};

// Where the function is known at run time alone.
GATUN_INLINE Vec activated(int32_t kind, Vec x) {
    switch (kind) {
        case GATUN_RELU:
            return Relu::value(x);
        case GATUN_LEAKY_RELU:
            return LeakyRelu::value(x);
        case GATUN_TANH:
            return Tanh::value(x);
        case GATUN_ELU:
            return Elu::value(x);
        default:
            return Sigmoid::value(x);
    }
}

}  // namespace gatun::GATUN_ISA_LEVEL
