// What an optimiser's step multiplies by, and the pieces that sums are cut into: the same on processors and devices.
#pragma once

#include <cstdint>

#include "gatun.h"

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

OptimizerFactors factors_of(const gatun_optimizer& optimizer);

// Floats of a partial sum of squares: part of the result's definition.
inline constexpr int64_t kSumBlock = 4096;

}  // namespace gatun
