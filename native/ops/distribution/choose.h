// Softmax over the outputs of one place: maximum, exponentials with their sum, choice by a uniform. All loops go by
// blocks of 16 lanes in one order, which distribution.h states.
#pragma once

#include "simd/math.h"

namespace gatun::GATUN_ISA_LEVEL {

GATUN_INLINE constexpr int64_t blocks_of(int64_t count) { return (count + kLanes - 1) / kLanes; }

// The block of l that starts at i; behind the last of `count`, `rest`.
GATUN_INLINE Vec block(const float* l, int64_t i, int64_t count, float rest) {
    if (i + kLanes <= count) return load(l + i);
    const int n = static_cast<int>(count - i);
    return first_lanes_of(load(l + i, n), n, set(rest));
}

GATUN_INLINE float largest(const float* l, int64_t count) {
    Vec m = set(-kInfinity);
    for (int64_t i = 0; i < count; i += kLanes) m = max(m, block(l, i, count, -kInfinity));
    return maximum(m);
}

// e[i] = exp((l[i] - top) / temperature), zeros up to the block's end; sums[b]: block b's sum (NULL: not wanted).
// The result is the sum of all.
GATUN_INLINE float exponentials(const float* l, int64_t count, float top, float temperature, float* e, float* sums) {
    float total = 0.0f;
    together();
    for (int64_t i = 0; i < count; i += kLanes) {
        Vec x = block(l, i, count, -kInfinity) - set(top);
        if (temperature != 1.0f) x = x / set(temperature);
        const Vec y = exp(x);
        store(e + i, y);
        const float s = sum(y);
        if (sums != nullptr) sums[i / kLanes] = s;
        total += s;
    }
    return total;
}

// The smallest index whose running sum exceeds the threshold.
GATUN_INLINE int64_t find(const float* e, const float* sums, int64_t count, float threshold) {
    const int64_t blocks = blocks_of(count);
    float before = 0.0f;
    for (int64_t b = 0; b < blocks; ++b) {
        if (!(before + sums[b] > threshold)) {
            before += sums[b];
            continue;
        }
        const int64_t end = (b + 1) * kLanes < count ? (b + 1) * kLanes : count;
        int64_t last = b * kLanes;
        for (int64_t i = b * kLanes; i < end; ++i) {
            before += e[i];
            if (before > threshold) return i;
            if (e[i] > 0.0f) last = i;
        }
        return last;
    }
    return count - 1;
}

// Draws from softmax(l / temperature) with a uniform. scratch: whole blocks of count, then one float a block.
GATUN_INLINE int64_t choose(const float* l, int64_t count, float temperature, float u, float* scratch) {
    float* sums = scratch + blocks_of(count) * kLanes;
    const float total = exponentials(l, count, largest(l, count), temperature, scratch, sums);
    together();
    return find(scratch, sums, count, u * total);
}

// The first of the largest.
GATUN_INLINE int64_t first_largest(const float* l, int64_t count) {
    const float top = largest(l, count);
    for (int64_t i = 0; i < count; ++i) {
        if (l[i] == top) return i;
    }
    return 0;
}

}  // namespace gatun::GATUN_ISA_LEVEL
