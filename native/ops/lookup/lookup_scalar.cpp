// What looking up is, in plain loops: the product with one-hot inputs, fused multiply-adds with zeros included.
#include <cmath>

#include "core/maps.h"
#include "ops/affine/affine.h"
#include "ops/lookup/lookup.h"

namespace gatun::scalar {
namespace {

// Adds what one tap reads of one channel, whose first flat index is `flat`, to the chains of an output.
void add_channel(const gatun_affine& a, const float* outside, int32_t output, int64_t tap, int64_t first_input,
                 int64_t levels, int32_t level, float (&chain)[2]) {
    const int64_t flat = tap * a.inputs + first_input;
    if (level < 0) {
        if (outside != nullptr) chain[flat % 2] += outside[output];
        return;
    }
    for (int64_t l = 0; l < levels; ++l) {
        const float hot = l == level ? 1.0f : 0.0f;
        const float weight = a.weights[packed_at(a.tap_count, a.inputs, output, tap, first_input + l, a.unseen)];
        chain[(flat + l) % 2] = std::fma(hot, weight, chain[(flat + l) % 2]);
    }
}

}  // namespace

void lookup(const gatun_affine& a, const float* outside, const gatun_levels& x, const gatun_map& y) {
    const int64_t levels = a.inputs / x.features;
    for (int64_t n = 0; n < y.examples; ++n) {
        for (int64_t i = 0; i < y.rows; ++i) {
            for (int64_t j = 0; j < y.columns; ++j) {
                for (int32_t o = 0; o < a.outputs; ++o) {
                    float chain[2] = {a.bias == nullptr ? 0.0f : a.bias[o], 0.0f};
                    for (int32_t k = 0; k < a.tap_count; ++k) {
                        const int32_t* from = at(x, n, i + a.taps[k].row, j + a.taps[k].column);
                        for (int64_t c = 0; c < seen_inputs(a, k) / levels; ++c) {
                            add_channel(a, outside, o, k, c * levels, levels, from[c], chain);
                        }
                    }
                    at(y, n, i, j)[o] = chain[0] + chain[1];
                }
            }
        }
    }
}

void lookup_gradient(const gatun_affine& a, const gatun_levels& x, const gatun_map& dy, Sum* weights, Sum* bias,
                     Sum* outside) {
    const int64_t levels = a.inputs / x.features;
    for (int64_t n = 0; n < dy.examples; ++n) {
        for (int64_t i = 0; i < dy.rows; ++i) {
            for (int64_t j = 0; j < dy.columns; ++j) {
                for (int32_t o = 0; o < a.outputs; ++o) {
                    const double d = static_cast<double>(at(dy, n, i, j)[o]);
                    if (bias != nullptr) bias[o].add(d);
                    for (int32_t k = 0; k < a.tap_count; ++k) {
                        const int32_t* from = at(x, n, i + a.taps[k].row, j + a.taps[k].column);
                        for (int64_t c = 0; c < seen_inputs(a, k) / levels; ++c) {
                            if (from[c] >= 0) {
                                weights[packed_at(a.tap_count, a.inputs, o, k, c * levels + from[c], a.unseen)].add(d);
                            } else if (outside != nullptr) {
                                outside[o].add(d);
                            }
                        }
                    }
                }
            }
        }
    }
}

}  // namespace gatun::scalar
