// Activations: relu, leaky relu (slope 0.01), tanh, sigmoid, elu (e^x - 1 below 0); and their gradients, from the
// activation's own result.
//
//   run:      y[i] = f(x[i])
//   gradient: dx[i] = f'(x[i]) dy[i]  (accumulate: dx[i] += ...), where f' is had from y[i] = f(x[i]):
//             relu 1 where y > 0, else 0;  leaky relu 1 where y > 0, else 0.01;  tanh 1 - y^2;  sigmoid y (1 - y);
//             elu 1 where y > 0, else y + 1
//
// Results have the same bits on every level. Not-a-number stays so in run, through relu too.
#pragma once

#include <cstdint>

#include "core/dispatch.h"

namespace gatun {

// `kind` is a GATUN_RELU .. GATUN_ELU; `count` contiguous floats, of any alignment, >= 0. x and y may be the same,
// and so may dx and dy or dx and y.
struct ActivationKernels {
    void (*run)(int32_t kind, const float* x, float* y, int64_t count);
    void (*gradient)(int32_t kind, const float* y, const float* dy, float* dx, int64_t count, bool accumulate);
};

namespace scalar {

// The definition, in double with the C library's functions; the derivative is by x.
double activation(int32_t kind, double x);
double activation_derivative(int32_t kind, double x);

}  // namespace scalar
}  // namespace gatun

GATUN_DECLARE_LEVELS(gatun::ActivationKernels, activation_kernels)
