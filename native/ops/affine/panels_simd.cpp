#include "ops/affine/panels.h"
#include "simd/vec.h"

namespace gatun::GATUN_ISA_LEVEL {
namespace {

// As many sums at once as hide the latency of an addition and fit the registers: inputs times blocks of outputs.
#if defined(__AVX512F__) && !defined(GATUN_PLAIN)
constexpr int kInputs = 8, kBlocks = 3;
#else
constexpr int kInputs = 4, kBlocks = 1;
#endif
constexpr int kFewInputs = 4;

template <int C, int V>
void add_products(const GradientPanel& t, int64_t tap, int first, int64_t block) {
    Vec sum[C][V];
#pragma GCC unroll 16
    for (int c = 0; c < C; ++c) {
#pragma GCC unroll 16
        for (int v = 0; v < V; ++v) sum[c][v] = set(0.0f);
    }
    const float* x = t.x + t.shifts[tap] + first;
    const float* dy = t.dy + block * t.dy_block;
    for (int64_t p = 0; p < t.positions; ++p, dy += kLanes) {
        const float* inputs = x + t.places[p];
        Vec d[V];
#pragma GCC unroll 16
        for (int v = 0; v < V; ++v) d[v] = load(dy + v * t.dy_block);
#pragma GCC unroll 16
        for (int c = 0; c < C; ++c) {
            const Vec value = set(inputs[c]);
#pragma GCC unroll 16
            for (int v = 0; v < V; ++v) sum[c][v] = fma(value, d[v], sum[c][v]);
        }
    }
    float* weights = t.weights + tap * t.tap_stride + block * t.block_stride + first * kLanes;
#pragma GCC unroll 16
    for (int c = 0; c < C; ++c) {
        if (first + c >= t.live) return;
#pragma GCC unroll 16
        for (int v = 0; v < V; ++v) {
            float* w = weights + v * t.block_stride + c * kLanes;
            store(w, load(w) + sum[c][v]);
        }
    }
}

// V blocks, whose dy stays near for all taps.
template <int V>
void add_blocks(const GradientPanel& t, int64_t block) {
    for (int64_t tap = 0; tap < t.taps; ++tap) {
        int first = 0;
        for (; t.live - first > kFewInputs; first += kInputs) add_products<kInputs, V>(t, tap, first, block);
        if (first < t.live) add_products<kFewInputs, V>(t, tap, first, block);
    }
}

void gradient(const GradientPanel& t) {
    int64_t block = 0;
    for (; t.blocks - block >= kBlocks; block += kBlocks) add_blocks<kBlocks>(t, block);
    if constexpr (kBlocks == 3) {
        if (t.blocks - block == 2) return add_blocks<2>(t, block);
        if (block < t.blocks) add_blocks<1>(t, block);
    }
}

}  // namespace

extern const PanelKernels panel_kernels;
const PanelKernels panel_kernels = {gradient};

}  // namespace gatun::GATUN_ISA_LEVEL
