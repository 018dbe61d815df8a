// Philox4x32-10 (Salmon et al. 2011) and the uniforms that sampling draws from it. Whole numbers only: exact
// everywhere.
#pragma once

#include <cstdint>

#include "simd/inline.h"

#ifndef GATUN_ISA_LEVEL
#error "compile with -DGATUN_ISA_LEVEL=<baseline|avx2|avx512|neon>"
#endif

namespace gatun::GATUN_ISA_LEVEL {

struct PhiloxWords {
    uint32_t w[4];
};

GATUN_INLINE PhiloxWords philox(PhiloxWords c, uint32_t key0, uint32_t key1) {
    for (int round = 0; round < 10; ++round) {
        const uint64_t product0 = uint64_t{0xD2511F53u} * c.w[0];
        const uint64_t product1 = uint64_t{0xCD9E8D57u} * c.w[2];
        c = {{static_cast<uint32_t>(product1 >> 32) ^ c.w[1] ^ key0, static_cast<uint32_t>(product1),
              static_cast<uint32_t>(product0 >> 32) ^ c.w[3] ^ key1, static_cast<uint32_t>(product0)}};
        key0 += 0x9E3779B9u;
        key1 += 0xBB67AE85u;
    }
    return c;
}

// The k-th uniform that `position` of sample number `sample` draws: a multiple of 2^-24 strictly inside (0, 1).
GATUN_INLINE float uniform(uint64_t seed, uint64_t sample, int64_t position, uint32_t k) {
    const PhiloxWords counter = {
        {k, static_cast<uint32_t>(position), static_cast<uint32_t>(sample), static_cast<uint32_t>(sample >> 32)}};
    const PhiloxWords words = philox(counter, static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32));
    return static_cast<float>(words.w[0] >> 9) * 0x1p-23f + 0x1p-24f;
}

}  // namespace gatun::GATUN_ISA_LEVEL
