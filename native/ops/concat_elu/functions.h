// Elu of a number and of it negated, and elu's slope, for sixteen lanes.
#pragma once

#include "simd/math.h"

namespace gatun::GATUN_ISA_LEVEL {

struct BothElus {
    Vec of_x, of_minus_x;
};

// Both from one e^-|x| - 1: one of them is the number itself.
GATUN_INLINE BothElus both_elus(Vec x) {
    const Vec below = expm1(minus_absolute(x)), above = absolute(x);
    const Mask positive = set(0.0f) < x;
    return {select(positive, above, below), select(positive, below, above)};
}

// From elu's own result.
GATUN_INLINE Vec elu_slope(Vec y) { return select(set(0.0f) < y, set(1.0f), y + set(1.0f)); }

}  // namespace gatun::GATUN_ISA_LEVEL
