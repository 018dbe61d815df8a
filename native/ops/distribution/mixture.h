// The mass of a discretized logistic in a bin, for sixteen components, and its derivatives.
//
// With inv = e^-s (s the log-scale, clamped below at -7), c = inv (x - mean), h = inv / (levels - 1):
//   lowest level   ln sigmoid(c + h)
//   highest level  ln sigmoid(-(c - h))
//   between        ln (sigmoid(c + h) - sigmoid(c - h)) = ln sigmoid(c + h) + ln sigmoid(-(c - h)) + ln(1 - e^-2h),
//                  or where that is not above ln 1e-5, the density: ln sigmoid(c) + ln sigmoid(-c) - s - ln((levels -
//                  1) / 2)
#pragma once

#include "simd/math.h"

namespace gatun::GATUN_ISA_LEVEL {

inline constexpr float kLogLeastMass = -11.512925464970229f;  // ln 1e-5
inline constexpr float kLeastLogScale = -7.0f;

// A place on the scaled axis in two floats: an error in it is multiplied by up to e^7.
struct Point {
    float near, rest;
};

GATUN_INLINE Point point_of(double x) {
    const float near = static_cast<float>(x);
    return {near, static_cast<float>(x - static_cast<double>(near))};
}

// What a level means for all components: its value, its bin's edges.
struct Bin {
    enum Place { kLowest, kInside, kHighest };
    Place place;
    Point value, above, below;
    float width;         // 2 / (levels - 1)
    float log_per_unit;  // ln((levels - 1) / 2)
};

GATUN_INLINE Bin bin_of(int32_t level, int32_t levels) {
    const double steps = levels - 1;
    const double value = 2.0 * level - steps;
    return {level == 0            ? Bin::kLowest
            : level == levels - 1 ? Bin::kHighest
                                  : Bin::kInside,
            point_of(value / steps),
            point_of((value + 1.0) / steps),
            point_of((value - 1.0) / steps),
            static_cast<float>(2.0 / steps),
            static_cast<float>(log_double(steps / 2.0))};
}

struct Logistic {
    Vec s, inverse, centre, upper, lower, width;  // width = upper - lower, without cancellation
};

// Where a point lies in units of the scale.
GATUN_INLINE Vec standard(Point p, Vec mean, Vec inverse) { return inverse * ((set(p.near) - mean) + set(p.rest)); }

GATUN_INLINE Logistic logistic_of(const Bin& bin, Vec mean, Vec log_scale) {
    Logistic a;
    a.s = max(set(kLeastLogScale), log_scale);
    a.inverse = exp(negate(a.s));
    a.centre = standard(bin.value, mean, a.inverse);
    a.upper = standard(bin.above, mean, a.inverse);
    a.lower = standard(bin.below, mean, a.inverse);
    a.width = a.inverse * set(bin.width);
    return a;
}

GATUN_INLINE Vec log_density(const Bin& bin, const Logistic& a) {
    return log_sigmoid(a.centre) + log_sigmoid(negate(a.centre)) - a.s - set(bin.log_per_unit);
}

GATUN_INLINE Vec log_difference(const Logistic& a) {
    return log_sigmoid(a.upper) + log_sigmoid(negate(a.lower)) + log(negate(expm1(negate(a.width))));
}

struct Mass {
    Vec log;
    Mask enough;  // inside: above 1e-5, so that the log is that of the difference
};

GATUN_INLINE Mass log_mass(const Bin& bin, const Logistic& a) {
    const Mask all = a.s == a.s;
    if (bin.place == Bin::kLowest) return {log_sigmoid(a.upper), all};
    if (bin.place == Bin::kHighest) return {log_sigmoid(negate(a.lower)), all};
    const Vec difference = log_difference(a);
    const Mask enough = set(kLogLeastMass) < difference;
    if (lanes(enough) == 0xffffu) return {difference, enough};
    return {select(enough, difference, log_density(bin, a)), enough};
}

// d(log mass) by the mean and by the log-scale. The clamp passes a slope of 1 at -7 itself, 0 below.
struct Slopes {
    Vec mean, log_scale;
};

GATUN_INLINE Slopes slopes_of(const Bin& bin, const Logistic& a, Mask enough, Vec log_scale) {
    const Vec zero = set(0.0f);
    const Vec above = sigmoid(negate(a.upper));  // of ln sigmoid(upper)
    const Vec below = sigmoid(a.lower);          // of -ln sigmoid(-lower)
    Slopes d;
    if (bin.place == Bin::kLowest) {
        d = {zero - a.inverse * above, zero - a.upper * above};
    } else if (bin.place == Bin::kHighest) {
        d = {a.inverse * below, a.lower * below};
    } else {
        d = {a.inverse * (below - above), a.lower * below - a.upper * above - a.width / expm1(a.width)};
        const Vec t = tanh(a.centre * set(0.5f));
        d.mean = select(enough, d.mean, a.inverse * t);
        d.log_scale = select(enough, d.log_scale, fma(a.centre, t, set(-1.0f)));
    }
    d.log_scale = select(log_scale < set(kLeastLogScale), zero, d.log_scale);
    return d;
}

}  // namespace gatun::GATUN_ISA_LEVEL
