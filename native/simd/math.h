// exp, log and what is made of them, for sixteen lanes: one sequence of correctly rounded operations (+ - * / fma), the
// same on every level, so that results have the same bits everywhere. Errors in ULP, largest over all floats, as the
// checker bounds them: exp, log 1; log1p, expm1 1.6; log_sigmoid, sigmoid 1.9; tanh 2; gate 4.5. Zeros keep their sign,
// infinities and overflow are met, results become subnormal gradually, not-a-number in gives not-a-number out.
#pragma once

#include "simd/vec.h"

namespace gatun::GATUN_ISA_LEVEL {

// Added to a float below 2^22, it leaves the nearest whole number in the lowest bits.
inline constexpr float kRound = 12582912.0f;  // 1.5 * 2^23
inline constexpr float kInfinity = __builtin_inff();
inline constexpr float kLog2E = 0x1.715476p+0f;
// ln 2 in two: the first has few bits, so that n times it is exact.
inline constexpr float kLn2High = 0x1.63p-1f;
inline constexpr float kLn2Low = -0x1.bd0106p-13f;
// (e^r - 1 - r) / r^2 for |r| <= ln(2)/2.
inline constexpr float kExp2 = 0x1.fffffep-2f;
inline constexpr float kExp3 = 0x1.5554b4p-3f;
inline constexpr float kExp4 = 0x1.5556f2p-5f;
inline constexpr float kExp5 = 0x1.122560p-7f;
inline constexpr float kExp6 = 0x1.6b9caap-10f;

GATUN_INLINE Vec minus_absolute(Vec x) { return real(bits(x) | set_int(INT32_MIN)); }
GATUN_INLINE Vec with_sign_of(Vec magnitude, Vec x) { return real(bits(magnitude) | (bits(x) & set_int(INT32_MIN))); }

GATUN_INLINE Vec power_terms(Vec r) {
    Vec q = fma(set(kExp6), r, set(kExp5));
    q = fma(q, r, set(kExp4));
    q = fma(q, r, set(kExp3));
    return fma(q, r, set(kExp2));
}

// e^x for x in -104 .. 89 or not-a-number: x = n ln 2 + r.
GATUN_INLINE Vec exp_within(Vec x) {
    const Vec n = fma(x, set(kLog2E), set(kRound)) - set(kRound);
    const Vec r = fma(n, set(-kLn2Low), fma(n, set(-kLn2High), x));
    const Vec q = fma(power_terms(r), r, set(1.0f));
    return scale(fma(q, r, set(1.0f)), n);
}

GATUN_INLINE Vec exp(Vec x) { return exp_within(min(set(89.0f), max(set(-104.0f), x))); }

// e^-|x|.
GATUN_INLINE Vec exp_of_minus(Vec x) { return exp_within(max(set(-104.0f), minus_absolute(x))); }

// e^x - 1.
GATUN_INLINE Vec expm1(Vec x) {
    const Vec within = min(set(89.0f), max(set(-20.0f), x));
    const Vec n = fma(within, set(kLog2E), set(kRound)) - set(kRound);
    const Vec r = fma(n, set(-kLn2Low), fma(n, set(-kLn2High), within));
    const Vec p = fma(r * r, power_terms(r), r);
    // 2^n p + 2^n - 1, halved in between, since 2^128 is no float.
    const Vec half = scale(set(0.5f), n);
    const Vec result = fma(half, p, half - set(0.5f)) * set(2.0f);
    return select(n == set(0.0f), select(absolute(x) < set(0x1p-24f), x, p), result);
}

// ln(1 + f) for 1 + f in sqrt(1/2) .. sqrt(2), plus k ln 2.
GATUN_INLINE Vec log_of_parts(Vec f, Vec k) {
    Vec p = fma(set(0x1.1484e8p-4f), f, set(-0x1.de1004p-4f));
    p = fma(p, f, set(0x1.e6c03ep-4f));
    p = fma(p, f, set(-0x1.fc26acp-4f));
    p = fma(p, f, set(0x1.233b78p-3f));
    p = fma(p, f, set(-0x1.555c4ep-3f));
    p = fma(p, f, set(0x1.99a478p-3f));
    p = fma(p, f, set(-0x1.000006p-2f));
    p = fma(p, f, set(0x1.555548p-2f));
    const Vec square = f * f;
    Vec rest = fma(p * f, square, k * set(kLn2Low));
    rest = fma(set(-0.5f), square, rest);
    return fma(k, set(kLn2High), f + rest);
}

// The exponent of x that leaves a fraction in sqrt(1/2) .. sqrt(2), and that fraction.
GATUN_INLINE Int exponent_of(Vec x) { return shift_right<23>(bits(x) - set_int(0x3f3504f3)); }
GATUN_INLINE Vec fraction_of(Vec x, Int k) { return real(bits(x) - shift_left<23>(k)); }

GATUN_INLINE Vec log(Vec x) {
    const Mask subnormal = x < set(0x1p-126f);
    const Vec normal = select(subnormal, x * set(0x1p24f), x);
    const Int k = exponent_of(normal);
    const Vec exponent = select(subnormal, to_real(k) - set(24.0f), to_real(k));
    Vec result = log_of_parts(fraction_of(normal, k) - set(1.0f), exponent);
    result = select(x < set(kInfinity), result, x);  // infinity, not-a-number
    result = select(x == set(0.0f), set(-kInfinity), result);
    return select(x < set(0.0f), set(__builtin_nanf("")), result);
}

// ln(1 + x). What 1 + x loses by rounding comes back as a correction of the fraction.
GATUN_INLINE Vec log1p(Vec x) {
    const Vec u = x + set(1.0f);
    const Int k = exponent_of(u);
    const Vec lost = select(u < set(2.0f), x - (u - set(1.0f)), set(1.0f) - (u - x));
    const Vec power = real(shift_left<23>(set_int(127) - k));  // 2^-k
    const Vec correction = select(x < set(0x1p25f), lost * power, set(0.0f));
    Vec result = log_of_parts(fraction_of(u, k) - set(1.0f) + correction, to_real(k));
    result = select(x < set(kInfinity), result, x);
    result = select(absolute(x) < set(0x1p-24f), x, result);  // the sign of zero too
    result = select(x == set(-1.0f), set(-kInfinity), result);
    return select(x < set(-1.0f), set(__builtin_nanf("")), result);
}

// ln(1 + x) for x in 0 .. 1 or not-a-number: the same number, with nothing to choose.
GATUN_INLINE Vec log1p_of_fraction(Vec x) {
    const Vec u = x + set(1.0f);
    const Int k = exponent_of(u);
    const Vec lost = select(u < set(2.0f), x - (u - set(1.0f)), set(1.0f) - (u - x));
    const Vec power = real(shift_left<23>(set_int(127) - k));  // 2^-k
    return log_of_parts(fraction_of(u, k) - set(1.0f) + lost * power, to_real(k));
}

// sigmoid(x) = q + q w with q = numerator / denominator. With e^-|x| = 2^n (1 + v), which itself is never rounded, it
// is 2^n (1 + v) / (1 + 2^n (1 + v)) where x < 0 and 1 / (1 + 2^n (1 + v)) elsewhere. Both are multiplied by c, so that
// the denominator lies where a float's rounding is least compared to it: below 2c, not just above.
struct SigmoidParts {
    Vec numerator;
    Vec denominator;
    Vec w;
};

GATUN_INLINE SigmoidParts sigmoid_parts(Vec x) {
    const Vec z = max(set(-106.0f), minus_absolute(x));
    const Vec n = fma(z, set(kLog2E), set(kRound)) - set(kRound);
    const Vec high = fma(n, set(-kLn2High), z);  // exact
    const Vec low = n * set(-kLn2Low);
    const Vec r = high + low;
    const Vec v = high + fma(r * r, power_terms(r), low);
    const Vec c = select(z < set(-1.0f), set(1.5f), set(1.0f));
    const Vec power = scale(c, n);
    const Vec denominator = fma(power, v, power + c);
    const Mask negative = x < set(0.0f);
    return {select(negative, power, c), denominator, select(negative, v, set(0.0f))};
}

// tanh |x| = (1 - e) / (1 + e), e = e^-2|x| = 2^n (1 + 2p), as numerator and denominator. Where |x| is small, n = 0 and
// the numerator is 2p, without cancellation.
struct TanhParts {
    Vec numerator;
    Vec denominator;
};

GATUN_INLINE TanhParts tanh_parts(Vec x) {
    const Vec z = max(set(-9.1f), minus_absolute(x));  // behind, tanh rounds to 1
    const Vec t = fma(z, set(2.0f * kLog2E), set(kRound + 128.0f));
    const Vec n = t - set(kRound + 128.0f);
    const Vec r = fma(n, set(-0x1.62e43p-2f), z);  // ln(2)/2, rounded: n >= -26, and where n is large, e is small
    Vec q = fma(set(32.0f * kExp6), r, set(16.0f * kExp5));
    q = fma(q, r, set(8.0f * kExp4));
    q = fma(q, r, set(4.0f * kExp3));
    q = fma(q, r, set(2.0f * kExp2));
    const Vec p = fma(r * r, q, r);                   // (e^2r - 1) / 2
    const Vec twice = real(shift_left<23>(bits(t)));  // 2^(n+1)
    const Vec above = fma(twice, set(0.5f), set(1.0f));
    const Vec below = fma(twice, set(-0.5f), set(1.0f));
    return {fma(negate(twice), p, below), fma(twice, p, above)};
}

GATUN_INLINE Vec sigmoid(Vec x) {
    const SigmoidParts s = sigmoid_parts(x);
    const Vec q = s.numerator / s.denominator;
    return fma(q, s.w, q);
}

GATUN_INLINE Vec tanh(Vec x) {
    const TanhParts t = tanh_parts(x);
    return with_sign_of(t.numerator / t.denominator, x);
}

// tanh(x) * sigmoid(y) with one division.
GATUN_INLINE Vec gate(Vec x, Vec y) {
    const TanhParts t = tanh_parts(x);
    const SigmoidParts s = sigmoid_parts(y);
    const Vec q = (t.numerator * s.numerator) / (t.denominator * s.denominator);
    return with_sign_of(fma(q, s.w, q), x);
}

// ln sigmoid(x) = min(x, 0) - ln(1 + e^-|x|).
GATUN_INLINE Vec log_sigmoid(Vec x) { return min(x, set(0.0f)) - log1p_of_fraction(exp_of_minus(x)); }

// A scalar goes through the same operations in one of the lanes.
GATUN_INLINE float exp(float x) { return lane0(exp(set(x))); }
GATUN_INLINE float log(float x) { return lane0(log(set(x))); }

// ---- in double, for the noise of draws: few of them, and their levels and reals want to be nearly exact
// -----------------

// ln x for a normal x > 0, to about 1 ULP; of + - * / alone.
GATUN_INLINE double log_double(double x) {
    uint64_t whole;
    std::memcpy(&whole, &x, sizeof whole);
    const uint64_t shifted = whole - 0x3fe6a09e00000000u;  // about sqrt(1/2)
    const int64_t k = static_cast<int64_t>(shifted) >> 52;
    whole -= static_cast<uint64_t>(k) << 52;
    double m;
    std::memcpy(&m, &whole, sizeof m);
    const double f = m - 1.0;
    // With s = f / (2 + f): ln(1+f) = 2 atanh(s) = f - s (f - R) and R = 2/3 s^2 + ..., so that f, which is exact,
    // leads.
    const double s = f / (2.0 + f);
    const double z = s * s;
    double r = 0.1479819860511658591;
    r = r * z + 0.1531383769920937332;
    r = r * z + 0.1818357216161805012;
    r = r * z + 0.2222219843214978396;
    r = r * z + 0.2857142874366239149;
    r = r * z + 0.3999999999940941908;
    r = r * z + 0.6666666666666735130;
    r = r * z;
    const double half_square = 0.5 * f * f;
    const double e = static_cast<double>(k);
    return e * 6.93147180369123816490e-01 -
           ((half_square - (s * (half_square + r) + e * 1.90821492927058770002e-10)) - f);
}

template <int kCount>
GATUN_INLINE double polynomial(const double (&c)[kCount], double x) {
    double y = c[kCount - 1];
    for (int i = kCount - 2; i >= 0; --i) y = y * x + c[i];
    return y;
}

// The inverse of the normal distribution function for p strictly inside (0, 1): Wichura's AS 241, PPND16, whose
// relative error is about 1e-16.
GATUN_INLINE double ndtri(double p) {
    static constexpr double kA[] = {3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3,
                                    1.3731693765509461125e4, 4.5921953931549871457e4, 6.7265770927008700853e4,
                                    3.3430575583588128105e4, 2.5090809287301226727e3};
    static constexpr double kB[] = {1.0,
                                    4.2313330701600911252e1,
                                    6.8718700749205790830e2,
                                    5.3941960214247511077e3,
                                    2.1213794301586595867e4,
                                    3.9307895800092710610e4,
                                    2.8729085735721942674e4,
                                    5.2264952788528545610e3};
    static constexpr double kC[] = {1.42343711074968357734e0,  4.63033784615654529590e0, 5.76949722146069140550e0,
                                    3.64784832476320460504e0,  1.27045825245236838258e0, 2.41780725177450611770e-1,
                                    2.27238449892691845833e-2, 7.74545014278341407640e-4};
    static constexpr double kD[] = {1.0,
                                    2.05319162663775882187e0,
                                    1.67638483018380384940e0,
                                    6.89767334985100004550e-1,
                                    1.48103976427480074590e-1,
                                    1.51986665636164571966e-2,
                                    5.47593808499534494600e-4,
                                    1.05075007164441684324e-9};
    static constexpr double kE[] = {6.65790464350110377720e0,  5.46378491116411436990e0,  1.78482653991729133580e0,
                                    2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
                                    2.71155556874348757815e-5, 2.01033439929228813265e-7};
    static constexpr double kF[] = {1.0,
                                    5.99832206555887937690e-1,
                                    1.36929880922735805310e-1,
                                    1.48753612908506148525e-2,
                                    7.86869131145613259100e-4,
                                    1.84631831751005468180e-5,
                                    1.42151175831644588870e-7,
                                    2.04426310338993978564e-15};
    const double q = p - 0.5;
    if (q >= -0.425 && q <= 0.425) {
        const double r = 0.180625 - q * q;
        return q * polynomial(kA, r) / polynomial(kB, r);
    }
    const double r = std::sqrt(-log_double(q < 0 ? p : 1.0 - p));
    const double z = r <= 5.0 ? polynomial(kC, r - 1.6) / polynomial(kD, r - 1.6)
                              : polynomial(kE, r - 5.0) / polynomial(kF, r - 5.0);
    return q < 0 ? -z : z;
}

}  // namespace gatun::GATUN_ISA_LEVEL
