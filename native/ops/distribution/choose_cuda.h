// Of a choice by sixteen threads what they would wait for each other in: the same sums as choose.h has, in the same
// order, but sixteen blocks' at once, and the places where a running sum exceeds a threshold looked for by all lanes
// together.
#pragma once

#include "simd/math.h"

namespace gatun::GATUN_ISA_LEVEL {

inline constexpr int kSixteenBlocks = kLanes * kLanes;

// Lane i: the sum of block i, by the tree of vec.h: each step halves the blocks that a lane has, and what it gives away
// it gets of another.
template <int kHalf = kLanes / 2>
__device__ __forceinline__ Vec sums_of(Vec (&y)[2 * kHalf]) {
    const bool upper = (lane() & kHalf) != 0;
    Vec left[kHalf];
    GATUN_UNROLL_BY(8)
    for (int k = 0; k < kHalf; ++k) {
        const float keep = upper ? y[k + kHalf].v : y[k].v, give = upper ? y[k].v : y[k + kHalf].v;
        left[k].v = __fadd_rn(keep, __shfl_xor_sync(half_warp(), give, kHalf, kLanes));
    }
    if constexpr (kHalf == 1) {
        return left[0];
    } else {
        return sums_of<kHalf / 2>(left);
    }
}

// Lane i: before + x[0] + ... + x[i], one after the other; before becomes the last. x: 16 floats, 16-byte aligned, the
// same for all lanes.
__device__ __forceinline__ Vec running(const float* x, float& before) {
    Vec upto{before};
    GATUN_UNROLL_BY(4)
    for (int i = 0; i < kLanes; i += 4) {
        const Four next = four(x + i);
        GATUN_UNROLL_BY(4)
        for (int j = 0; j < 4; ++j) {
            before = __fadd_rn(before, next.v[j]);
            if (lane() == i + j) upto.v = before;
        }
    }
    return upto;
}

// The sums of sixteen blocks, one to a lane, added to a total in their order.
__device__ __forceinline__ float total_of(Vec sums, float total) {
    GATUN_UNROLL_BY(16)
    for (int i = 0; i < kLanes; ++i) total = __fadd_rn(total, lane_of(sums, i));
    return total;
}

// The first of sixteen running sums that exceeds the threshold, the sum before it, and that of all.
struct Exceeding {
    int at;  // sixteen: none
    float before, end;

    __device__ Exceeding(const float* x, float from, float threshold) : end(from) {
        const Vec upto = running(x, end);
        const uint32_t over = lanes(set(threshold) < upto);
        at = over == 0 ? kLanes : __ffs(static_cast<int>(over)) - 1;
        const float last = lane_of(upto, at == 0 ? 0 : at - 1);
        before = at == 0 ? from : last;
    }
};

}  // namespace gatun::GATUN_ISA_LEVEL
