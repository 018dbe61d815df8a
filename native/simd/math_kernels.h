// The functions of simd/math.h and simd/philox.h behind pointers, so that the checker and benchmarks reach each
// level's.
#pragma once

#include <cstdint>

#include "core/dispatch.h"

namespace gatun {

struct MathKernels {
    // y[i] = f(x[i])
    using Map = void (*)(const float* x, float* y, int64_t count);
    Map exp;
    Map expm1;
    Map log;
    Map log1p;
    Map tanh;
    Map sigmoid;
    Map log_sigmoid;
    // z[i] = tanh(x[i]) sigmoid(y[i])
    void (*gate)(const float* x, const float* y, float* z, int64_t count);
    double (*ndtri)(double p);
    double (*log_double)(double x);
    // The four words of Philox4x32-10.
    void (*philox)(const uint32_t counter[4], const uint32_t key[2], uint32_t words[4]);
    float (*uniform)(uint64_t seed, uint64_t sample, int64_t position, uint32_t k);
    float (*sum)(const float lanes[16]);
    float (*maximum)(const float lanes[16]);
};

}  // namespace gatun

GATUN_DECLARE_LEVELS(gatun::MathKernels, math_kernels)
