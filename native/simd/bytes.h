// Whole numbers of a byte: what rounds to them, and sums of their products, which are exact in 32 bits and so have no
// order. Weights of sixteen outputs and four inputs lie together, [16][4], 128 added to each so that none has a sign,
// as the instructions that multiply bytes want one factor; `total` takes off what that added, 128 times the sum of the
// other factor.
#pragma once

#include "simd/vec.h"

namespace gatun::GATUN_ISA_LEVEL {

inline constexpr int64_t kFour = 4 * kLanes;  // bytes of such weights

#if defined(__AVX512F__) && !defined(GATUN_PLAIN)

inline Int max(Int a, Int b) { return {_mm512_max_epi32(a.v, b.v)}; }
inline int32_t maximum(Int a) { return _mm512_reduce_max_epi32(a.v); }
inline int32_t sum(Int a) { return _mm512_reduce_add_epi32(a.v); }

#if defined(__AVX512VNNI__)
using Byte = int8_t;
inline void store(Byte* p, Int a) { _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm512_cvtepi32_epi8(a.v)); }

struct Fours {
    __m512i v;
};
struct Products {
    __m512i v;
};
inline Fours load_fours(const uint8_t* w) { return {_mm512_loadu_si512(w)}; }
inline Fours set_inputs(const Byte* q) {
    int32_t four;
    std::memcpy(&four, q, sizeof four);
    return {_mm512_set1_epi32(four)};
}
inline Products no_products() { return {_mm512_setzero_si512()}; }
inline void add(Products& to, Fours w, Fours q) { to.v = _mm512_dpbusd_epi32(to.v, w.v, q.v); }
inline void add(Products& to, Products more) { to.v = _mm512_add_epi32(to.v, more.v); }
inline Int total(Products all, int32_t added) { return {_mm512_sub_epi32(all.v, _mm512_set1_epi32(added))}; }
#else
using Byte = int16_t;
inline void store(Byte* p, Int a) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), _mm512_cvtepi32_epi16(a.v)); }

// Eight outputs each, of which a product has two halves.
struct Fours {
    __m512i a, b;
};
struct Inputs {
    __m512i v;
};
struct Products {
    __m512i a, b;
};
inline Fours load_fours(const uint8_t* w) {
    const auto* from = reinterpret_cast<const __m256i*>(w);
    return {_mm512_cvtepu8_epi16(_mm256_loadu_si256(from)), _mm512_cvtepu8_epi16(_mm256_loadu_si256(from + 1))};
}
inline Inputs set_inputs(const Byte* q) {
    int64_t four;
    std::memcpy(&four, q, sizeof four);
    return {_mm512_set1_epi64(four)};
}
inline Products no_products() { return {_mm512_setzero_si512(), _mm512_setzero_si512()}; }
inline void add(Products& to, const Fours& w, Inputs q) {
    to.a = _mm512_add_epi32(to.a, _mm512_madd_epi16(w.a, q.v));
    to.b = _mm512_add_epi32(to.b, _mm512_madd_epi16(w.b, q.v));
}
inline void add(Products& to, const Products& more) {
    to.a = _mm512_add_epi32(to.a, more.a);
    to.b = _mm512_add_epi32(to.b, more.b);
}
inline Int total(const Products& all, int32_t added) {
    const __m512i even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
    const __m512i odd = _mm512_add_epi32(even, _mm512_set1_epi32(1));
    const __m512i sums =
        _mm512_add_epi32(_mm512_permutex2var_epi32(all.a, even, all.b), _mm512_permutex2var_epi32(all.a, odd, all.b));
    return {_mm512_sub_epi32(sums, _mm512_set1_epi32(added))};
}
#endif

#elif defined(__AVX2__) && !defined(GATUN_PLAIN)

inline Int max(Int a, Int b) { return {_mm256_max_epi32(a.a, b.a), _mm256_max_epi32(a.b, b.b)}; }
inline int32_t maximum(Int a) {
    const __m256i eight = _mm256_max_epi32(a.a, a.b);
    const __m128i four = _mm_max_epi32(_mm256_castsi256_si128(eight), _mm256_extracti128_si256(eight, 1));
    const __m128i two = _mm_max_epi32(four, _mm_shuffle_epi32(four, 0x4e));
    return _mm_cvtsi128_si32(_mm_max_epi32(two, _mm_shuffle_epi32(two, 0xb1)));
}
inline int32_t sum(Int a) {
    const __m256i eight = _mm256_add_epi32(a.a, a.b);
    const __m128i four = _mm_add_epi32(_mm256_castsi256_si128(eight), _mm256_extracti128_si256(eight, 1));
    const __m128i two = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4e));
    return _mm_cvtsi128_si32(_mm_add_epi32(two, _mm_shuffle_epi32(two, 0xb1)));
}
// Sixteen of 16 bits, in order.
inline __m256i narrow(Int a) { return _mm256_permute4x64_epi64(_mm256_packs_epi32(a.a, a.b), 0xd8); }

#if defined(__AVXVNNI__)
using Byte = int8_t;
inline void store(Byte* p, Int a) {
    const __m256i wide = narrow(a);
    const __m128i bytes = _mm_packs_epi16(_mm256_castsi256_si128(wide), _mm256_extracti128_si256(wide, 1));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(p), bytes);
}

struct Fours {
    __m256i a, b;
};
struct Inputs {
    __m256i v;
};
struct Products {
    __m256i a, b;
};
inline Fours load_fours(const uint8_t* w) {
    const auto* from = reinterpret_cast<const __m256i*>(w);
    return {_mm256_loadu_si256(from), _mm256_loadu_si256(from + 1)};
}
inline Inputs set_inputs(const Byte* q) {
    int32_t four;
    std::memcpy(&four, q, sizeof four);
    return {_mm256_set1_epi32(four)};
}
inline Products no_products() { return {_mm256_setzero_si256(), _mm256_setzero_si256()}; }
inline void add(Products& to, const Fours& w, Inputs q) {
    to.a = _mm256_dpbusd_avx_epi32(to.a, w.a, q.v);
    to.b = _mm256_dpbusd_avx_epi32(to.b, w.b, q.v);
}
inline void add(Products& to, const Products& more) {
    to.a = _mm256_add_epi32(to.a, more.a);
    to.b = _mm256_add_epi32(to.b, more.b);
}
inline Int total(const Products& all, int32_t added) {
    const __m256i much = _mm256_set1_epi32(added);
    return {_mm256_sub_epi32(all.a, much), _mm256_sub_epi32(all.b, much)};
}
#else
// What multiplies bytes there (vpmaddubsw) cuts sums off at 16 bits.
using Byte = int16_t;
inline void store(Byte* p, Int a) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), narrow(a)); }

// Fours outputs each, of which a product has two halves.
struct Fours {
    __m256i p[4];
};
struct Inputs {
    __m256i v;
};
struct Products {
    __m256i p[4];
};
inline Fours load_fours(const uint8_t* w) {
    Fours four;
    for (int i = 0; i < 4; ++i) {
        four.p[i] = _mm256_cvtepu8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(w) + i));
    }
    return four;
}
inline Inputs set_inputs(const Byte* q) {
    int64_t four;
    std::memcpy(&four, q, sizeof four);
    return {_mm256_set1_epi64x(four)};
}
inline Products no_products() {
    const __m256i zero = _mm256_setzero_si256();
    return {{zero, zero, zero, zero}};
}
inline void add(Products& to, const Fours& w, Inputs q) {
    for (int i = 0; i < 4; ++i) to.p[i] = _mm256_add_epi32(to.p[i], _mm256_madd_epi16(w.p[i], q.v));
}
inline void add(Products& to, const Products& more) {
    for (int i = 0; i < 4; ++i) to.p[i] = _mm256_add_epi32(to.p[i], more.p[i]);
}
inline Int total(const Products& all, int32_t added) {
    const __m256i much = _mm256_set1_epi32(added);
    const auto eight = [&](int i) {
        const __m256i sums = _mm256_hadd_epi32(all.p[i], all.p[i + 1]);
        return _mm256_sub_epi32(_mm256_permute4x64_epi64(sums, 0xd8), much);
    };
    return {eight(0), eight(2)};
}
#endif

#elif defined(__aarch64__) && !defined(GATUN_PLAIN)

inline Int max(Int a, Int b) {
    for (int i = 0; i < kParts; ++i) a.p[i] = vmaxq_s32(a.p[i], b.p[i]);
    return a;
}
inline int32_t maximum(Int a) { return vmaxvq_s32(vmaxq_s32(vmaxq_s32(a.p[0], a.p[1]), vmaxq_s32(a.p[2], a.p[3]))); }
inline int32_t sum(Int a) { return vaddvq_s32(vaddq_s32(vaddq_s32(a.p[0], a.p[1]), vaddq_s32(a.p[2], a.p[3]))); }

using Byte = int8_t;
inline void store(Byte* p, Int a) {
    const int16x8_t low = vcombine_s16(vmovn_s32(a.p[0]), vmovn_s32(a.p[1]));
    const int16x8_t high = vcombine_s16(vmovn_s32(a.p[2]), vmovn_s32(a.p[3]));
    vst1q_s8(p, vcombine_s8(vmovn_s16(low), vmovn_s16(high)));
}

// Fours outputs each, with their signs: nothing was added.
struct Fours {
    int8x16_t p[4];
};
struct Inputs {
    int8x16_t v;
};
inline Fours load_fours(const uint8_t* w) {
    Fours four;
    for (int i = 0; i < 4; ++i) {
        four.p[i] = vreinterpretq_s8_u8(veorq_u8(vld1q_u8(w + i * kLanes), vdupq_n_u8(0x80)));
    }
    return four;
}
inline Inputs set_inputs(const Byte* q) {
    int32_t four;
    std::memcpy(&four, q, sizeof four);
    return {vreinterpretq_s8_s32(vdupq_n_s32(four))};
}
#if defined(__ARM_FEATURE_DOTPROD)
struct Products {
    int32x4_t p[4];
};
inline void add(Products& to, const Fours& w, Inputs q) {
    for (int i = 0; i < 4; ++i) to.p[i] = vdotq_s32(to.p[i], w.p[i], q.v);
}
inline Int total(const Products& all, int32_t) { return {{all.p[0], all.p[1], all.p[2], all.p[3]}}; }
#else
// Two outputs each, of which a product has two halves.
struct Products {
    int32x4_t p[8];
};
inline void add(Products& to, const Fours& w, Inputs q) {
    for (int i = 0; i < 4; ++i) {
        to.p[2 * i] = vpadalq_s16(to.p[2 * i], vmull_s8(vget_low_s8(w.p[i]), vget_low_s8(q.v)));
        to.p[2 * i + 1] = vpadalq_s16(to.p[2 * i + 1], vmull_s8(vget_high_s8(w.p[i]), vget_high_s8(q.v)));
    }
}
inline Int total(const Products& all, int32_t) {
    Int sums;
    for (int i = 0; i < 4; ++i) sums.p[i] = vpaddq_s32(all.p[2 * i], all.p[2 * i + 1]);
    return sums;
}
#endif
inline Products no_products() {
    Products none;
    for (int32x4_t& part : none.p) part = vdupq_n_s32(0);
    return none;
}
inline void add(Products& to, const Products& more) {
    constexpr int kSums = sizeof(Products) / sizeof(int32x4_t);
    for (int i = 0; i < kSums; ++i) to.p[i] = vaddq_s32(to.p[i], more.p[i]);
}

#else

inline Int max(Int a, Int b) {
    for (int i = 0; i < kLanes; ++i) a.p[i] = a.p[i] < b.p[i] ? b.p[i] : a.p[i];
    return a;
}
inline int32_t maximum(Int a) {
    int32_t most = a.p[0];
    for (const int32_t lane : a.p) most = most < lane ? lane : most;
    return most;
}
inline int32_t sum(Int a) {
    int32_t all = 0;
    for (const int32_t lane : a.p) all += lane;
    return all;
}

using Byte = int8_t;
inline void store(Byte* p, Int a) {
    for (int i = 0; i < kLanes; ++i) p[i] = static_cast<Byte>(a.p[i]);
}

struct Fours {
    const uint8_t* w;
};
struct Inputs {
    const Byte* q;
};
struct Products {
    int32_t p[kLanes];
};
inline Fours load_fours(const uint8_t* w) { return {w}; }
inline Inputs set_inputs(const Byte* q) { return {q}; }
inline Products no_products() { return {}; }
inline void add(Products& to, Fours w, Inputs q) {
    for (int i = 0; i < kLanes; ++i) {
        for (int k = 0; k < 4; ++k) to.p[i] += (w.w[4 * i + k] - 128) * q.q[k];
    }
}
inline void add(Products& to, const Products& more) {
    for (int i = 0; i < kLanes; ++i) to.p[i] += more.p[i];
}
inline Int total(const Products& all, int32_t) {
    Int sums;
    for (int i = 0; i < kLanes; ++i) sums.p[i] = all.p[i];
    return sums;
}

#endif

// Nothing of them, to be written where a row of bytes ends.
inline void clear(Byte* p) { std::memset(p, 0, kLanes * sizeof(Byte)); }

}  // namespace gatun::GATUN_ISA_LEVEL
