// Sixteen vectors as a square of numbers, turned: what was lane j of vector i becomes lane i of vector j.
#pragma once

#include <utility>

#include "simd/vec.h"

namespace gatun::GATUN_ISA_LEVEL {

#if defined(__AVX512F__) && !defined(GATUN_PLAIN)

[[gnu::always_inline]] inline void transpose(Vec (&square)[kLanes]) {
    __m512 pairs[kLanes], fours[kLanes];
    // Squares of 4 x 4 lanes first, each within its quarter of the registers, then the quarters.
#pragma GCC unroll 16
    for (int i = 0; i < kLanes; i += 2) {
        pairs[i] = _mm512_unpacklo_ps(square[i].v, square[i + 1].v);
        pairs[i + 1] = _mm512_unpackhi_ps(square[i].v, square[i + 1].v);
    }
#pragma GCC unroll 16
    for (int i = 0; i < kLanes; i += 4) {
        fours[i] = _mm512_shuffle_ps(pairs[i], pairs[i + 2], 0x44);
        fours[i + 1] = _mm512_shuffle_ps(pairs[i], pairs[i + 2], 0xEE);
        fours[i + 2] = _mm512_shuffle_ps(pairs[i + 1], pairs[i + 3], 0x44);
        fours[i + 3] = _mm512_shuffle_ps(pairs[i + 1], pairs[i + 3], 0xEE);
    }
#pragma GCC unroll 16
    for (int i = 0; i < 4; ++i) {
        const __m512 even_low = _mm512_shuffle_f32x4(fours[i], fours[i + 4], 0x88);
        const __m512 odd_low = _mm512_shuffle_f32x4(fours[i], fours[i + 4], 0xDD);
        const __m512 even_high = _mm512_shuffle_f32x4(fours[i + 8], fours[i + 12], 0x88);
        const __m512 odd_high = _mm512_shuffle_f32x4(fours[i + 8], fours[i + 12], 0xDD);
        square[i].v = _mm512_shuffle_f32x4(even_low, even_high, 0x88);
        square[i + 4].v = _mm512_shuffle_f32x4(odd_low, odd_high, 0x88);
        square[i + 8].v = _mm512_shuffle_f32x4(even_low, even_high, 0xDD);
        square[i + 12].v = _mm512_shuffle_f32x4(odd_low, odd_high, 0xDD);
    }
}

#elif defined(__AVX2__) && !defined(GATUN_PLAIN)

// Eight halves of vectors.
[[gnu::always_inline]] inline void transpose_eight(__m256 (&square)[8]) {
    __m256 pairs[8], fours[8];
#pragma GCC unroll 8
    for (int i = 0; i < 8; i += 2) {
        pairs[i] = _mm256_unpacklo_ps(square[i], square[i + 1]);
        pairs[i + 1] = _mm256_unpackhi_ps(square[i], square[i + 1]);
    }
#pragma GCC unroll 8
    for (int i = 0; i < 8; i += 4) {
        fours[i] = _mm256_shuffle_ps(pairs[i], pairs[i + 2], 0x44);
        fours[i + 1] = _mm256_shuffle_ps(pairs[i], pairs[i + 2], 0xEE);
        fours[i + 2] = _mm256_shuffle_ps(pairs[i + 1], pairs[i + 3], 0x44);
        fours[i + 3] = _mm256_shuffle_ps(pairs[i + 1], pairs[i + 3], 0xEE);
    }
#pragma GCC unroll 8
    for (int i = 0; i < 4; ++i) {
        square[i] = _mm256_permute2f128_ps(fours[i], fours[i + 4], 0x20);
        square[i + 4] = _mm256_permute2f128_ps(fours[i], fours[i + 4], 0x31);
    }
}

inline void transpose(Vec (&square)[kLanes]) {
    __m256 first[8], second[8];
    for (int i = 0; i < 8; ++i) first[i] = square[i].a;
    for (int i = 0; i < 8; ++i) second[i] = square[i + 8].b;
    transpose_eight(first);
    transpose_eight(second);
    __m256 above[8], below[8];
    for (int i = 0; i < 8; ++i) above[i] = square[i].b;
    for (int i = 0; i < 8; ++i) below[i] = square[i + 8].a;
    transpose_eight(above);
    transpose_eight(below);
    for (int i = 0; i < 8; ++i) square[i] = {first[i], below[i]};
    for (int i = 0; i < 8; ++i) square[i + 8] = {above[i], second[i]};
}

#else

inline void transpose(Vec (&square)[kLanes]) {
    float numbers[kLanes][kLanes];
    for (int i = 0; i < kLanes; ++i) store(numbers[i], square[i]);
    for (int i = 0; i < kLanes; ++i) {
        for (int j = 0; j < i; ++j) std::swap(numbers[i][j], numbers[j][i]);
    }
    for (int i = 0; i < kLanes; ++i) square[i] = load(numbers[i]);
}

#endif

}  // namespace gatun::GATUN_ISA_LEVEL
