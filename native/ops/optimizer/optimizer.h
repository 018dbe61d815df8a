// Optimiser steps and the vector sums of training: the kernels of a level.
#pragma once

#include <cstdint>

#include "core/dispatch.h"
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

}  // namespace gatun

GATUN_DECLARE_LEVELS(gatun::OptimizerKernels, optimizer_kernels)
