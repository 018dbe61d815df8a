// The linear gate of PixelCNN++: the first half of the features times sigmoid of the second.
#pragma once

#include <cstdint>

#include "core/dispatch.h"

namespace gatun {

struct LinearGateKernels {
    // count places of `half` outputs each: x + n*x_step holds 2*half features, y + n*y_step takes half.
    void (*run)(const float* x, int64_t x_step, float* y, int64_t y_step, int64_t half, int64_t count);
    // dx (2*half features) (+)= the gate's gradient at x times dy (half features).
    void (*gradient)(const float* x, int64_t x_step, const float* dy, int64_t dy_step, float* dx, int64_t dx_step,
                     int64_t half, int64_t count, bool accumulate);
};

namespace scalar {

// The definition: outputs y [half] of features x [2*half].
void linear_gate(const double* x, double* y, int64_t half);

}  // namespace scalar
}  // namespace gatun

GATUN_DECLARE_LEVELS(gatun::LinearGateKernels, linear_gate_kernels)
