// The affine operation over one-hot inputs: a product with a one-hot vector is a row of the weights. Adding that row to
// the chain that its flat index belongs to gives the bits of the full product (a product with 0 adds nothing).
#pragma once

#include "core/dispatch.h"
#include "gatun.h"
#include "ops/affine/affine.h"

namespace gatun {

// Positions in a row: the p-th looks at x[offsets[tap] + p*x_step + channel].
struct LookupRow {
    const int32_t* x;
    const int64_t* offsets;  // of each tap, in levels
    int64_t x_step;
    float* y;
    int64_t y_step;
    int64_t positions;
};

struct LookupKernels {
    // All outputs of the positions. channels: how many one-hot vectors make up the inputs.
    void (*run)(const gatun_affine& affine, const float* outside, int32_t channels, const LookupRow& row);
    // The same of a part of a sum.
    void (*run_part)(const gatun_affine& affine, const float* outside, int32_t channels, const LookupRow& row,
                     const AffinePart& part);
};

// The definitions. Kernels' outputs have the bits of `lookup`; their gradients come near to the sums of
// lookup_gradient.
namespace scalar {

// The product with one-hot inputs, term by term: levels = inputs / channels of them a channel; unseen is a multiple of
// them. What lies outside of the data (level -1) adds `outside` (NULL: nothing) to the chain that the channel's first
// flat index belongs to.
void lookup(const gatun_affine& affine, const float* outside, const gatun_levels& x, const gatun_map& y);

// Adds dy over all positions into the weights (packed) that they looked up, into outside and bias (NULL: not).
void lookup_gradient(const gatun_affine& affine, const gatun_levels& x, const gatun_map& dy, Sum* weights, Sum* bias,
                     Sum* outside);

}  // namespace scalar
}  // namespace gatun

GATUN_DECLARE_LEVELS(gatun::LookupKernels, lookup_kernels)
