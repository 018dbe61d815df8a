// Sums of maps, one map at a time: y = scale * (y + x), where a value of x may stand for several rows and columns of
// y (a condition's frame, or what is the same at all positions).
#pragma once

#include <cstdint>

#include "core/dispatch.h"
#include "gatun.h"
#include "ops/affine/affine.h"

namespace gatun {

struct SumKernels {
    // y[i] = scale * ((accumulate ? y[i] : 0) + x[i]), i < count
    void (*run)(const float* x, float scale, float* y, int64_t count, bool accumulate);
};

// The definitions. Outputs have the bits of `sum`; gradients come near to the sums of sum_gradient, with the same bits
// on all levels and any number of threads.
namespace scalar {

// y(i, j) = scale * (y(i, j) + x(i / repeat, j / repeat)), where y is left out unless it accumulates: the sum is
// rounded first, then the product.
void sum(const gatun_map& x, int32_t repeat, float scale, const gatun_map& y, bool accumulate);

// Adds scale * dy(i, j) to the value of x that (i, j) reads: dx [examples][rows][columns][features] of x, which has
// ceil(rows / repeat) rows and ceil(columns / repeat) columns of dy's.
void sum_gradient(const gatun_map& dy, int32_t repeat, float scale, Sum* dx);

}  // namespace scalar
}  // namespace gatun

GATUN_DECLARE_LEVELS(gatun::SumKernels, sum_kernels)
