#include "ops/affine/affine.h"
#include "ops/pack/pack.h"

namespace gatun::scalar {
namespace {

int64_t place(const gatun_layout& layout, int64_t output, int64_t tap, int64_t input) {
    return output * layout.stride_output + input * layout.stride_input + layout.tap_offsets[tap];
}

int64_t seen(const gatun_layout& layout, int64_t tap) {
    return tap == layout.taps - 1 ? layout.inputs - layout.unseen : layout.inputs;
}

int64_t whole_blocks(int64_t count) { return (count + GATUN_LANES - 1) / GATUN_LANES * GATUN_LANES; }

}  // namespace

void pack(const gatun_layout& layout, const float* parameter, float* packed) {
    for (int64_t o = 0; o < whole_blocks(layout.outputs); ++o) {
        for (int64_t k = 0; k < layout.taps; ++k) {
            for (int64_t c = 0; c < seen(layout, k); ++c) {
                packed[packed_at(layout.taps, layout.inputs, o, k, c, layout.unseen)] =
                    o < layout.outputs ? parameter[place(layout, o, k, c)] : 0.0f;
            }
        }
    }
}

void pack_transposed(const gatun_layout& layout, const float* parameter, float* packed) {
    for (int64_t c = 0; c < whole_blocks(layout.inputs); ++c) {
        for (int64_t k = 0; k < layout.taps; ++k) {
            for (int64_t o = 0; o < layout.outputs; ++o) {
                packed[packed_at(layout.taps, layout.outputs, c, k, o)] =
                    c < layout.inputs ? parameter[place(layout, o, layout.taps - 1 - k, c)] : 0.0f;
            }
        }
    }
}

void unpack_add(const gatun_layout& layout, const float* packed, float* parameter) {
    for (int64_t o = 0; o < layout.outputs; ++o) {
        for (int64_t k = 0; k < layout.taps; ++k) {
            for (int64_t c = 0; c < seen(layout, k); ++c) {
                parameter[place(layout, o, k, c)] +=
                    packed[packed_at(layout.taps, layout.inputs, o, k, c, layout.unseen)];
            }
        }
    }
}

}  // namespace gatun::scalar
