// Weights of sixteen outputs, four flat inputs at once, as lay_out (plan.h) puts them.
#pragma once

#include "simd/vec.h"

namespace gatun::GATUN_ISA_LEVEL {

struct Fours {
    Vec v[4];
};

#if defined(__CUDACC__)

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
__device__ inline Vec weights_of(const float* p) {
    if constexpr (kNear) {
        return load(p);
    } else {
        return fixed(p);
    }
}

// Sixteen bytes into a block's memory, behind the thread's back until await_copies.
__device__ inline void copy_four(float* to, const float* from) {
    const auto at = static_cast<uint32_t>(__cvta_generic_to_shared(to));
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16;\n" ::"r"(at), "l"(from) : "memory");
}
__device__ inline void await_copies() { asm volatile("cp.async.wait_all;\n" ::: "memory"); }

#else

template <bool kNear>
inline Fours fours(const float* p) {
    float columns[4][kLanes];
    for (int i = 0; i < 4 * kLanes; ++i) columns[i % 4][i / 4] = p[i];
    return {{load(columns[0]), load(columns[1]), load(columns[2]), load(columns[3])}};
}
template <bool kNear>
inline Vec weights_of(const float* p) {
    return fixed(p);
}

inline void copy_four(float* to, const float* from) { std::memcpy(to, from, 4 * sizeof(float)); }
inline void await_copies() {}

#endif

}  // namespace gatun::GATUN_ISA_LEVEL
