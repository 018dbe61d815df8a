// What sixteen outputs look up at one position, whose tap k reads the levels at source(k).
#pragma once

#include "gatun.h"
#include "simd/vec.h"

namespace gatun::GATUN_ISA_LEVEL {

// Sixteen outputs.
struct LookupBlock {
    const float* weights;
    int64_t first;  // output
    int live;
};

// The rows that levels choose, added to the two chains; `before`: flat inputs before the first tap's.
template <class Source>
GATUN_INLINE void look_up(const gatun_affine& affine, const float* outside, int32_t channels, int64_t before,
                          const LookupBlock& block, Source&& source, Vec (&chain)[2]) {
    const int32_t levels = affine.inputs / channels;
    for (int32_t tap = 0; tap < affine.tap_count; ++tap) {
        const int32_t* x = source(tap);
        const int32_t seen = tap + 1 < affine.tap_count ? channels : channels - affine.unseen / levels;
        for (int32_t channel = 0; channel < seen; ++channel) {
            const int64_t flat = before + (static_cast<int64_t>(tap) * channels + channel) * levels;
            if (x[channel] >= 0) {
                const int64_t at = flat + x[channel];
                chain[at & 1] = chain[at & 1] + load(block.weights + at * kLanes);
            } else if (outside != nullptr) {
                chain[flat & 1] = chain[flat & 1] + load(outside + block.first, block.live);
            }
        }
    }
}

// The whole sum.
template <class Source>
GATUN_INLINE Vec look_up(const gatun_affine& affine, const float* outside, int32_t channels, const LookupBlock& block,
                         Source&& source) {
    Vec chain[2] = {affine.bias == nullptr ? set(0.0f) : load(affine.bias + block.first, block.live), set(0.0f)};
    look_up(affine, outside, channels, 0, block, source, chain);
    return chain[0] + chain[1];
}

}  // namespace gatun::GATUN_ISA_LEVEL
