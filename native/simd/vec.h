// Sixteen float lanes, the same on every level: one AVX-512 register, two of AVX2, four of NEON, an array in plain C++.
// Every operation rounds once, as IEEE says, so that a kernel written with them has the same bits everywhere.
// A level is compiled into a namespace of its own (gatun::avx512, ...): nothing inline is shared between levels.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

#include "simd/inline.h"

#if defined(__CUDACC__)
#elif defined(__AVX512F__) || defined(__AVX2__)
// GCC 12 takes the undefined registers in its own intrinsics for mistakes of ours (its bug 105593).
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#if !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>
#pragma GCC diagnostic pop
#elif defined(__aarch64__) && !defined(GATUN_PLAIN)
#include <arm_neon.h>
#endif

#ifndef GATUN_ISA_LEVEL
#error "compile with -DGATUN_ISA_LEVEL=<baseline|avx2|avx512|neon>"
#endif

#if defined(__CUDACC__)
#include "simd/vec_cuda.h"
#endif

namespace gatun::GATUN_ISA_LEVEL {

#if !defined(__CUDACC__)
inline constexpr int kLanes = 16;
#endif

#if defined(__CUDACC__)
#elif defined(__AVX512F__) && !defined(GATUN_PLAIN)

struct Mask {
    __mmask16 m;
};
struct Vec {
    __m512 v;
};
struct Int {
    __m512i v;
};

inline Vec set(float x) { return {_mm512_set1_ps(x)}; }
inline Vec load(const float* p) { return {_mm512_loadu_ps(p)}; }
inline void store(float* p, Vec a) { _mm512_storeu_ps(p, a.v); }
// The first n lanes (0..16), zeros behind; memory behind them is not touched.
inline Vec load(const float* p, int n) { return {_mm512_maskz_loadu_ps(static_cast<__mmask16>((1u << n) - 1u), p)}; }
inline void store(float* p, Vec a, int n) { _mm512_mask_storeu_ps(p, static_cast<__mmask16>((1u << n) - 1u), a.v); }
inline Vec fma(Vec a, Vec b, Vec c) { return {_mm512_fmadd_ps(a.v, b.v, c.v)}; }
inline Vec operator+(Vec a, Vec b) { return {_mm512_add_ps(a.v, b.v)}; }
inline Vec operator-(Vec a, Vec b) { return {_mm512_sub_ps(a.v, b.v)}; }
inline Vec operator*(Vec a, Vec b) { return {_mm512_mul_ps(a.v, b.v)}; }
inline Vec operator/(Vec a, Vec b) { return {_mm512_div_ps(a.v, b.v)}; }
inline Vec sqrt(Vec a) { return {_mm512_sqrt_ps(a.v)}; }
inline Mask operator<(Vec a, Vec b) { return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_LT_OQ)}; }
inline Mask operator<=(Vec a, Vec b) { return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_LE_OQ)}; }
inline Mask operator==(Vec a, Vec b) { return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_EQ_OQ)}; }
inline Vec select(Mask m, Vec yes, Vec no) { return {_mm512_mask_blend_ps(m.m, no.v, yes.v)}; }
inline Int bits(Vec a) { return {_mm512_castps_si512(a.v)}; }
inline Vec real(Int a) { return {_mm512_castsi512_ps(a.v)}; }
inline Int set_int(int32_t x) { return {_mm512_set1_epi32(x)}; }
inline Int operator+(Int a, Int b) { return {_mm512_add_epi32(a.v, b.v)}; }
inline Int operator-(Int a, Int b) { return {_mm512_sub_epi32(a.v, b.v)}; }
inline Int operator&(Int a, Int b) { return {_mm512_and_si512(a.v, b.v)}; }
inline Int operator|(Int a, Int b) { return {_mm512_or_si512(a.v, b.v)}; }
inline Int operator^(Int a, Int b) { return {_mm512_xor_si512(a.v, b.v)}; }
template <int kBits>
inline Int shift_left(Int a) {
    return {_mm512_slli_epi32(a.v, kBits)};
}
template <int kBits>
inline Int shift_right(Int a) {  // of the sign too
    return {_mm512_srai_epi32(a.v, kBits)};
}
inline Int nearest(Vec a) { return {_mm512_cvtps_epi32(a.v)}; }  // ties to even
inline Vec to_real(Int a) { return {_mm512_cvtepi32_ps(a.v)}; }
// Numbers of bfloat16, the upper halves of floats; whole numbers of a byte.
inline Vec load_bf16(const uint16_t* p) {
    const __m512i wide = _mm512_cvtepu16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
    return {_mm512_castsi512_ps(_mm512_slli_epi32(wide, 16))};
}
inline Vec load_int8(const int8_t* p) {
    return {_mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))))};
}
inline uint32_t lanes(Mask m) { return m.m; }
inline Vec min(Vec a, Vec b) { return {_mm512_min_ps(a.v, b.v)}; }
inline Vec max(Vec a, Vec b) { return {_mm512_max_ps(a.v, b.v)}; }
inline Vec scale(Vec a, Vec n) { return {_mm512_scalef_ps(a.v, n.v)}; }
inline __m256 halves_added(Vec a) { return _mm256_add_ps(_mm512_castps512_ps256(a.v), _mm512_extractf32x8_ps(a.v, 1)); }
inline __m256 halves_max(Vec a) { return _mm256_max_ps(_mm512_castps512_ps256(a.v), _mm512_extractf32x8_ps(a.v, 1)); }

#elif defined(__AVX2__) && !defined(GATUN_PLAIN)

struct Mask {
    __m256 a, b;
};
struct Vec {
    __m256 a, b;
};
struct Int {
    __m256i a, b;
};

inline __m256i first_lanes(int n) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
inline Vec set(float x) { return {_mm256_set1_ps(x), _mm256_set1_ps(x)}; }
inline Vec load(const float* p) { return {_mm256_loadu_ps(p), _mm256_loadu_ps(p + 8)}; }
inline void store(float* p, Vec a) {
    _mm256_storeu_ps(p, a.a);
    _mm256_storeu_ps(p + 8, a.b);
}
inline Vec load(const float* p, int n) {
    return {_mm256_maskload_ps(p, first_lanes(n)),
            n > 8 ? _mm256_maskload_ps(p + 8, first_lanes(n - 8)) : _mm256_setzero_ps()};
}
inline void store(float* p, Vec a, int n) {
    _mm256_maskstore_ps(p, first_lanes(n), a.a);
    if (n > 8) _mm256_maskstore_ps(p + 8, first_lanes(n - 8), a.b);
}
inline Vec fma(Vec a, Vec b, Vec c) { return {_mm256_fmadd_ps(a.a, b.a, c.a), _mm256_fmadd_ps(a.b, b.b, c.b)}; }
inline Vec operator+(Vec a, Vec b) { return {_mm256_add_ps(a.a, b.a), _mm256_add_ps(a.b, b.b)}; }
inline Vec operator-(Vec a, Vec b) { return {_mm256_sub_ps(a.a, b.a), _mm256_sub_ps(a.b, b.b)}; }
inline Vec operator*(Vec a, Vec b) { return {_mm256_mul_ps(a.a, b.a), _mm256_mul_ps(a.b, b.b)}; }
inline Vec operator/(Vec a, Vec b) { return {_mm256_div_ps(a.a, b.a), _mm256_div_ps(a.b, b.b)}; }
inline Vec sqrt(Vec a) { return {_mm256_sqrt_ps(a.a), _mm256_sqrt_ps(a.b)}; }
inline Mask operator<(Vec a, Vec b) {
    return {_mm256_cmp_ps(a.a, b.a, _CMP_LT_OQ), _mm256_cmp_ps(a.b, b.b, _CMP_LT_OQ)};
}
inline Mask operator<=(Vec a, Vec b) {
    return {_mm256_cmp_ps(a.a, b.a, _CMP_LE_OQ), _mm256_cmp_ps(a.b, b.b, _CMP_LE_OQ)};
}
inline Mask operator==(Vec a, Vec b) {
    return {_mm256_cmp_ps(a.a, b.a, _CMP_EQ_OQ), _mm256_cmp_ps(a.b, b.b, _CMP_EQ_OQ)};
}
inline Vec select(Mask m, Vec yes, Vec no) {
    return {_mm256_blendv_ps(no.a, yes.a, m.a), _mm256_blendv_ps(no.b, yes.b, m.b)};
}
inline Int bits(Vec a) { return {_mm256_castps_si256(a.a), _mm256_castps_si256(a.b)}; }
inline Vec real(Int a) { return {_mm256_castsi256_ps(a.a), _mm256_castsi256_ps(a.b)}; }
inline Int set_int(int32_t x) { return {_mm256_set1_epi32(x), _mm256_set1_epi32(x)}; }
inline Int operator+(Int a, Int b) { return {_mm256_add_epi32(a.a, b.a), _mm256_add_epi32(a.b, b.b)}; }
inline Int operator-(Int a, Int b) { return {_mm256_sub_epi32(a.a, b.a), _mm256_sub_epi32(a.b, b.b)}; }
inline Int operator&(Int a, Int b) { return {_mm256_and_si256(a.a, b.a), _mm256_and_si256(a.b, b.b)}; }
inline Int operator|(Int a, Int b) { return {_mm256_or_si256(a.a, b.a), _mm256_or_si256(a.b, b.b)}; }
inline Int operator^(Int a, Int b) { return {_mm256_xor_si256(a.a, b.a), _mm256_xor_si256(a.b, b.b)}; }
template <int kBits>
inline Int shift_left(Int a) {
    return {_mm256_slli_epi32(a.a, kBits), _mm256_slli_epi32(a.b, kBits)};
}
template <int kBits>
inline Int shift_right(Int a) {
    return {_mm256_srai_epi32(a.a, kBits), _mm256_srai_epi32(a.b, kBits)};
}
inline Int nearest(Vec a) { return {_mm256_cvtps_epi32(a.a), _mm256_cvtps_epi32(a.b)}; }
inline Vec to_real(Int a) { return {_mm256_cvtepi32_ps(a.a), _mm256_cvtepi32_ps(a.b)}; }
inline __m256 eight_bf16(const uint16_t* p) {
    const __m256i wide = _mm256_cvtepu16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
    return _mm256_castsi256_ps(_mm256_slli_epi32(wide, 16));
}
inline Vec load_bf16(const uint16_t* p) { return {eight_bf16(p), eight_bf16(p + 8)}; }
inline __m256 eight_int8(const int8_t* p) {
    return _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p))));
}
inline Vec load_int8(const int8_t* p) { return {eight_int8(p), eight_int8(p + 8)}; }
inline uint32_t lanes(Mask m) {
    return static_cast<uint32_t>(_mm256_movemask_ps(m.a)) | static_cast<uint32_t>(_mm256_movemask_ps(m.b)) << 8;
}
inline Vec min(Vec a, Vec b) { return {_mm256_min_ps(a.a, b.a), _mm256_min_ps(a.b, b.b)}; }
inline Vec max(Vec a, Vec b) { return {_mm256_max_ps(a.a, b.a), _mm256_max_ps(a.b, b.b)}; }
inline __m256 halves_added(Vec a) { return _mm256_add_ps(a.a, a.b); }
inline __m256 halves_max(Vec a) { return _mm256_max_ps(a.a, a.b); }

#else

// Four quarters of NEON, or sixteen floats.
#if defined(__aarch64__) && !defined(GATUN_PLAIN)
inline constexpr int kParts = 4;
using Part = float32x4_t;
using IntPart = int32x4_t;
using MaskPart = uint32x4_t;
#define GATUN_EACH(expression)         \
    for (int q = 0; q < kParts; ++q) { \
        expression;                    \
    }
#else
inline constexpr int kParts = 16;
using Part = float;
using IntPart = int32_t;
using MaskPart = uint32_t;
#define GATUN_EACH(expression)         \
    for (int q = 0; q < kParts; ++q) { \
        expression;                    \
    }
#endif

struct Mask {
    MaskPart p[kParts];
};
struct Vec {
    Part p[kParts];
};
struct Int {
    IntPart p[kParts];
};

#if defined(__aarch64__) && !defined(GATUN_PLAIN)
namespace part {
inline Part set(float x) { return vdupq_n_f32(x); }
inline Part load(const float* p) { return vld1q_f32(p); }
inline void store(float* p, Part a) { vst1q_f32(p, a); }
inline Part fma(Part a, Part b, Part c) { return vfmaq_f32(c, a, b); }
inline Part add(Part a, Part b) { return vaddq_f32(a, b); }
inline Part sub(Part a, Part b) { return vsubq_f32(a, b); }
inline Part mul(Part a, Part b) { return vmulq_f32(a, b); }
inline Part div(Part a, Part b) { return vdivq_f32(a, b); }
inline Part root(Part a) { return vsqrtq_f32(a); }
inline MaskPart lt(Part a, Part b) { return vcltq_f32(a, b); }
inline MaskPart le(Part a, Part b) { return vcleq_f32(a, b); }
inline MaskPart eq(Part a, Part b) { return vceqq_f32(a, b); }
inline Part select(MaskPart m, Part yes, Part no) { return vbslq_f32(m, yes, no); }
inline IntPart bits(Part a) { return vreinterpretq_s32_f32(a); }
inline Part real(IntPart a) { return vreinterpretq_f32_s32(a); }
inline IntPart set_int(int32_t x) { return vdupq_n_s32(x); }
inline IntPart iadd(IntPart a, IntPart b) { return vaddq_s32(a, b); }
inline IntPart isub(IntPart a, IntPart b) { return vsubq_s32(a, b); }
inline IntPart iand(IntPart a, IntPart b) { return vandq_s32(a, b); }
inline IntPart ior(IntPart a, IntPart b) { return vorrq_s32(a, b); }
inline IntPart ixor(IntPart a, IntPart b) { return veorq_s32(a, b); }
template <int kBits>
inline IntPart shl(IntPart a) {
    return vshlq_n_s32(a, kBits);
}
template <int kBits>
inline IntPart sar(IntPart a) {
    return vshrq_n_s32(a, kBits);
}
inline IntPart nearest(Part a) { return vcvtnq_s32_f32(a); }
inline Part to_real(IntPart a) { return vcvtq_f32_s32(a); }
}  // namespace part
#else
namespace part {
inline Part set(float x) { return x; }
inline Part load(const float* p) { return *p; }
inline void store(float* p, Part a) { *p = a; }
inline Part fma(Part a, Part b, Part c) { return std::fmaf(a, b, c); }
inline Part add(Part a, Part b) { return a + b; }
inline Part sub(Part a, Part b) { return a - b; }
inline Part mul(Part a, Part b) { return a * b; }
inline Part div(Part a, Part b) { return a / b; }
inline Part root(Part a) { return std::sqrt(a); }
inline MaskPart lt(Part a, Part b) { return a < b ? ~0u : 0u; }
inline MaskPart le(Part a, Part b) { return a <= b ? ~0u : 0u; }
inline MaskPart eq(Part a, Part b) { return a == b ? ~0u : 0u; }
inline Part select(MaskPart m, Part yes, Part no) { return m ? yes : no; }
inline IntPart bits(Part a) {
    IntPart i;
    std::memcpy(&i, &a, sizeof i);
    return i;
}
inline Part real(IntPart a) {
    Part f;
    std::memcpy(&f, &a, sizeof f);
    return f;
}
inline IntPart set_int(int32_t x) { return x; }
inline IntPart iadd(IntPart a, IntPart b) {
    return static_cast<IntPart>(static_cast<uint32_t>(a) + static_cast<uint32_t>(b));
}
inline IntPart isub(IntPart a, IntPart b) {
    return static_cast<IntPart>(static_cast<uint32_t>(a) - static_cast<uint32_t>(b));
}
inline IntPart iand(IntPart a, IntPart b) { return a & b; }
inline IntPart ior(IntPart a, IntPart b) { return a | b; }
inline IntPart ixor(IntPart a, IntPart b) { return a ^ b; }
template <int kBits>
inline IntPart shl(IntPart a) {
    return static_cast<IntPart>(static_cast<uint32_t>(a) << kBits);
}
template <int kBits>
inline IntPart sar(IntPart a) {
    return a >> kBits;
}
inline IntPart nearest(Part a) { return static_cast<IntPart>(std::nearbyintf(a)); }
inline Part to_real(IntPart a) { return static_cast<Part>(a); }
}  // namespace part
#endif

inline constexpr int kPart = 16 / kParts;

inline Vec set(float x) {
    Vec r;
    GATUN_EACH(r.p[q] = part::set(x))
    return r;
}
inline Vec load(const float* p) {
    Vec r;
    GATUN_EACH(r.p[q] = part::load(p + q * kPart))
    return r;
}
inline void store(float* p, Vec a) { GATUN_EACH(part::store(p + q * kPart, a.p[q])) }
inline Vec load(const float* p, int n) {
    float whole[16] = {};
    std::memcpy(whole, p, static_cast<size_t>(n) * sizeof(float));
    return load(whole);
}
inline void store(float* p, Vec a, int n) {
    float whole[16];
    store(whole, a);
    std::memcpy(p, whole, static_cast<size_t>(n) * sizeof(float));
}
#define GATUN_BINARY(name, type, function)                  \
    inline type name(type a, type b) {                      \
        type r;                                             \
        GATUN_EACH(r.p[q] = part::function(a.p[q], b.p[q])) \
        return r;                                           \
    }
GATUN_BINARY(operator+, Vec, add)
GATUN_BINARY(operator-, Vec, sub)
GATUN_BINARY(operator*, Vec, mul)
GATUN_BINARY(operator/, Vec, div)
GATUN_BINARY(operator+, Int, iadd)
GATUN_BINARY(operator-, Int, isub)
GATUN_BINARY(operator&, Int, iand)
GATUN_BINARY(operator|, Int, ior)
GATUN_BINARY(operator^, Int, ixor)
#undef GATUN_BINARY
#define GATUN_COMPARE(name, function)                       \
    inline Mask name(Vec a, Vec b) {                        \
        Mask r;                                             \
        GATUN_EACH(r.p[q] = part::function(a.p[q], b.p[q])) \
        return r;                                           \
    }
GATUN_COMPARE(operator<, lt)
GATUN_COMPARE(operator<=, le)
GATUN_COMPARE(operator==, eq)
#undef GATUN_COMPARE
inline Vec fma(Vec a, Vec b, Vec c) {
    Vec r;
    GATUN_EACH(r.p[q] = part::fma(a.p[q], b.p[q], c.p[q]))
    return r;
}
inline Vec sqrt(Vec a) {
    Vec r;
    GATUN_EACH(r.p[q] = part::root(a.p[q]))
    return r;
}
inline Vec select(Mask m, Vec yes, Vec no) {
    Vec r;
    GATUN_EACH(r.p[q] = part::select(m.p[q], yes.p[q], no.p[q]))
    return r;
}
inline Int bits(Vec a) {
    Int r;
    GATUN_EACH(r.p[q] = part::bits(a.p[q]))
    return r;
}
inline Vec real(Int a) {
    Vec r;
    GATUN_EACH(r.p[q] = part::real(a.p[q]))
    return r;
}
inline Int set_int(int32_t x) {
    Int r;
    GATUN_EACH(r.p[q] = part::set_int(x))
    return r;
}
template <int kBits>
inline Int shift_left(Int a) {
    Int r;
    GATUN_EACH(r.p[q] = part::shl<kBits>(a.p[q]))
    return r;
}
template <int kBits>
inline Int shift_right(Int a) {
    Int r;
    GATUN_EACH(r.p[q] = part::sar<kBits>(a.p[q]))
    return r;
}
inline Int nearest(Vec a) {
    Int r;
    GATUN_EACH(r.p[q] = part::nearest(a.p[q]))
    return r;
}
inline Vec to_real(Int a) {
    Vec r;
    GATUN_EACH(r.p[q] = part::to_real(a.p[q]))
    return r;
}
#if defined(__aarch64__) && !defined(GATUN_PLAIN)
inline Vec load_bf16(const uint16_t* p) {
    Vec r;
    GATUN_EACH(r.p[q] = vreinterpretq_f32_u32(vshll_n_u16(vld1_u16(p + q * kPart), 16)))
    return r;
}
inline Vec load_int8(const int8_t* p) {
    const int8x16_t all = vld1q_s8(p);
    const int16x8_t low = vmovl_s8(vget_low_s8(all)), high = vmovl_s8(vget_high_s8(all));
    return {{vcvtq_f32_s32(vmovl_s16(vget_low_s16(low))), vcvtq_f32_s32(vmovl_s16(vget_high_s16(low))),
             vcvtq_f32_s32(vmovl_s16(vget_low_s16(high))), vcvtq_f32_s32(vmovl_s16(vget_high_s16(high)))}};
}
#else
inline Vec load_bf16(const uint16_t* p) {
    Vec r;
    GATUN_EACH(r.p[q] = part::real(static_cast<IntPart>(static_cast<uint32_t>(p[q]) << 16)))
    return r;
}
inline Vec load_int8(const int8_t* p) {
    Vec r;
    GATUN_EACH(r.p[q] = static_cast<Part>(p[q]))
    return r;
}
#endif
inline uint32_t lanes(Mask m) {
    uint32_t whole[16];
    std::memcpy(whole, m.p, sizeof whole);
    uint32_t r = 0;
    for (int i = 0; i < 16; ++i) r |= (whole[i] & 1u) << i;
    return r;
}
#undef GATUN_EACH

#endif

// What follows means the same on all levels.

// a < b ? a : b and b < a ? a : b: of a pair with a not-a-number, b.
#if !defined(__AVX2__) || defined(GATUN_PLAIN)
GATUN_INLINE Vec min(Vec a, Vec b) { return select(a < b, a, b); }
GATUN_INLINE Vec max(Vec a, Vec b) { return select(b < a, a, b); }
#endif
GATUN_INLINE Vec negate(Vec a) { return real(bits(a) ^ set_int(INT32_MIN)); }
GATUN_INLINE Vec absolute(Vec a) { return real(bits(a) & set_int(INT32_MAX)); }

#if !defined(__AVX512F__) || defined(GATUN_PLAIN)
// a * 2^n, rounded once; n whole, -252..252. In two steps, so that subnormal results are met.
GATUN_INLINE Vec scale(Vec a, Vec n) {
    const Int whole = bits(n + set(12582912.0f)) - bits(set(12582912.0f));  // 1.5 * 2^23: n in the lowest bits
    const Int half = shift_right<1>(whole);
    const Int bias = set_int(127);
    return a * real(shift_left<23>(half + bias)) * real(shift_left<23>(whole - half + bias));
}
#endif

#if !defined(__CUDACC__)
// The lanes of a below n; where n is 16 or more, all.
inline Vec first_lanes_of(Vec a, int n, Vec rest) {
    static constexpr float kNumbers[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    return select(load(kNumbers) < set(static_cast<float>(n)), a, rest);
}

#if defined(__AVX2__) && !defined(GATUN_PLAIN)
// Lanes added as a tree, i with i+8, then +4, +2, +1: one order everywhere.
inline float sum(Vec a) {
    const __m256 eight = halves_added(a);
    const __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps(two, two, 1)));
}
// The largest lane, by the same tree of `max`.
inline float maximum(Vec a) {
    const __m256 eight = halves_max(a);
    const __m128 four = _mm_max_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    const __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_max_ss(two, _mm_shuffle_ps(two, two, 1)));
}
#else
inline float sum(Vec a) {
    float x[16];
    store(x, a);
    for (int half = 8; half >= 1; half /= 2) {
        for (int i = 0; i < half; ++i) x[i] += x[i + half];
    }
    return x[0];
}
inline float maximum(Vec a) {
    float x[16];
    store(x, a);
    for (int half = 8; half >= 1; half /= 2) {
        for (int i = 0; i < half; ++i) x[i] = x[i + half] < x[i] ? x[i] : x[i + half];
    }
    return x[0];
}
#endif

inline float lane_of(Vec a, int i) {
    float x[kLanes];
    store(x, a);
    return x[i];
}
inline float lane0(Vec a) { return lane_of(a, 0); }

// What nobody writes while it is read here.
inline Vec fixed(const float* p) { return load(p); }
// Four numbers that are the same in all lanes, 16-byte aligned.
struct Four {
    float v[4];
};
inline Four four(const float* p) { return {{p[0], p[1], p[2], p[3]}}; }

// body(i) into lane i, for those below n; zeros behind.
template <class Body>
inline Vec of_lanes(int n, Body&& body) {
    float x[kLanes] = {};
    for (int i = 0; i < n; ++i) x[i] = body(i);
    return load(x);
}
// body(i) for the lanes i below n.
template <class Body>
inline void each_lane(int n, Body&& body) {
    for (int i = 0; i < n; ++i) body(i);
}
// Lane i to p[i * stride], for those below n.
inline void scatter(Vec a, float* p, int64_t stride, int n) {
    if (stride == 1) return store(p, a, n);
    float x[kLanes];
    store(x, a);
    for (int i = 0; i < n; ++i) p[i * stride] = x[i];
}
// Lanes may be threads: what one stored the others read behind this alone.
inline void together() {}
#endif

}  // namespace gatun::GATUN_ISA_LEVEL
