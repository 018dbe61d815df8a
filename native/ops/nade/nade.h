// The neural autoregressive distribution estimator over a chain of positions: one hidden layer whose sums grow along
// it.
//
//   a_0 = c;  h_d = sigmoid(a_d);  logit_d = b_d + V_d . h_d;  a_{d+1} = fma(x_d, W_d, a_d)
//
// Hidden units lie in the lanes. A logit is summed in four chains over blocks of 16 units, block b in chain b mod 4,
// all from zero; (0 + 1) + (2 + 3), its lanes by the tree of sum(Vec), then b_d is added. Where x_d is zero nothing
// changes, and the sigmoid of before is kept.
#pragma once

#include <cstdint>

#include "core/dispatch.h"
#include "gatun.h"
#include "ops/affine/affine.h"

namespace gatun {

inline int64_t nade_width(const gatun_nade& nade) {
    return (int64_t{nade.hidden} + GATUN_LANES - 1) / GATUN_LANES * GATUN_LANES;
}

// Examples that the gradient takes side by side.
inline constexpr int kNadeExamples = 4;

// The gradient of 16 hidden units over all examples. Arrays [positions][16], but for `bias` and its gradient, [16].
struct NadeGradient {
    const float* input;
    const float* output;
    const float* bias;
    const float* x;  // of the first example
    int64_t x_stride;
    const float* dlogits;
    int64_t d_stride;
    int64_t examples;
    int64_t positions;
    float* input_gradient;  // added to, as all three
    float* output_gradient;
    float* bias_gradient;
    float* hidden;  // kNadeExamples * positions * 16
};

struct NadeKernels {
    // Streams' states are [2][width]: a and h. logits[s * step] = bias + v . h.
    void (*read)(const float* states, int64_t width, const float* v, float bias, float* logits, int64_t step,
                 int64_t streams);
    // Takes the value x[s * step] in: a and h of the next position.
    void (*push)(float* states, int64_t width, const float* w, const float* x, int64_t step, int64_t streams);
    void (*gradient)(const NadeGradient& gradient);
};

namespace scalar {

// The logits of one example from the parameters, with sigmoids in double: near to the kernels'.
void nade(const gatun_nade& nade, const float* w, const float* c, const float* v, const float* b, const float* x,
          double* logits);

// Adds the gradients of one example.
void nade_gradient(const gatun_nade& nade, const float* w, const float* c, const float* v, const float* x,
                   const float* dlogits, Sum* dw, Sum* dc, Sum* dv, Sum* db);

}  // namespace scalar
}  // namespace gatun

GATUN_DECLARE_LEVELS(gatun::NadeKernels, nade_kernels)
