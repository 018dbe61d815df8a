// Sixteen features, fewer at the end.
#pragma once

#include "simd/vec.h"

namespace gatun::GATUN_ISA_LEVEL {

struct Sixteen {
    int32_t at;
    int live;

    template <class Block, class Count>
    GATUN_INLINE Sixteen(Block block, Count features)
        : at(static_cast<int32_t>(block) * kLanes),
          live(features - at < kLanes ? static_cast<int>(features - at) : kLanes) {}

    GATUN_INLINE Vec get(const float* from) const { return live == kLanes ? load(from + at) : load(from + at, live); }
    GATUN_INLINE void put(float* to, Vec value) const {
        if (live == kLanes) {
            store(to + at, value);
        } else {
            store(to + at, value, live);
        }
    }
    GATUN_INLINE void put(float* to, Vec value, bool accumulate) const {
        put(to, accumulate ? get(to) + value : value);
    }
};

}  // namespace gatun::GATUN_ISA_LEVEL
