// What the affine operation is, in plain loops: kernels are held against this, in checks and in benchmarks.
#include <algorithm>
#include <cmath>

#include "core/maps.h"
#include "ops/affine/affine.h"

namespace gatun::scalar {

int64_t packed_at(int64_t taps, int64_t inputs, int64_t output, int64_t tap, int64_t input, int64_t unseen) {
    const int64_t block = output / GATUN_LANES, lane = output % GATUN_LANES;
    return (block * (taps * inputs - unseen) + tap * inputs + input) * GATUN_LANES + lane;
}

int32_t seen_inputs(const gatun_affine& a, int32_t tap) {
    return tap == a.tap_count - 1 ? a.inputs - a.unseen : a.inputs;
}

namespace {

// What a tap reads around (i, j); one farther out than the grid is large is taken for one just outside.
const float* read(const gatun_map& x, const gatun_tap& tap, int64_t n, int64_t i, int64_t j) {
    return at(x, n, i + std::clamp(tap.row, -x.rows, x.rows), j + std::clamp(tap.column, -x.columns, x.columns));
}

}  // namespace

float affine_output(const gatun_affine& a, const gatun_map& x, int64_t n, int64_t i, int64_t j, int32_t output) {
    float chain[2] = {a.bias == nullptr ? 0.0f : a.bias[output], 0.0f};
    int64_t r = 0;
    for (int32_t tap = 0; tap < a.tap_count; ++tap) {
        const float* from = read(x, a.taps[tap], n, i, j);
        for (int32_t c = 0; c < seen_inputs(a, tap); ++c, ++r) {
            const float weight = a.weights[packed_at(a.tap_count, a.inputs, output, tap, c, a.unseen)];
            chain[r % 2] = std::fma(from[c], weight, chain[r % 2]);
        }
    }
    return chain[0] + chain[1];
}

void affine(const gatun_affine& a, const gatun_map& x, const gatun_map& y, bool accumulate, int64_t stride) {
    for (int32_t n = 0; n < y.examples; ++n) {
        for (int32_t i = 0; i < y.rows; ++i) {
            for (int32_t j = 0; j < y.columns; ++j) {
                float* to = at(y, n, i, j);
                for (int32_t o = 0; o < a.outputs; ++o) {
                    const float sum = affine_output(a, x, n, stride * i, stride * j, o);
                    to[o] = accumulate ? to[o] + sum : sum;
                }
            }
        }
    }
}

void affine_gradient(const gatun_affine& a, const gatun_map& x, const gatun_map& dy, Sum* weights, Sum* bias,
                     int64_t stride) {
    for (int32_t n = 0; n < dy.examples; ++n) {
        for (int32_t i = 0; i < dy.rows; ++i) {
            for (int32_t j = 0; j < dy.columns; ++j) {
                const float* d = at(dy, n, i, j);
                for (int32_t o = 0; o < a.outputs; ++o) {
                    if (bias != nullptr) bias[o].add(static_cast<double>(d[o]));
                    for (int32_t tap = 0; tap < a.tap_count; ++tap) {
                        const float* from = read(x, a.taps[tap], n, stride * i, stride * j);
                        for (int32_t c = 0; c < seen_inputs(a, tap); ++c) {
                            const int64_t at = packed_at(a.tap_count, a.inputs, o, tap, c, a.unseen);
                            weights[at].add(static_cast<double>(from[c]) * static_cast<double>(d[o]));
                        }
                    }
                }
            }
        }
    }
}

}  // namespace gatun::scalar
