// Parameters to packed weights and back. Packed: [ceil(outputs/16)][tap][input][16 lanes], zeros behind the last
// output.
#include <cstring>

#include "core/context.h"

namespace {

constexpr int64_t kLanes = GATUN_LANES;

int64_t blocks_of(int64_t outputs) { return (outputs + kLanes - 1) / kLanes; }

// One block of 16 outputs of `outputs`, with the strides and taps given in the order wanted; the last `unseen` inputs
// of the last tap are left out.
void pack_block(int64_t block, int64_t outputs, int64_t inputs, int64_t unseen, int64_t taps, int64_t stride_output,
                int64_t stride_input, const int64_t* tap_offsets, bool taps_backwards, const float* parameter,
                float* packed) {
    const int64_t first = block * kLanes;
    const int64_t live = outputs - first < kLanes ? outputs - first : kLanes;
    float* to = packed + block * (taps * inputs - unseen) * kLanes;
    for (int64_t k = 0; k < taps; ++k) {
        const int64_t tap_offset = tap_offsets[taps_backwards ? taps - 1 - k : k];
        const int64_t seen = k + 1 < taps ? inputs : inputs - unseen;
        for (int64_t c = 0; c < seen; ++c, to += kLanes) {
            const float* from = parameter + first * stride_output + c * stride_input + tap_offset;
            for (int64_t lane = 0; lane < live; ++lane) to[lane] = from[lane * stride_output];
            for (int64_t lane = live; lane < kLanes; ++lane) to[lane] = 0.0f;
        }
    }
}

}  // namespace

extern "C" {

int32_t gatun_pack(gatun_context* context, const gatun_layout* layout, const float* parameter, float* packed) {
    return gatun::recordable(
        context, GATUN_CALL_PACK, [&](gatun::Record& r) { r.layout(*layout).reads(parameter).writes(packed); },
        [&] {
            context->pool.run(blocks_of(layout->outputs), [&](int64_t block) {
                pack_block(block, layout->outputs, layout->inputs, layout->unseen, layout->taps, layout->stride_output,
                           layout->stride_input, layout->tap_offsets, false, parameter, packed);
            });
            return GATUN_OK;
        });
}

int32_t gatun_pack_transposed(gatun_context* context, const gatun_layout* layout, const float* parameter,
                              float* packed) {
    return gatun::recordable(
        context, GATUN_CALL_PACK_TRANSPOSED,
        [&](gatun::Record& r) { r.layout(*layout).reads(parameter).writes(packed); },
        [&] {
            context->pool.run(blocks_of(layout->inputs), [&](int64_t block) {
                pack_block(block, layout->inputs, layout->outputs, 0, layout->taps, layout->stride_input,
                           layout->stride_output, layout->tap_offsets, true, parameter, packed);
            });
            return GATUN_OK;
        });
}

int32_t gatun_unpack_add(gatun_context* context, const gatun_layout* layout, const float* packed, float* parameter) {
    return gatun::recordable(
        context, GATUN_CALL_UNPACK_ADD, [&](gatun::Record& r) { r.layout(*layout).reads(packed).writes(parameter); },
        [&] {
            const int64_t inputs = layout->inputs, taps = layout->taps;
            context->pool.run(blocks_of(layout->outputs), [&](int64_t block) {
                const int64_t first = block * kLanes;
                const int64_t live = layout->outputs - first < kLanes ? layout->outputs - first : kLanes;
                const float* from = packed + block * (taps * inputs - layout->unseen) * kLanes;
                for (int64_t k = 0; k < taps; ++k) {
                    const int64_t seen = k + 1 < taps ? inputs : inputs - layout->unseen;
                    for (int64_t c = 0; c < seen; ++c, from += kLanes) {
                        float* to = parameter + first * layout->stride_output + c * layout->stride_input +
                                    layout->tap_offsets[k];
                        for (int64_t lane = 0; lane < live; ++lane) to[lane * layout->stride_output] += from[lane];
                    }
                }
            });
            return GATUN_OK;
        });
}
}
