// What dropout draws: 16 bits for each feature of each position, four of a word; the word of a counter is SplitMix64's
// (Steele et al. 2014), as dev.gatun.tensor.SplitMix has it.
#pragma once

#include "gatun.h"
#include "simd/inline.h"

namespace gatun {

inline constexpr int kDropoutLevels = 1 << 16;
inline constexpr int kDrawsOfWord = 4;

GATUN_INLINE uint64_t mixed(uint64_t counter) {
    uint64_t z = counter * 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

// The first word of a position of maps with so many features.
GATUN_INLINE uint64_t first_word(const gatun_dropout& d, int64_t position, int32_t features) {
    return d.key + static_cast<uint64_t>(position * ((int64_t{features} + kDrawsOfWord - 1) / kDrawsOfWord));
}

GATUN_INLINE float dropped(const gatun_dropout& d, uint64_t first, int32_t feature, float x) {
    const uint64_t word = mixed(first + static_cast<uint64_t>(feature / kDrawsOfWord));
    const auto draw = static_cast<int32_t>(word >> feature % kDrawsOfWord * 16 & (kDropoutLevels - 1));
    return draw < d.kept ? x * d.scale : 0.0f;
}

}  // namespace gatun
