// From the parameters' order to the sorted one, in the forms that the kernels read.
#include <algorithm>

#include "core/context.h"
#include "ops/dense/dense.h"

namespace gatun {
namespace {

constexpr int64_t kLanes = GATUN_LANES;

const float* row_of(const gatun_dense& dense, const float* weights, int64_t output) {
    return weights + dense.rows[output] * dense.stride;
}

void pack_block(const gatun_dense& dense, const float* weights, int64_t block, float* to) {
    const int64_t first = block * kLanes, live = std::min<int64_t>(kLanes, dense.outputs - first);
    const int64_t longest = longest_prefix(dense, block / kPaired * kPaired, kPaired);
    std::fill(to, to + longest * kLanes, 0.0f);
    for (int64_t lane = 0; lane < live; ++lane) {
        const float* row = row_of(dense, weights, first + lane);
        for (int64_t i = 0; i < dense.seen[first + lane]; ++i) to[i * kLanes + lane] = row[dense.columns[i]];
    }
}

// Of each output as many of the 16 inputs as it sees; the rest are zeros.
void pack_transposed_block(const gatun_dense& dense, const float* weights, int64_t block, float* to) {
    const int64_t first = block * kLanes, live = std::min<int64_t>(kLanes, dense.inputs - first);
    const int32_t* from = std::upper_bound(dense.seen, dense.seen + dense.outputs, static_cast<int32_t>(first));
    for (int64_t o = from - dense.seen; o < dense.outputs; ++o) {
        const float* row = row_of(dense, weights, o);
        const int64_t count = std::min<int64_t>(live, dense.seen[o] - first);
        for (int64_t lane = 0; lane < kLanes; ++lane) {
            to[o * kLanes + lane] = lane < count ? row[dense.columns[first + lane]] : 0.0f;
        }
    }
}

}  // namespace
}  // namespace gatun

extern "C" {

int32_t gatun_dense_pack(gatun_context* context, const gatun_dense* dense, const float* weights, const float* bias,
                         float* packed, float* packed_bias) {
    return gatun::recordable(
        context, GATUN_CALL_DENSE_PACK,
        [&](gatun::Record& r) { r.dense(*dense).reads(weights, bias).writes(packed, packed_bias); },
        [&] {
            const int64_t blocks = gatun::blocks_of_lanes(dense->outputs);
            for (int64_t o = 0; o < blocks * gatun::kLanes; ++o) {
                packed_bias[o] = bias == nullptr || o >= dense->outputs ? 0.0f : bias[dense->rows[o]];
            }
            context->pool.run(blocks, [&](int64_t block) {
                gatun::pack_block(*dense, weights, block, packed + block * dense->inputs * gatun::kLanes);
            });
            return GATUN_OK;
        });
}

int32_t gatun_dense_pack_transposed(gatun_context* context, const gatun_dense* dense, const float* weights,
                                    float* packed) {
    return gatun::recordable(
        context, GATUN_CALL_DENSE_PACK_TRANSPOSED,
        [&](gatun::Record& r) { r.dense(*dense).reads(weights).writes(packed); },
        [&] {
            context->pool.run(gatun::blocks_of_lanes(dense->inputs), [&](int64_t block) {
                gatun::pack_transposed_block(*dense, weights, block, packed + block * dense->outputs * gatun::kLanes);
            });
            return GATUN_OK;
        });
}

int32_t gatun_dense_pack_columns(gatun_context* context, const gatun_dense* dense, const float* weights,
                                 float* packed) {
    return gatun::guarded(context, [&] {
        const int64_t width = gatun::blocks_of_lanes(dense->outputs) * gatun::kLanes;
        std::fill(packed, packed + width * dense->inputs, 0.0f);
        for (int64_t o = 0; o < dense->outputs; ++o) {
            const float* row = gatun::row_of(*dense, weights, o);
            for (int64_t i = 0; i < dense->seen[o]; ++i) packed[i * width + o] = row[dense->columns[i]];
        }
        return GATUN_OK;
    });
}
}
