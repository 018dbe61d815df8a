// Weights that steps can keep in fewer bits.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <vector>

#include "gatun.h"

namespace gatun::check {

// The nearest number of bfloat16, the even one of two.
inline float nearest_bf16(float value) {
    const auto bits = std::bit_cast<uint32_t>(value);
    return std::bit_cast<float>((bits + 0x7fffu + (bits >> 16 & 1u)) & 0xffff0000u);
}

// Makes packed weights, [block][flat][16], numbers of a precision: where they are bytes each output's are whole
// multiples, up to 127 of them, of a number of 16 bits.
inline void round_to(int32_t precision, int64_t flat, std::vector<float>& weights) {
    if (precision == GATUN_BF16) std::ranges::transform(weights, weights.begin(), nearest_bf16);
    if (precision < GATUN_INT8 || flat == 0) return;
    for (size_t lane = 0; lane < weights.size() / static_cast<size_t>(flat); ++lane) {
        const size_t first = lane / GATUN_LANES * GATUN_LANES * static_cast<size_t>(flat) + lane % GATUN_LANES;
        const auto at = [&](int64_t r) -> float& { return weights[first + static_cast<size_t>(r) * GATUN_LANES]; };
        float most = 0;
        for (int64_t r = 0; r < flat; ++r) most = std::max(most, std::fabs(at(r)));
        const float scale = std::bit_cast<float>(std::bit_cast<uint32_t>(most / 127) & ~0xffu);
        for (int64_t r = 0; r < flat && scale > 0; ++r) {
            const auto whole = static_cast<int>(std::nearbyint(std::clamp(at(r) / scale, -127.0f, 127.0f)));
            at(r) = static_cast<float>(whole) * scale;
        }
    }
}

}  // namespace gatun::check
