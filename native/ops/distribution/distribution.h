// What a position's outputs mean: log-probability of a value, its gradient, draws. With P outputs a position, in order:
//
//   bernoulli     1       logit of the value 1
//   categorical   levels  logits
//   gaussian      2       mean, ln sigma
//   mixture       3K      K logits, K means, K log-scales of logistics, discretized
//   mixture       10K     of three channels together: see pixel.h
//
// Log-probabilities and draws have the same bits on every level: sums over levels or components are taken in blocks of
// 16 lanes (zeros behind the last), a block by the tree of `sum` in simd/vec.h, the blocks one after the other.
//
// A draw of a categorical with temperature T: e_i = exp((l_i - max l) / T), threshold u * (sum of e). The first block
// with which the running sum exceeds the threshold holds the value; in it, elements are added to the sum before the
// block one after the other, and the first to exceed is taken (where rounding leaves none, the last with e_i > 0).
//
// Arguments are trusted: levels in range, temperature > 0.
#pragma once

#include <cstdint>

#include "core/dispatch.h"

namespace gatun {

// Outputs of a place (P).
int64_t distribution_outputs(const gatun_distribution& d);

// Positions of a place.
int64_t distribution_positions(const gatun_distribution& d);

// Floats of scratch that a kernel needs, whatever the count of places.
int64_t distribution_scratch(const gatun_distribution& d);

// The P outputs of the n-th of `count` places lie at outputs + n*stride_outputs, its value at levels[n*stride_values]
// or reals[n*stride_values], the other pointer being NULL; those of several positions lie together, there and in the
// log-probabilities. scratch: distribution_scratch(d) floats, 64-byte aligned.
// Strides are in elements; nothing need be aligned but scratch; count >= 0.
struct DistributionKernels {
    // log_prob[n*stride_log_prob] = ln p(value n)
    void (*log_prob)(const gatun_distribution& d, const float* outputs, int64_t stride_outputs, const int32_t* levels,
                     const float* reals, int64_t stride_values, int64_t count, float* log_prob, int64_t stride_log_prob,
                     float* scratch);
    // gradient[n*stride_gradient .. + P] = scale * d(-ln p(value n)) / d outputs; written, not added.
    void (*gradient)(const gatun_distribution& d, const float* outputs, int64_t stride_outputs, const int32_t* levels,
                     const float* reals, int64_t stride_values, int64_t count, float scale, float* gradient,
                     int64_t stride_gradient, float* scratch);
    // Place n is sample noise.first_sample + first + n, at `position`, before whose value the earlier ones of its place
    // lie; noise.mode != 0: the mode, without noise.
    void (*draw)(const gatun_distribution& d, const gatun_noise& noise, uint64_t first, int64_t position,
                 const float* outputs, int64_t stride_outputs, int32_t* levels, float* reals, int64_t stride_values,
                 int64_t count, float* scratch);
};

namespace scalar {

// The definitions, in double with the C library's functions, one place. `level` is the value of a discrete
// distribution, `real` of a gaussian.
double log_prob(const gatun_distribution& d, const double* outputs, int32_t level, double real);

// What a draw makes of the uniforms u0 and u1 (k = 0 and 1); of the mode where `mode`. Levels come as whole numbers.
double draw(const gatun_distribution& d, const double* outputs, double temperature, bool mode, double u0, double u1);

// The same of a pixel of three channels: ln p of all of it, up to a channel; and that channel's draw, u0 being the
// first channel's. `levels` are the pixel's.
double pixel_log_prob(const gatun_distribution& d, const double* outputs, const int32_t* levels, int channel);
double pixel_draw(const gatun_distribution& d, const double* outputs, const int32_t* levels, int channel,
                  double temperature, bool mode, double u0, double u1);

}  // namespace scalar
}  // namespace gatun

GATUN_DECLARE_LEVELS(gatun::DistributionKernels, distribution_kernels)
