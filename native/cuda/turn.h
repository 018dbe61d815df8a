// How the rings of a stream that goes on are turned. Compiled for the device, and for who plays it.
#pragma once

#include "cuda/delay.h"
#include "simd/inline.h"

namespace gatun::GATUN_ISA_LEVEL {

// A thread's share of a ring: row r goes aside as row (r + steps) % depth, or what lies aside comes back as it lies.
// All threads must have put theirs aside before one fetches.
GATUN_INLINE void turn_ring(const gpu::Delay& delay, int32_t slot, bool back, int32_t thread, int32_t threads) {
    const gpu::Slot& own = delay.slots[slot];
    const int64_t by = delay.steps % own.depth;
    if (by == 0) return;
    float* ring = delay.state + own.offset * delay.streams + delay.stream * own.features;
    float* aside = delay.aside + own.offset;
    const int64_t floats = int64_t{own.depth} * own.features;
    for (int64_t i = thread; i < floats; i += threads) {
        const int64_t row = i / own.features, feature = i - row * own.features;
        float* there = ring + row * own.features * delay.streams + feature;
        if (back) {
            *there = aside[i];
        } else {
            const int64_t to = row + by < own.depth ? row + by : row + by - own.depth;
            aside[to * own.features + feature] = *there;
        }
    }
}

}  // namespace gatun::GATUN_ISA_LEVEL
