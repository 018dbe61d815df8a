// Weights of sixteen outputs, four flat inputs at once, as lay_out (plan.h) puts them; and what lies far.
#pragma once

#include "simd/vec.h"

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

#else

inline float far(const float* p) { return *p; }

template <bool kNear>
inline Fours fours(const float* p) {
    float columns[4][kLanes];
    for (int i = 0; i < 4 * kLanes; ++i) columns[i % 4][i / 4] = p[i];
    return {{load(columns[0]), load(columns[1]), load(columns[2]), load(columns[3])}};
}

#endif

}  // namespace gatun::GATUN_ISA_LEVEL
