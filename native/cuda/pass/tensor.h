// Products of small matrices of rounded numbers, as tensor cores make them: a warp's 32 lanes hold the factors and the
// sums of 16 x 8 outputs together, of 8 words each; a word is one number of tf32 or two of bf16. Sums are float32.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

#include "cuda/pass/team.h"

namespace gatun::GATUN_ISA_LEVEL {

// Of a slab: what of a sum lies in shared memory at once, the factors of two products one behind the other.
inline constexpr int kSlabWords = 16;
inline constexpr int kStepWords = 8;

#ifndef __CUDACC__
inline uint32_t bits_of(float x) {
    uint32_t bits;
    std::memcpy(&bits, &x, sizeof bits);
    return bits;
}
inline float real_of(uint32_t bits) {
    float x;
    std::memcpy(&x, &bits, sizeof x);
    return x;
}
inline bool is_finite(uint32_t bits) { return (bits & 0x7f800000u) != 0x7f800000u; }
#endif

// Ten bits behind the point; nearest, ties away from zero.
struct Tf32 {
    static constexpr int kNumbers = 1;  // of a word

#ifdef __CUDACC__
    __device__ static uint32_t word(const float (&x)[kNumbers]) {
        uint32_t word;
        asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(word) : "f"(x[0]));
        return word;
    }
    __device__ static void multiply_add(float (&c)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
        asm("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
            : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
            : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
    }
#else
    static uint32_t word(const float (&x)[kNumbers]) {
        const uint32_t bits = bits_of(x[0]);
        return is_finite(bits) ? (bits + 0x1000u) & ~0x1fffu : bits;
    }
    static float multiply_add(float sum, uint32_t a, uint32_t b) { return std::fmaf(real_of(a), real_of(b), sum); }
#endif
};

// Seven bits behind the point; nearest, ties to even. The first lies below.
struct Bf16 {
    static constexpr int kNumbers = 2;

#ifdef __CUDACC__
    __device__ static uint32_t word(const float (&x)[kNumbers]) {
        uint32_t word;
        asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(word) : "f"(x[1]), "f"(x[0]));
        return word;
    }
    __device__ static void multiply_add(float (&c)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
        asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
            : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
            : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
    }
#else
    static uint32_t upper(float x) {
        const uint32_t bits = bits_of(x);
        return is_finite(bits) ? (bits + 0x7fffu + (bits >> 16 & 1u)) >> 16 : (bits >> 16) | 1u;
    }
    static uint32_t word(const float (&x)[kNumbers]) { return upper(x[0]) | upper(x[1]) << 16; }
    static float multiply_add(float sum, uint32_t a, uint32_t b) {
        sum = std::fmaf(real_of(a << 16), real_of(b << 16), sum);
        return std::fmaf(real_of(a & 0xffff0000u), real_of(b & 0xffff0000u), sum);
    }
#endif
};

// What comes behind is not loaded before: registers are few.
GATUN_INLINE void in_order() {
#ifdef __CUDACC__
    asm volatile("" ::: "memory");
#endif
}

// Words that a thread moves at once; p aligned to their size.
struct FourWords {
    uint32_t v[4];
};

GATUN_INLINE void put_four_words(uint32_t* p, const FourWords& x) {
#ifdef __CUDACC__
    *reinterpret_cast<uint4*>(p) = make_uint4(x.v[0], x.v[1], x.v[2], x.v[3]);
#else
    for (int j = 0; j < 4; ++j) p[j] = x.v[j];
#endif
}

struct TwoWords {
    uint32_t v[2];
};

GATUN_INLINE TwoWords two_words(const uint32_t* p) {
#ifdef __CUDACC__
    const uint2 x = *reinterpret_cast<const uint2*>(p);
    return {{x.x, x.y}};
#else
    return {{p[0], p[1]}};
#endif
}

// The left factors of 16 x 8 words of a step, and the right ones of 8 x 8, as a lane has them: of the row, or column,
// of a quarter of its number, the words of the rest and of four more.
using LeftWords = uint32_t[4];
using RightWords = uint32_t[2];

// Factors whose words lie side by side in memory, line by line: of a step a lane has two that lie together.
template <int kLines>
struct WordLines {
    // Steps lie apart so that those who write meet in no bank.
    alignas(16) uint32_t of[2][kLines * kStepWords + 16];

    // Where four words of a line go.
    GATUN_INLINE uint32_t* four(int line, int which) { return of[which / 2] + line * kStepWords + which % 2 * 4; }
    // Of the sixteen lines from `line` on.
    GATUN_INLINE void left(int step, int line, int lane, LeftWords& a) const {
        const uint32_t* at = of[step] + (line + lane / 4) * kStepWords + lane % 4 * 2;
        const TwoWords low = two_words(at), high = two_words(at + 8 * kStepWords);
        a[0] = low.v[0];
        a[1] = high.v[0];
        a[2] = low.v[1];
        a[3] = high.v[1];
    }
    // The row of columns that a line's word meets.
    GATUN_INLINE static int row_of(int word) { return word / 8 * 8 + word % 2 * 4 + word % 8 / 2; }
};

// Factors of which those of different outputs lie side by side: a row for each word.
template <int kColumns>
struct WordColumns {
    // Rows begin in different banks.
    alignas(16) uint32_t of[kSlabWords][kColumns + 8];

    // Of the sixteen columns from `column` on.
    GATUN_INLINE void left(int step, int column, int lane, LeftWords& a) const {
        GATUN_UNROLL_BY(4)
        for (int i = 0; i < 4; ++i) {
            a[i] = of[step * kStepWords + i / 2 * 4 + lane % 4][column + lane / 4 + i % 2 * 8];
        }
    }
    // Of eight.
    GATUN_INLINE void right(int step, int column, int lane, RightWords& b) const {
        GATUN_UNROLL_BY(2)
        for (int i = 0; i < 2; ++i) b[i] = of[step * kStepWords + 4 * i + lane % 4][column + lane / 4];
    }
};

// A thread's part of what its warp sums up: a tile of kTall rows and kWide columns. Of a product of 16 x 8 a lane has
// two columns side by side, in two rows.
template <int kTall, int kWide>
struct WarpSums {
    static constexpr int kDown = kTall / 16, kAcross = kWide / 8;
    float of[kDown][kAcross][4];

    // Where a sum lies in the warp's tile.
    GATUN_INLINE static int row(int lane, int down, int i) { return down * 16 + i / 2 * 8 + lane / 4; }
    GATUN_INLINE static int column(int lane, int across, int i) { return across * 8 + lane % 4 * 2 + i % 2; }

    // A step's factors: of lines or columns from `first` on, and of columns from `beside` on.
    template <class Number, class Left, class Right>
    GATUN_INLINE void add(int step, const Left& left, int first, const Right& right, int beside, int lane) {
#ifdef __CUDACC__
        RightWords b[kAcross];
        GATUN_UNROLL_BY(8)
        for (int n = 0; n < kAcross; ++n) right.right(step, beside + 8 * n, lane, b[n]);
        GATUN_UNROLL_BY(4)
        for (int m = 0; m < kDown; ++m) {
            LeftWords a;
            left.left(step, first + 16 * m, lane, a);
            GATUN_UNROLL_BY(8)
            for (int n = 0; n < kAcross; ++n) Number::multiply_add(of[m][n], a, b[n]);
        }
#else
        for (int m = 0; m < kDown; ++m) {
            for (int n = 0; n < kAcross; ++n) {
                play<Number>(step, left, first + 16 * m, right, beside + 8 * n, lane, of[m][n]);
            }
        }
#endif
    }

private:
#ifndef __CUDACC__
    // A lane's four sums, of factors that other lanes hold: a row's by the four lanes of its number, so a column's.
    template <class Number, class Left, class Right>
    static void play(int step, const Left& left, int first, const Right& right, int beside, int lane, float (&c)[4]) {
        for (int k = 0; k < 4; ++k) {
            LeftWords a;
            RightWords b[2];
            left.left(step, first, lane / 4 * 4 + k, a);
            for (int i = 0; i < 2; ++i) right.right(step, beside, (lane % 4 * 2 + i) * 4 + k, b[i]);
            for (int i = 0; i < 4; ++i) {
                c[i] = Number::multiply_add(c[i], a[i / 2], b[i % 2][0]);
                c[i] = Number::multiply_add(c[i], a[2 + i / 2], b[i % 2][1]);
            }
        }
    }
#endif
};

// Blocks that a multiprocessor's registers have room for, by the sums that a thread has.
constexpr int tensor_blocks(int threads, int sums) {
    return (sums == 128 ? 256 : sums == 64 || threads < 128 ? 384 : 512) / threads;
}

// A block's warps side by side, and the place of each thread's in their tile.
template <int kRows, int kColumns, int kTall, int kWide>
struct WarpShare {
    static constexpr int kWarps = kRows / kTall * (kColumns / kWide), kThreads = 32 * kWarps;
    int row, column, lane;

    GATUN_INLINE explicit WarpShare(int thread)
        : row(thread / 32 % (kRows / kTall) * kTall),
          column(thread / 32 / (kRows / kTall) * kWide),
          lane(thread % 32) {}
};

// Words of numbers that a thread holds: of those of rows that share words, column by column.
template <class Number>
GATUN_INLINE FourWords words_across(const Four (&rows)[Number::kNumbers]) {
    FourWords words;
    GATUN_UNROLL_BY(4)
    for (int j = 0; j < 4; ++j) {
        float x[Number::kNumbers];
        GATUN_UNROLL_BY(2)
        for (int p = 0; p < Number::kNumbers; ++p) x[p] = rows[p].v[j];
        words.v[j] = Number::word(x);
    }
    return words;
}

// Of numbers one behind the other.
template <class Number>
GATUN_INLINE FourWords words_along(const Four (&numbers)[Number::kNumbers]) {
    FourWords words;
    GATUN_UNROLL_BY(4)
    for (int j = 0; j < 4; ++j) {
        float x[Number::kNumbers];
        GATUN_UNROLL_BY(2)
        for (int p = 0; p < Number::kNumbers; ++p) {
            const int at = j * Number::kNumbers + p;
            x[p] = numbers[at / 4].v[at % 4];
        }
        words.v[j] = Number::word(x);
    }
    return words;
}

// Two sums side by side, added to what is there or in its place; p 8-byte aligned.
GATUN_INLINE void put_pair(float* p, float first, float second, bool accumulate) {
#ifdef __CUDACC__
    auto* to = reinterpret_cast<float2*>(p);
    if (accumulate) {
        const float2 before = *to;
        first = before.x + first;
        second = before.y + second;
    }
    *to = make_float2(first, second);
#else
    p[0] = accumulate ? p[0] + first : first;
    p[1] = accumulate ? p[1] + second : second;
#endif
}

// The first `count` of four numbers, zeros behind them.
GATUN_INLINE void keep_first(Four& x, int64_t count) {
    GATUN_UNROLL_BY(4)
    for (int j = 0; j < 4; ++j) x.v[j] = j < count ? x.v[j] : 0.0f;
}

}  // namespace gatun::GATUN_ISA_LEVEL
