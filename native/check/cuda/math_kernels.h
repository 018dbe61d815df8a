// The functions of simd/math.h on a device.
#pragma once

#include <cstdint>

namespace gatun::check {

enum class MathFunction : int32_t {
    kExp,
    kExpm1,
    kLog,
    kLog1p,
    kTanh,
    kSigmoid,
    kLogSigmoid,
    kGate,     // of x and -x/2
    kSum,      // of every sixteen, in each of them
    kMaximum,  // as well
    kNdtri,    // of |x| inside of (0, 1), of 1/2 elsewhere
    kUniform,  // whose seed and position are x's bits
};

// y[i] = f(x[i]); count is a multiple of 256. Whether the device did it.
bool on_device(MathFunction function, const float* x, float* y, int64_t count);

}  // namespace gatun::check
