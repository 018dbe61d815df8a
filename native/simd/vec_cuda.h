// Sixteen float lanes on a GPU: sixteen threads, half a warp, each of which holds a lane. What is written for vectors
// is run by all of them; numbers that are not vectors are the same in each. `together` orders what a lane stored before
// what the other lanes read.
#pragma once

#include <cstdint>
#include <cstring>

namespace gatun::GATUN_ISA_LEVEL {

inline constexpr int kLanes = 16;

struct Mask {
    bool m;
};
struct Vec {
    float v;
};
struct Int {
    int32_t v;
};

__device__ inline int lane() { return static_cast<int>(threadIdx.x) % kLanes; }
// The threads of this half of the warp.
__device__ inline uint32_t half_warp() { return threadIdx.x % 32 < kLanes ? 0x0000ffffu : 0xffff0000u; }
__device__ inline void together() { __syncwarp(half_warp()); }

__device__ inline Vec set(float x) { return {x}; }
__device__ inline Vec load(const float* p) { return {p[lane()]}; }
__device__ inline void store(float* p, Vec a) { p[lane()] = a.v; }
__device__ inline Vec load(const float* p, int n) { return {lane() < n ? p[lane()] : 0.0f}; }
__device__ inline void store(float* p, Vec a, int n) {
    if (lane() < n) p[lane()] = a.v;
}
__device__ inline Vec fma(Vec a, Vec b, Vec c) { return {__fmaf_rn(a.v, b.v, c.v)}; }
__device__ inline Vec operator+(Vec a, Vec b) { return {__fadd_rn(a.v, b.v)}; }
__device__ inline Vec operator-(Vec a, Vec b) { return {__fsub_rn(a.v, b.v)}; }
__device__ inline Vec operator*(Vec a, Vec b) { return {__fmul_rn(a.v, b.v)}; }
__device__ inline Vec operator/(Vec a, Vec b) { return {__fdiv_rn(a.v, b.v)}; }
__device__ inline Vec sqrt(Vec a) { return {__fsqrt_rn(a.v)}; }
__device__ inline Mask operator<(Vec a, Vec b) { return {a.v < b.v}; }
__device__ inline Mask operator<=(Vec a, Vec b) { return {a.v <= b.v}; }
__device__ inline Mask operator==(Vec a, Vec b) { return {a.v == b.v}; }
__device__ inline Vec select(Mask m, Vec yes, Vec no) { return {m.m ? yes.v : no.v}; }
__device__ inline Int bits(Vec a) { return {__float_as_int(a.v)}; }
__device__ inline Vec real(Int a) { return {__int_as_float(a.v)}; }
__device__ inline Int set_int(int32_t x) { return {x}; }
__device__ inline Int operator+(Int a, Int b) {
    return {static_cast<int32_t>(static_cast<uint32_t>(a.v) + static_cast<uint32_t>(b.v))};
}
__device__ inline Int operator-(Int a, Int b) {
    return {static_cast<int32_t>(static_cast<uint32_t>(a.v) - static_cast<uint32_t>(b.v))};
}
__device__ inline Int operator&(Int a, Int b) { return {a.v & b.v}; }
__device__ inline Int operator|(Int a, Int b) { return {a.v | b.v}; }
__device__ inline Int operator^(Int a, Int b) { return {a.v ^ b.v}; }
template <int kBits>
__device__ inline Int shift_left(Int a) {
    return {static_cast<int32_t>(static_cast<uint32_t>(a.v) << kBits)};
}
template <int kBits>
__device__ inline Int shift_right(Int a) {
    return {a.v >> kBits};
}
__device__ inline Int nearest(Vec a) { return {__float2int_rn(a.v)}; }
__device__ inline Vec to_real(Int a) { return {__int2float_rn(a.v)}; }
__device__ inline uint32_t lanes(Mask m) {
    return __ballot_sync(half_warp(), m.m) >> (threadIdx.x % 32 / kLanes * kLanes) & 0xffffu;
}

// Numbers of bfloat16, the upper halves of floats.
__device__ inline float of_bf16(uint32_t half) { return __uint_as_float(half << 16); }
__device__ inline Vec load_bf16(const uint16_t* p) { return {of_bf16(p[lane()])}; }

// What nobody writes while it is read here.
__device__ inline Vec fixed(const float* p) { return {__ldg(p + lane())}; }
__device__ inline Vec fixed(const uint16_t* p) { return {of_bf16(__ldg(p + lane()))}; }
// Four numbers that are the same in all lanes, 16-byte aligned.
struct Four {
    float v[4];
};
__device__ inline Four four(const float* p) {
    const float4 x = *reinterpret_cast<const float4*>(p);
    return {{x.x, x.y, x.z, x.w}};
}

// body(i) into lane i, for those below n; zeros behind.
template <class Body>
__device__ inline Vec of_lanes(int n, Body&& body) {
    return {lane() < n ? body(lane()) : 0.0f};
}
// body(i) in lane i, for those below n.
template <class Body>
__device__ inline void each_lane(int n, Body&& body) {
    if (lane() < n) body(lane());
}
// Lane i to p[i * stride], for those below n.
__device__ inline void scatter(Vec a, float* p, int64_t stride, int n) {
    if (lane() < n) p[lane() * stride] = a.v;
}
__device__ inline Vec first_lanes_of(Vec a, int n, Vec rest) { return {lane() < n ? a.v : rest.v}; }
__device__ inline float lane_of(Vec a, int i) { return __shfl_sync(half_warp(), a.v, i, kLanes); }
__device__ inline float lane0(Vec a) { return __shfl_sync(half_warp(), a.v, 0, kLanes); }

// By the tree of vec.h: lane i with i+8, then +4, +2, +1.
__device__ inline float sum(Vec a) {
    float x = a.v;
    for (int half = kLanes / 2; half >= 1; half /= 2) {
        x = __fadd_rn(x, __shfl_down_sync(half_warp(), x, static_cast<unsigned>(half), kLanes));
    }
    return lane0({x});
}
__device__ inline float maximum(Vec a) {
    float x = a.v;
    for (int half = kLanes / 2; half >= 1; half /= 2) {
        const float other = __shfl_down_sync(half_warp(), x, static_cast<unsigned>(half), kLanes);
        x = other < x ? x : other;
    }
    return lane0({x});
}

}  // namespace gatun::GATUN_ISA_LEVEL
