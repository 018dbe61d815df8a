#include <algorithm>
#include <new>
#include <vector>

#include "core/maps.h"
#include "core/taps.h"
#include "gatun_definitions.h"
#include "ops/affine/affine.h"
#include "ops/dense/dense.h"
#include "ops/distribution/distribution.h"
#include "ops/gate/gate.h"

namespace gatun {
namespace {

// Runs a body; what it throws becomes a status.
template <class Body>
int32_t defined(Body&& body) noexcept {
    try {
        body();
        return GATUN_OK;
    } catch (const std::bad_alloc&) {
        return GATUN_OUT_OF_MEMORY;
    } catch (...) {
        return GATUN_SYSTEM_ERROR;
    }
}

// body(example, row, column), one position after the other.
template <class Body>
void each_position(const gatun_map& map, Body&& body) {
    for (int32_t n = 0; n < map.examples; ++n) {
        for (int32_t i = 0; i < map.rows; ++i) {
            for (int32_t j = 0; j < map.columns; ++j) body(n, i, j);
        }
    }
}

void copy(const float* from, std::vector<double>& to) { std::copy_n(from, to.size(), to.begin()); }

void add(const std::vector<scalar::Sum>& sums, float* to) {
    for (size_t i = 0; i < sums.size(); ++i) to[i] += static_cast<float>(sums[i].value);
}

// Of one place, whose first value is the at-th: a position, or those that the distribution is over together.
void log_prob_of(const gatun_distribution& d, const double* outputs, const gatun_values& values, int64_t at,
                 float* log_prob) {
    const int32_t* levels = values.levels == nullptr ? nullptr : values.levels + at;
    if (distribution_positions(d) == 1) {
        const double real = values.reals == nullptr ? 0 : static_cast<double>(values.reals[at]);
        log_prob[0] = static_cast<float>(scalar::log_prob(d, outputs, levels == nullptr ? 0 : levels[0], real));
        return;
    }
    double before = 0;
    for (int channel = 0; channel < 3; ++channel) {
        const double all = scalar::pixel_log_prob(d, outputs, levels, channel);
        log_prob[channel] = static_cast<float>(all - before);
        before = all;
    }
}

}  // namespace
}  // namespace gatun

extern "C" {

int32_t gatun_definition_affine(const gatun_affine* affine, const gatun_map* x, const gatun_map* y) {
    return gatun::defined([&] { gatun::scalar::affine(*affine, *x, *y, false); });
}

int32_t gatun_definition_affine_gradient(const gatun_affine* affine, const gatun_map* x, const gatun_map* dy,
                                         float* weights, float* bias) {
    return gatun::defined([&] {
        const auto blocks = static_cast<size_t>(gatun::blocks_of_lanes(affine->outputs));
        std::vector<gatun::scalar::Sum> sums(blocks * GATUN_LANES * static_cast<size_t>(gatun::flat_inputs(*affine)));
        std::vector<gatun::scalar::Sum> of_bias(static_cast<size_t>(affine->outputs));
        gatun::scalar::affine_gradient(*affine, *x, *dy, sums.data(), of_bias.data());
        gatun::add(sums, weights);
        if (bias != nullptr) gatun::add(of_bias, bias);
    });
}

int32_t gatun_definition_dense(const gatun_dense* dense, const float* weights, const float* bias, const gatun_map* x,
                               const gatun_map* y) {
    return gatun::defined([&] {
        gatun::each_position(*y, [&](int32_t n, int32_t i, int32_t j) {
            float* to = gatun::at(*y, n, i, j);
            for (int32_t o = 0; o < dense->outputs; ++o) {
                to[o] = gatun::scalar::dense_output(*dense, weights, bias, gatun::at(*x, n, i, j), o);
            }
        });
    });
}

int32_t gatun_definition_gate(const gatun_map* x, const gatun_map* y) {
    return gatun::defined([&] {
        std::vector<double> in(2 * static_cast<size_t>(y->features)), out(static_cast<size_t>(y->features));
        gatun::each_position(*y, [&](int32_t n, int32_t i, int32_t j) {
            gatun::copy(gatun::at(*x, n, i, j), in);
            gatun::scalar::gate(in.data(), out.data(), y->features);
            float* to = gatun::at(*y, n, i, j);
            for (size_t f = 0; f < out.size(); ++f) to[f] = static_cast<float>(out[f]);
        });
    });
}

int32_t gatun_definition_log_prob(const gatun_distribution* distribution, const gatun_map* outputs,
                                  const gatun_values* values, float* log_prob, int64_t stride) {
    return gatun::defined([&] {
        const int64_t positions = gatun::distribution_positions(*distribution);
        std::vector<double> of(static_cast<size_t>(outputs->features));
        for (int32_t n = 0; n < outputs->examples; ++n) {
            for (int32_t j = 0; j < outputs->columns; ++j) {
                gatun::copy(gatun::at(*outputs, n, 0, j), of);
                gatun::log_prob_of(*distribution, of.data(), *values, n * values->stride_example + j * positions,
                                   log_prob + n * stride + j * positions);
            }
        }
    });
}
}
