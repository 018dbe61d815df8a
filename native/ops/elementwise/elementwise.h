// Copies, broadcasts, look-up of one number a level, examples times factors; and sums over positions, as broadcasts'
// gradients.
#pragma once

#include <cstdint>

#include "core/dispatch.h"
#include "gatun.h"

namespace gatun {

struct ElementwiseKernels {
    // y[i] += x[i]
    void (*add)(const float* x, float* y, int64_t count);
    // sums[f] = sum over rows of x[row*stride + f], in the order of rows; rows >= 0.
    void (*sum_rows)(const float* x, int64_t stride, int64_t rows, int64_t features, float* sums);
};

// gatun_broadcast_gradient adds rows in groups of so many positions, each group from zero, then the groups in order:
// the result depends on the shape alone, and long sums lose less.
inline constexpr int64_t kGroupPositions = 256;

// The definitions, whose bits results have.
namespace scalar {

// y (+)= x
void copy(const gatun_map& x, const gatun_map& y, bool accumulate);

// y = vector [features] at every position
void broadcast(const float* vector, const gatun_map& y);

// vector += the sum over positions of dy, in groups of kGroupPositions of a row.
void broadcast_gradient(const gatun_map& dy, float* vector);

// y = table[x]
void encode(const float* table, const gatun_levels& x, const gatun_map& y);

// y *= factors[example]
void scale_examples(const float* factors, const gatun_map& y);

}  // namespace scalar
}  // namespace gatun

GATUN_DECLARE_LEVELS(gatun::ElementwiseKernels, elementwise_kernels)
