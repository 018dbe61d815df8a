// Softmax over the outputs of one place: maximum, exponentials with their sum, choice by a uniform. All loops go by
// blocks of 16 lanes in one order, which distribution.h states.
#pragma once

#include "simd/math.h"

#if defined(__CUDACC__)
#include "ops/distribution/choose_cuda.h"
#endif

namespace gatun::GATUN_ISA_LEVEL {

GATUN_INLINE constexpr int64_t blocks_of(int64_t count) { return (count + kLanes - 1) / kLanes; }

// The block of l that starts at i; behind the last of `count`, `rest`.
GATUN_INLINE Vec block(const float* l, int64_t i, int64_t count, float rest) {
    if (i + kLanes <= count) return load(l + i);
    const int n = static_cast<int>(count - i);
    return first_lanes_of(load(l + i, n), n, set(rest));
}

GATUN_INLINE float largest(const float* l, int64_t count) {
    constexpr int kFour = 4;
    Vec m = set(-kInfinity);
    int64_t i = 0;
    for (; i + kFour * kLanes <= count; i += kFour * kLanes) {
        GATUN_UNROLL_BY(4)
        for (int k = 0; k < kFour; ++k) m = max(m, load(l + i + k * kLanes));
    }
    for (; i < count; i += kLanes) m = max(m, block(l, i, count, -kInfinity));
    return maximum(m);
}

GATUN_INLINE Vec exponential(Vec l, float top, float temperature) {
    Vec x = l - set(top);
    if (temperature != 1.0f) x = x / set(temperature);
    return exp(x);
}

#if defined(__CUDACC__)

// Sixteen blocks of `exponentials`, whose sums are added to total. A function by itself, for the sake of whatever calls
// it: its exponentials take many registers, and many instructions.
GATUN_APART float sixteen_blocks(const float* l, float top, float temperature, float* e, float* sums, float total) {
    Vec y[kLanes];
    GATUN_UNROLL_BY(16)
    for (int k = 0; k < kLanes; ++k) {
        y[k] = exponential(load(l + k * kLanes), top, temperature);
        store(e + k * kLanes, y[k]);
    }
    const Vec all = sums_of(y);
    if (sums != nullptr) store(sums, all);
    return total_of(all, total);
}

#endif

// e[i] = exp((l[i] - top) / temperature), zeros up to the block's end; sums[b]: block b's sum (NULL: not wanted).
// The result is the sum of all.
GATUN_INLINE float exponentials(const float* l, int64_t count, float top, float temperature, float* e, float* sums) {
    float total = 0.0f;
    int64_t i = 0;
    together();
#if defined(__CUDACC__)
    for (; i + kSixteenBlocks <= count; i += kSixteenBlocks) {
        total = sixteen_blocks(l + i, top, temperature, e + i, sums == nullptr ? nullptr : sums + i / kLanes, total);
    }
#endif
    for (; i < count; i += kLanes) {
        const Vec y = exponential(block(l, i, count, -kInfinity), top, temperature);
        store(e + i, y);
        const float s = sum(y);
        if (sums != nullptr) sums[i / kLanes] = s;
        total += s;
    }
    return total;
}

#if defined(__CUDACC__)

// The index in a block before which the running sum is `before`.
__device__ inline int64_t find_in(const float* e, int64_t block, float before, float threshold) {
    const float* own = e + block * kLanes;
    const int at = Exceeding(own, before, threshold).at;
    if (at < kLanes) return block * kLanes + at;
    const uint32_t live = lanes(set(0.0f) < load(own));
    return block * kLanes + (live == 0 ? 0 : 31 - __clz(static_cast<int>(live)));
}

// The smallest index whose running sum exceeds the threshold.
GATUN_APART int64_t find(const float* e, const float* sums, int64_t count, float threshold) {
    const int64_t blocks = blocks_of(count);
    float before = 0.0f;
    int64_t b = 0;
    for (; b + kLanes <= blocks; b += kLanes) {
        const Exceeding some(sums + b, before, threshold);
        if (some.at < kLanes) return find_in(e, b + some.at, some.before, threshold);
        before = some.end;
    }
    for (; b < blocks; ++b) {
        if (before + sums[b] > threshold) return find_in(e, b, before, threshold);
        before += sums[b];
    }
    return count - 1;
}

#else

// The smallest index whose running sum exceeds the threshold.
inline int64_t find(const float* e, const float* sums, int64_t count, float threshold) {
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

#endif

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
