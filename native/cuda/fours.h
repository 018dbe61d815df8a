// Weights of sixteen outputs, floats or the upper halves of such: of one flat input, or of four at once, as lay_out
// (laid.h) puts them; and what lies far.
#pragma once

#include <bit>

#include "simd/weights.h"

namespace gatun::GATUN_ISA_LEVEL {

struct Fours {
    Vec v[4];
};

#if defined(__CUDACC__)

// From beyond the cache of a multiprocessor, which may hold what was there before.
__device__ inline float far(const float* p) { return __ldcg(p); }

// kNear: from the block's own memory, which others than the reader write.
template <bool kNear>
__device__ inline Fours fours(const float* p) {
    const float4* from = reinterpret_cast<const float4*>(p) + lane();
    float4 x;
    if constexpr (kNear) {
        x = *from;
    } else {
        x = __ldg(from);
    }
    return {{{x.x}, {x.y}, {x.z}, {x.w}}};
}
template <bool kNear>
__device__ inline Fours fours(const uint16_t* p) {
    const uint2* from = reinterpret_cast<const uint2*>(p) + lane();
    uint2 x;
    if constexpr (kNear) {
        x = *from;
    } else {
        x = __ldg(from);
    }
    const auto second = [](uint32_t two) { return __uint_as_float(two & 0xffff0000u); };
    return {{{of_bf16(x.x)}, {second(x.x)}, {of_bf16(x.y)}, {second(x.y)}}};
}

template <bool kNear, class W>
__device__ inline Vec of_one(const W* p) {
    return kNear ? load_weights(p) : fixed(p);
}

#else

inline float far(const float* p) { return *p; }

inline float widened(float weight) { return weight; }
inline float widened(uint16_t weight) { return std::bit_cast<float>(static_cast<uint32_t>(weight) << 16); }

template <bool kNear, class W>
inline Fours fours(const W* p) {
    float columns[4][kLanes];
    for (int i = 0; i < 4 * kLanes; ++i) columns[i % 4][i / 4] = widened(p[i]);
    return {{load(columns[0]), load(columns[1]), load(columns[2]), load(columns[3])}};
}

template <bool kNear, class W>
inline Vec of_one(const W* p) {
    return load_weights(p);
}

#endif

}  // namespace gatun::GATUN_ISA_LEVEL
