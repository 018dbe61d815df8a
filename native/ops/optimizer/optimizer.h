// Optimiser steps and the vector sums of training: the kernels of a level.
#pragma once

#include <cstdint>

#include "core/dispatch.h"

namespace gatun {

// A step's factors, rounded to float once from what is computed in double, as torch.optim hands them to its kernels.
struct OptimizerFactors {
    float rate;             // what multiplies the update, negative: -lr, or -lr / (1 - beta1^step)
    float decay;            // weight decay added to the gradient; 0: none
    float shrink;           // decoupled weight decay: parameters *= shrink first; 1: none
    float momentum;         // sgd, rmsprop; 0: no buffer
    float mean_weight;      // 1 - beta1: what a gradient weighs in the running mean
    float keep;             // beta2, alpha: what the running squares (or largest) keep
    float fresh;            // 1 - keep
    float root_correction;  // sqrt(1 - beta2^step)
    float epsilon;
    bool nesterov;
};

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

}  // namespace gatun

GATUN_DECLARE_LEVELS(gatun::OptimizerKernels, optimizer_kernels)
