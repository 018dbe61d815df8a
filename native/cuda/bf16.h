// Floats that are numbers of bfloat16: there is nothing in their lower halves, so that the upper ones will do.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <vector>

namespace gatun::gpu {

inline bool are_bf16(const float* weights, int64_t count) {
    return std::all_of(weights, weights + count,
                       [](float weight) { return (std::bit_cast<uint32_t>(weight) & 0xffffu) == 0; });
}

// Two in the place of a float.
inline std::vector<float> upper_halves(const std::vector<float>& weights) {
    std::vector<uint16_t> halves;
    halves.reserve(weights.size());
    for (const float weight : weights) {
        halves.push_back(static_cast<uint16_t>(std::bit_cast<uint32_t>(weight) >> 16));
    }
    std::vector<float> all((weights.size() + 1) / 2);
    if (!halves.empty()) std::memcpy(all.data(), halves.data(), halves.size() * sizeof(uint16_t));
    return all;
}

}  // namespace gatun::gpu
