// The activation of PixelCNN++: elu of the features, then elu of the features negated; elu(x) = x above 0, e^x - 1
// below.
#pragma once

#include <cstdint>

#include "core/dispatch.h"

namespace gatun {

struct ConcatEluKernels {
    // count places of `features`: x + n*x_step, and y + n*y_step takes twice as many.
    void (*run)(const float* x, int64_t x_step, float* y, int64_t y_step, int64_t features, int64_t count);
    // dx (features) (+)= the gradient, from y, times dy (twice as many).
    void (*gradient)(const float* y, int64_t y_step, const float* dy, int64_t dy_step, float* dx, int64_t dx_step,
                     int64_t features, int64_t count, bool accumulate);
};

namespace scalar {

// The definition: outputs y [2*features] of x [features].
void concat_elu(const double* x, double* y, int64_t features);

}  // namespace scalar
}  // namespace gatun

GATUN_DECLARE_LEVELS(gatun::ConcatEluKernels, concat_elu_kernels)
