#include "ops/affine/affine.h"
#include "simd/vec.h"

namespace gatun::GATUN_ISA_LEVEL {
namespace {

// The tiles that fill the registers: P positions times V blocks of 16 outputs, two chains each.
#if defined(__AVX512F__) && !defined(GATUN_PLAIN)
constexpr int kWideP = 6, kWideV = 2, kTallP = 12, kFewP = 3, kFewV = 4;
#elif defined(__AVX2__) && !defined(GATUN_PLAIN)
constexpr int kWideP = 3, kWideV = 1, kTallP = 3, kFewP = 1, kFewV = 3;
#else
constexpr int kWideP = 3, kWideV = 1, kTallP = 3, kFewP = 1, kFewV = 2;
#endif

struct Tile {
    const float* x;
    const int64_t* offsets;
    int64_t x_step;
    float* y;
    int64_t y_step;
    const float* weights;  // of the first block
    int64_t block_floats;  // from block to block
    const float* bias;     // of the first block, or null
    int32_t taps;
    int32_t inputs;
    int32_t last;  // inputs of the last tap
    int live;      // outputs of the last block
    bool accumulate;
};

template <int P, int V>
[[gnu::always_inline]] inline void multiply(Vec (&chain)[P][V], const float* x, int64_t x_step, const float* w,
                                            int64_t block_floats) {
    Vec weight[V];
#pragma GCC unroll 16
    for (int v = 0; v < V; ++v) weight[v] = load(w + v * block_floats);
#pragma GCC unroll 16
    for (int p = 0; p < P; ++p) {
        const Vec value = set(x[p * x_step]);
#pragma GCC unroll 16
        for (int v = 0; v < V; ++v) chain[p][v] = fma(value, weight[v], chain[p][v]);
    }
}

template <int P, int V>
void run_tile(const Tile& t) {
    Vec even[P][V], odd[P][V];
#pragma GCC unroll 16
    for (int v = 0; v < V; ++v) {
        Vec start = set(0.0f);
        if (t.bias != nullptr) start = v + 1 < V ? load(t.bias + v * kLanes) : load(t.bias + v * kLanes, t.live);
#pragma GCC unroll 16
        for (int p = 0; p < P; ++p) {
            even[p][v] = start;
            odd[p][v] = set(0.0f);
        }
    }
    const float* w = t.weights;
    bool at_odd = false;
    for (int32_t tap = 0; tap < t.taps; ++tap) {
        const float* x = t.x + t.offsets[tap];
        const int32_t inputs = tap + 1 < t.taps ? t.inputs : t.last;
        int32_t c = 0;
        if (at_odd && inputs > 0) {
            multiply<P, V>(odd, x, t.x_step, w, t.block_floats);
            w += kLanes;
            c = 1;
        }
        for (; c + 1 < inputs; c += 2, w += 2 * kLanes) {
            multiply<P, V>(even, x + c, t.x_step, w, t.block_floats);
            multiply<P, V>(odd, x + c + 1, t.x_step, w + kLanes, t.block_floats);
        }
        at_odd = c < inputs;
        if (at_odd) {
            multiply<P, V>(even, x + c, t.x_step, w, t.block_floats);
            w += kLanes;
        }
    }
#pragma GCC unroll 16
    for (int p = 0; p < P; ++p) {
#pragma GCC unroll 16
        for (int v = 0; v < V; ++v) {
            float* y = t.y + p * t.y_step + v * kLanes;
            const int live = v + 1 < V ? kLanes : t.live;
            Vec sum = even[p][v] + odd[p][v];
            if (t.accumulate) sum = (live == kLanes ? load(y) : load(y, live)) + sum;
            if (live == kLanes) {
                store(y, sum);
            } else {
                store(y, sum, live);
            }
        }
    }
}

// The rest of a row that does not fill a tile of P positions.
template <int P, int V>
void run_rest(const Tile& t, int64_t positions) {
    if constexpr (P > 0) {
        if (positions == P) return run_tile<P, V>(t);
        run_rest<P - 1, V>(t, positions);
    }
}

template <int P, int V>
void run_row(Tile t, int64_t positions) {
    int64_t done = 0;
    for (; done + P <= positions; done += P, t.x += P * t.x_step, t.y += P * t.y_step) run_tile<P, V>(t);
    run_rest<P - 1, V>(t, positions - done);
}

void run(const gatun_affine& affine, const AffineRow& row, int64_t first, int64_t count, bool accumulate) {
    const int64_t all = (affine.outputs + kLanes - 1) / kLanes;
    const int64_t block_floats = (static_cast<int64_t>(affine.tap_count) * affine.inputs - affine.unseen) * kLanes;
    int64_t block = first;
    while (block < first + count) {
        const int64_t left = first + count - block;
        Tile t{row.x,
               row.offsets,
               row.x_step,
               row.y + block * kLanes,
               row.y_step,
               affine.weights + block * block_floats,
               block_floats,
               affine.bias == nullptr ? nullptr : affine.bias + block * kLanes,
               affine.tap_count,
               affine.inputs,
               affine.inputs - affine.unseen,
               kLanes,
               accumulate};
        const auto ends_at = [&](int64_t v) {
            t.live = block + v == all ? static_cast<int>(affine.outputs - (all - 1) * kLanes) : kLanes;
            block += v;
        };
        if (row.positions <= kFewP && left >= kFewV) {
            ends_at(kFewV);
            run_row<kFewP, kFewV>(t, row.positions);
        } else if (left >= kWideV && kWideV > 1) {
            ends_at(kWideV);
            run_row<kWideP, kWideV>(t, row.positions);
        } else {
            ends_at(1);
            run_row<kTallP, 1>(t, row.positions);
        }
    }
}

// dW[c][o] += sum over positions of x[p][c] dy[p][o], for 8 flat inputs and V blocks of outputs.
template <int C, int V>
void gradient_blocks(const GradientTile& t, int first_input, int64_t block) {
    Vec sum[C][V];
#pragma GCC unroll 16
    for (int c = 0; c < C; ++c) {
#pragma GCC unroll 16
        for (int v = 0; v < V; ++v) sum[c][v] = set(0.0f);
    }
    const float* x = t.x + first_input;
    const float* dy = t.dy + block * t.positions * kLanes;
    for (int64_t p = 0; p < t.positions; ++p, x += kGradientInputs, dy += kLanes) {
        Vec d[V];
#pragma GCC unroll 16
        for (int v = 0; v < V; ++v) d[v] = load(dy + v * t.positions * kLanes);
#pragma GCC unroll 16
        for (int c = 0; c < C; ++c) {
            const Vec value = set(x[c]);
#pragma GCC unroll 16
            for (int v = 0; v < V; ++v) sum[c][v] = fma(value, d[v], sum[c][v]);
        }
    }
#pragma GCC unroll 16
    for (int c = 0; c < C; ++c) {
        if (first_input + c < t.live) {
#pragma GCC unroll 16
            for (int v = 0; v < V; ++v) {
                float* w = t.weights + (block + v) * t.block_stride + (first_input + c) * kLanes;
                store(w, load(w) + sum[c][v]);
            }
        }
    }
}

void gradient(const GradientTile& t) {
#if defined(__AVX512F__) && !defined(GATUN_PLAIN)
    constexpr int kC = 8, kV = 3;
#else
    constexpr int kC = 4, kV = 1;
#endif
    int64_t block = 0;
    for (; block + kV <= t.blocks; block += kV) {
        for (int c = 0; c < t.live; c += kC) gradient_blocks<kC, kV>(t, c, block);
    }
    for (; block < t.blocks; ++block) {
        for (int c = 0; c < t.live; c += kC) gradient_blocks<kC, 1>(t, c, block);
    }
}

void gather(const gatun_affine& affine, const AffineRow& row, int64_t first, int live, float* to) {
    const int64_t tap = first / affine.inputs, input = first % affine.inputs;
    if (live == kGradientInputs && input + kGradientInputs <= affine.inputs) {  // all of one tap: neighbours in memory
        const float* from = row.x + row.offsets[tap] + input;
        for (int64_t p = 0; p < row.positions; ++p, from += row.x_step, to += kGradientInputs) {
            for (int c = 0; c < kGradientInputs; ++c) to[c] = from[c];
        }
        return;
    }
    for (int c = 0; c < kGradientInputs; ++c) {
        const int64_t flat = first + c;
        const float* from = c < live ? row.x + row.offsets[flat / affine.inputs] + flat % affine.inputs : nullptr;
        for (int64_t p = 0; p < row.positions; ++p) {
            to[p * kGradientInputs + c] = from == nullptr ? 0.0f : from[p * row.x_step];
        }
    }
}

void gather_block(const float* dy, int64_t step, int64_t positions, int live, float* to, float* bias) {
    Vec sum = set(0.0f);
    for (int64_t p = 0; p < positions; ++p, dy += step, to += kLanes) {
        const Vec d = live == kLanes ? load(dy) : load(dy, live);
        store(to, d);
        sum = sum + d;
    }
    if (bias != nullptr) store(bias, load(bias, live) + sum, live);
}

}  // namespace

extern const AffineKernels affine_kernels;
const AffineKernels affine_kernels = {run, gradient, gather, gather_block};

}  // namespace gatun::GATUN_ISA_LEVEL
