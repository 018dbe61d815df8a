// Sums of maps, one map at a time: y = scale * (y + x), where a value of x may stand for several rows and columns of
// y (a condition's frame, or what is the same at all positions).
#pragma once

#include <cstdint>

#include "core/dispatch.h"

namespace gatun {

struct SumKernels {
    // y[i] = scale * ((accumulate ? y[i] : 0) + x[i]), i < count
    void (*run)(const float* x, float scale, float* y, int64_t count, bool accumulate);
};

}  // namespace gatun

GATUN_DECLARE_LEVELS(gatun::SumKernels, sum_kernels)
