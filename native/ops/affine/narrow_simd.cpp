#include <array>
#include <utility>

#include "ops/affine/narrow.h"
#include "simd/positions.h"
#include "simd/vec.h"

namespace gatun::GATUN_ISA_LEVEL {
namespace {

// The tiles that fill the registers: P positions times V blocks of 16 outputs, two chains each.
#if defined(__AVX512F__) && !defined(GATUN_PLAIN)
constexpr int kWideP = 7, kWideV = 2, kTallP = 14;
#else
constexpr int kWideP = 3, kWideV = 1, kTallP = 3;
#endif

struct Tile {
    const float* x;
    const int64_t* offsets;
    const int64_t* pairs_end;  // behind the last pair of offsets
    float* y;
    int64_t y_step;
    const float* weights;  // of the first block
    int64_t block_step;
    const float* bias;  // or null
    int live;           // outputs of the last of these blocks
    bool one_left;      // behind the pairs
    bool accumulate;
};

// kStep: floats from position to position.
template <int kStep, int P, int V>
[[gnu::always_inline]] inline void multiply(Vec (&chain)[P][V], const float* x, const float* w, int64_t block_step) {
    Vec weight[V];
#pragma GCC unroll 16
    for (int v = 0; v < V; ++v) weight[v] = load(w + v * block_step);
#pragma GCC unroll 16
    for (int p = 0; p < P; ++p) {
        const Vec value = set(x[p * kStep]);
#pragma GCC unroll 16
        for (int v = 0; v < V; ++v) chain[p][v] = fma(value, weight[v], chain[p][v]);
    }
}

// kWhole: whole blocks, nothing to add to.
template <bool kWhole, int V>
[[gnu::always_inline]] inline void end(const Tile& t, float* y, int v, Vec sum) {
    if constexpr (kWhole) {
        store(y + v * kLanes, sum);
    } else {
        const int live = v + 1 < V ? kLanes : t.live;
        if (t.accumulate) sum = load(y + v * kLanes, live) + sum;
        store(y + v * kLanes, sum, live);
    }
}

template <int kStep, bool kWhole, int P, int V>
void run_tiles(Tile& t, int64_t tiles) {
    Vec start[V];
    for (int v = 0; v < V; ++v) {
        start[v] = t.bias == nullptr ? set(0.0f) : load(t.bias + v * kLanes, v + 1 < V ? kLanes : t.live);
    }
    for (; tiles > 0; --tiles) {
        Vec even[P][V], odd[P][V];
#pragma GCC unroll 16
        for (int p = 0; p < P; ++p) {
#pragma GCC unroll 16
            for (int v = 0; v < V; ++v) even[p][v] = start[v], odd[p][v] = set(0.0f);
        }
        const float* w = t.weights;
        const float* next_y = t.y + P * t.y_step;
        const int64_t* offset = t.offsets;
        for (; offset != t.pairs_end; offset += 2, w += 2 * kLanes, next_y += kLanes) {
            __builtin_prefetch(next_y, 1);
            multiply<kStep, P, V>(even, t.x + offset[0], w, t.block_step);
            multiply<kStep, P, V>(odd, t.x + offset[1], w + kLanes, t.block_step);
        }
        if (t.one_left) multiply<kStep, P, V>(even, t.x + offset[0], w, t.block_step);
        float* y = t.y;
#pragma GCC unroll 16
        for (int p = 0; p < P; ++p, y += t.y_step) {
#pragma GCC unroll 16
            for (int v = 0; v < V; ++v) end<kWhole, V>(t, y, v, even[p][v] + odd[p][v]);
        }
        t.x += P * kStep;
        t.y = y;
    }
}

// Tiles of 1, 2, ... P positions.
template <int kStep, bool kWhole, int V, int... kLess>
constexpr auto tiles_of(std::integer_sequence<int, kLess...>) {
    return std::array<void (*)(Tile&, int64_t), sizeof...(kLess)>{run_tiles<kStep, kWhole, kLess + 1, V>...};
}

template <int kStep, bool kWhole, int P, int V>
void run_row(Tile& t, int64_t positions) {
    static constexpr auto kTiles = tiles_of<kStep, kWhole, V>(std::make_integer_sequence<int, P>{});
    in_tiles<P>(positions, [&](size_t size, int64_t tiles) { kTiles[size - 1](t, tiles); });
}

template <int kStep, int P, int V>
void run_blocks(Tile& t, int64_t positions) {
    if (t.live == kLanes && !t.accumulate) return run_row<kStep, true, P, V>(t, positions);
    run_row<kStep, false, P, V>(t, positions);
}

// A row of the first of some blocks.
Tile tile_of(const gatun_affine& affine, const AffineRow& row, int64_t block, bool accumulate) {
    const int64_t flat = int64_t{affine.tap_count} * affine.inputs - affine.unseen;
    Tile t{};
    t.x = row.x;
    t.offsets = row.offsets;
    t.pairs_end = row.offsets + flat / 2 * 2;
    t.y = row.y + block * kLanes;
    t.y_step = row.y_step;
    t.weights = affine.weights + block * flat * kLanes;
    t.block_step = flat * kLanes;
    t.bias = affine.bias == nullptr ? nullptr : affine.bias + block * kLanes;
    t.live = kLanes;
    t.one_left = flat % 2 == 1;
    t.accumulate = accumulate;
    return t;
}

template <int kStep>
void run_steps(const gatun_affine& affine, const AffineRow& row, int64_t first, int64_t count, bool accumulate) {
    const int64_t all = (affine.outputs + kLanes - 1) / kLanes;
    for (int64_t block = first; block < first + count;) {
        Tile t = tile_of(affine, row, block, accumulate);
        const bool wide = first + count - block >= kWideV;
        block += wide ? kWideV : 1;
        if (block == all) t.live = static_cast<int>(affine.outputs - (all - 1) * kLanes);
        if (wide) {
            run_blocks<kStep, kWideP, kWideV>(t, row.positions);
        } else {
            run_blocks<kStep, kTallP, 1>(t, row.positions);
        }
    }
}

void run(const gatun_affine& affine, const AffineRow& row, int64_t first, int64_t count, bool accumulate) {
    if (row.x_step == 1) return run_steps<1>(affine, row, first, count, accumulate);
    run_steps<3>(affine, row, first, count, accumulate);
}

}  // namespace

extern const NarrowKernels narrow_kernels;
const NarrowKernels narrow_kernels = {run};

}  // namespace gatun::GATUN_ISA_LEVEL
