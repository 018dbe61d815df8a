// Threads of a block that work together, phase by phase, and what they load and store: on a device all of them at once,
// played one after the other.
#pragma once

#include <cmath>

#include "cuda/pass/places.h"

namespace gatun::GATUN_ISA_LEVEL {

// In each phase every thread does its part, body(number, its own); none begins the next before all have ended it.
template <int kThreads, class Thread>
class Team {
public:
    template <class Body>
    GATUN_INLINE void each(Body&& body) {
#ifdef __CUDACC__
        body(static_cast<int>(threadIdx.x), own_);
        __syncthreads();
#else
        for (int t = 0; t < kThreads; ++t) body(t, all_[t]);
#endif
    }

private:
#ifdef __CUDACC__
    Thread own_;
#else
    Thread all_[kThreads] = {};
#endif
};

// Four numbers of a thread's own; p 16-byte aligned.
GATUN_INLINE void put_four(float* p, const Four& x) {
#ifdef __CUDACC__
    *reinterpret_cast<float4*>(p) = make_float4(x.v[0], x.v[1], x.v[2], x.v[3]);
#else
    for (int j = 0; j < 4; ++j) p[j] = x.v[j];
#endif
}

// Four of `count` numbers from `at` on, zero behind them.
GATUN_INLINE Four four_of(const float* p, int64_t at, int64_t count, bool aligned) {
    if (aligned && at + 4 <= count) return four(p + at);
    Four x{};
    GATUN_UNROLL_BY(4)
    for (int j = 0; j < 4; ++j) x.v[j] = at + j < count ? p[at + j] : 0.0f;
    return x;
}

// Which of the sums of a tile a thread has: eight rows, and four or eight columns, in groups of four, of which a second
// one lies half a tile behind the first. Threads of a warp lie so that what they read together of shared memory lies
// side by side.
template <int kColumns, int kWide>
struct Share {
    static constexpr int kAcross = kColumns / kWide, kSide = kAcross < 8 ? kAcross : 8;
    int row, column;  // the first of the first group

    GATUN_INLINE explicit Share(int thread) {
        const int warp = thread / 32, lane = thread % 32;
        column = 4 * (lane % kSide + kSide * (warp % (kAcross / kSide)));
        row = 4 * (lane / kSide + 32 / kSide * (warp / (kAcross / kSide)));
    }
    GATUN_INLINE static int behind(int i, int size) { return i < 4 ? i : size / 2 + i - 4; }
};

template <int kWide>
using Sums = float[8][kWide];

// Eight rows' and some columns' factors of one term of their sums.
template <int kWide>
struct Factors {
    float row[8], column[kWide];

    // Of lines of as many rows and columns as a tile has.
    template <int kRows, int kColumns>
    GATUN_INLINE static Factors at(const float (&rows)[kRows], const float (&columns)[kColumns],
                                   const Share<kColumns, kWide>& share) {
        Factors f;
        GATUN_UNROLL_BY(8)
        for (int r = 0; r < 8; r += 4) take(rows + share.row + (r == 0 ? 0 : kRows / 2), f.row + r);
        GATUN_UNROLL_BY(8)
        for (int c = 0; c < kWide; c += 4) take(columns + share.column + (c == 0 ? 0 : kColumns / 2), f.column + c);
        return f;
    }

    GATUN_INLINE void add_to(Sums<kWide>& sums) const {
        GATUN_UNROLL_BY(8)
        for (int r = 0; r < 8; ++r) {
            GATUN_UNROLL_BY(8)
            for (int c = 0; c < kWide; ++c) sums[r][c] = fmaf(row[r], column[c], sums[r][c]);
        }
    }

private:
    GATUN_INLINE static void take(const float* from, float* to) {
        const Four x = four(from);
        GATUN_UNROLL_BY(4)
        for (int j = 0; j < 4; ++j) to[j] = x.v[j];
    }
};

}  // namespace gatun::GATUN_ISA_LEVEL
