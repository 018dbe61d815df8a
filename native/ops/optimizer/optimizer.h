// Optimiser steps and the vector sums of training: the kernels of a level.
#pragma once

#include <cstdint>

#include "core/dispatch.h"
#include "gatun.h"
#include "ops/optimizer/factors.h"

namespace gatun {

struct OptimizerKernels {
    void (*sgd)(const OptimizerFactors& factors, int64_t count, float* parameters, const float* gradient,
                float* momentum);
    void (*rmsprop)(const OptimizerFactors& factors, int64_t count, float* parameters, const float* gradient,
                    float* momentum, float* squares);
    void (*adam)(const OptimizerFactors& factors, int64_t count, float* parameters, const float* gradient, float* mean,
                 float* squares);
    void (*adamax)(const OptimizerFactors& factors, int64_t count, float* parameters, const float* gradient,
                   float* mean, float* largest);
    double (*sum_of_squares)(int64_t count, const float* values);
    void (*scale)(int64_t count, float factor, float* values);
    void (*average)(int64_t count, float weight, const float* values, float* average);
};

// The definitions. Sums and averages have their bits; steps come near to what is computed in double.
namespace scalar {

// A parameter behind a step, and its running states; size: of all that was added up, which scales the rounding.
struct Stepped {
    double parameter, first, second;
    double size;
};

// g the gradient, with weight decay g + decay p (for adam decoupled p *= 1 - lr decay first, and g as it is):
//   sgd      b = momentum b + g;  p -= lr (nesterov ? g + momentum b : b), or p -= lr g without momentum
//   rmsprop  s = alpha s + (1-alpha) g^2;  u = g / (sqrt(s) + eps);  b = momentum b + u;  p -= lr b (without: lr u)
//   adam     m = beta1 m + (1-beta1) g;  s = beta2 s + (1-beta2) g^2;
//            p -= lr / (1-beta1^t) m / (sqrt(s) / sqrt(1-beta2^t) + eps)
//   adamax   m as adam;  n = max(beta2 n, |g| + eps);  p -= lr / (1-beta1^t) m / n
// first: b or m; second: s or n.
Stepped optimizer_step(const gatun_optimizer& optimizer, double parameter, double gradient, double first,
                       double second);

// In blocks of kSumBlock, which are added in their order; in a block lane i of sixteen sums values[16 j + i]^2, then a
// tree over the lanes.
double sum_of_squares(int64_t count, const float* values);

// average + weight (value - average), from the nearer end, in one fused multiply-add.
float average(float weight, float value, float average);

}  // namespace scalar
}  // namespace gatun

GATUN_DECLARE_LEVELS(gatun::OptimizerKernels, optimizer_kernels)
