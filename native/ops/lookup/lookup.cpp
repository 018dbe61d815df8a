#include "ops/lookup/lookup.h"

#include <algorithm>

#include "core/context.h"
#include "core/taps.h"

namespace gatun {
namespace {

const int64_t* offsets_of(const gatun_affine& affine, const gatun_levels& x) {
    thread_local Scratch scratch;
    auto* offsets = static_cast<int64_t*>(scratch.bytes(sizeof(int64_t) * static_cast<size_t>(affine.tap_count + 1)));
    tap_offsets(affine, x, offsets);
    return offsets;
}

// Adds dy of one position to the rows of the weights' gradient that this position looked up, outputs first .. first +
// live - 1.
void scatter(const gatun_affine& affine, int32_t channels, const int32_t* x, const int64_t* offsets, const float* dy,
             int64_t first, int64_t live, float* weights, float* outside) {
    const int64_t levels = affine.inputs / channels;
    const int64_t block = first / GATUN_LANES;
    const int64_t flat = static_cast<int64_t>(affine.tap_count) * affine.inputs - affine.unseen;
    float* of_block = weights + block * flat * GATUN_LANES;
    for (int32_t tap = 0; tap < affine.tap_count; ++tap) {
        const int64_t seen = tap + 1 < affine.tap_count ? channels : channels - affine.unseen / levels;
        for (int32_t channel = 0; channel < seen; ++channel) {
            const int32_t level = x[offsets[tap] + channel];
            float* to = nullptr;
            if (level >= 0) {
                to = of_block + ((static_cast<int64_t>(tap) * channels + channel) * levels + level) * GATUN_LANES;
            } else if (outside != nullptr) {
                to = outside + first;
            } else {
                continue;
            }
            for (int64_t lane = 0; lane < live; ++lane) to[lane] += dy[first + lane];
        }
    }
}

}  // namespace
}  // namespace gatun

extern "C" {

int32_t gatun_lookup_run(gatun_context* context, const gatun_affine* affine, const float* outside,
                         const gatun_levels* x, const gatun_map* y) {
    return gatun::recordable(
        context, GATUN_CALL_LOOKUP,
        [&](gatun::Record& r) { r.affine(*affine).maps(nullptr, y).reads(outside)->levels = *x; },
        [&] {
            const auto& kernels = GATUN_PICK(context->isa, lookup_kernels);
            const int64_t* offsets = gatun::offsets_of(*affine, *x);
            context->pool.run(static_cast<int64_t>(y->examples) * y->rows, [&](int64_t task) {
                const int64_t n = task / y->rows, i = task % y->rows;
                kernels.run(*affine, outside, x->features,
                            {x->data + n * x->stride_example + i * x->stride_row, offsets, x->stride_column,
                             y->data + n * y->stride_example + i * y->stride_row, y->stride_column, y->columns});
            });
            return GATUN_OK;
        });
}

int32_t gatun_lookup_gradient(gatun_context* context, const gatun_affine* affine, const gatun_levels* x,
                              const gatun_map* dy, float* weights, float* bias, float* outside) {
    return gatun::recordable(
        context, GATUN_CALL_LOOKUP_GRADIENT,
        [&](gatun::Record& r) { r.affine(*affine).maps(nullptr, dy).writes(weights, bias, outside)->levels = *x; },
        [&] {
            const int64_t* offsets = gatun::offsets_of(*affine, *x);
            const int64_t outputs = affine->outputs;
            // A task owns a block of outputs: each place of the gradient has one writer, which takes the positions in
            // order.
            context->pool.run((outputs + GATUN_LANES - 1) / GATUN_LANES, [&](int64_t block) {
                const int64_t first = block * GATUN_LANES, live = std::min<int64_t>(GATUN_LANES, outputs - first);
                for (int64_t n = 0; n < dy->examples; ++n) {
                    for (int64_t i = 0; i < dy->rows; ++i) {
                        for (int64_t j = 0; j < dy->columns; ++j) {
                            const float* d =
                                dy->data + n * dy->stride_example + i * dy->stride_row + j * dy->stride_column;
                            const int32_t* at =
                                x->data + n * x->stride_example + i * x->stride_row + j * x->stride_column;
                            gatun::scatter(*affine, x->features, at, offsets, d, first, live, weights, outside);
                            for (int64_t lane = 0; bias != nullptr && lane < live; ++lane)
                                bias[first + lane] += d[first + lane];
                        }
                    }
                }
            });
            return GATUN_OK;
        });
}
}
