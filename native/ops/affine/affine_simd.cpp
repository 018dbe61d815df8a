#include <algorithm>
#include <array>
#include <type_traits>
#include <utility>

#include "ops/affine/affine.h"
#include "simd/positions.h"
#include "simd/weights.h"

namespace gatun::GATUN_ISA_LEVEL {
namespace {

// The tiles that fill the registers: P positions times V blocks of 16 outputs, two chains each.
#if defined(__AVX512F__) && !defined(GATUN_PLAIN)
constexpr int kWideP = 7, kWideV = 2, kTallP = 14, kFewP = 3, kFewV = 4;
#elif defined(__AVX2__) && !defined(GATUN_PLAIN)
constexpr int kWideP = 3, kWideV = 1, kTallP = 3, kFewP = 1, kFewV = 3;
#else
constexpr int kWideP = 3, kWideV = 1, kTallP = 3, kFewP = 1, kFewV = 2;
#endif

// Weights of so many inputs are more than stay in the nearest cache while tiles go by: they are fetched so many inputs
// ahead. Every other line is enough, since the machine fetches the one behind it.
constexpr int64_t kFarInputs = 256, kAhead = 16;

template <class Weight>
struct Tile {
    const float* x;
    const int64_t* offsets;
    int64_t x_step;
    float* y;
    int64_t y_step;
    const Weight* weights;  // of the first block
    int64_t block_step;     // from block to block
    const float* bias;      // of the first block, or null
    int32_t taps;
    int32_t inputs;
    int32_t last;  // inputs of the last tap
    int live;      // outputs of the last block
    bool accumulate;
    bool odd;            // the first flat input belongs to the odd chain
    const float* start;  // chains to carry on, or null
    float* keep;         // chains to leave, or null
    int64_t chain_step;
    int64_t chain_width;
    int64_t fetch;  // floats from fetch to fetch, for the first of the blocks that a row goes through; else 0
};

template <int P, int V, class Weight>
[[gnu::always_inline]] inline void multiply(Vec (&chain)[P][V], const Positions<P>& x, int input, const Weight* w,
                                            int64_t block_step) {
    Vec weight[V];
#pragma GCC unroll 16
    for (int v = 0; v < V; ++v) weight[v] = load_weights(w + v * block_step);
#pragma GCC unroll 16
    for (int p = 0; p < P; ++p) {
        const Vec value = set(x(p, input));
#pragma GCC unroll 16
        for (int v = 0; v < V; ++v) chain[p][v] = fma(value, weight[v], chain[p][v]);
    }
}

// Lanes of the v-th of V blocks of a tile.
template <int V, class Weight>
[[gnu::always_inline]] inline Vec load_block(const Tile<Weight>& t, const float* p, int v) {
    return v + 1 < V || t.live == kLanes ? load(p + v * kLanes) : load(p + v * kLanes, t.live);
}

template <int V, class Weight>
[[gnu::always_inline]] inline void store_block(const Tile<Weight>& t, float* p, int v, Vec value) {
    if (v + 1 < V || t.live == kLanes) {
        store(p + v * kLanes, value);
    } else {
        store(p + v * kLanes, value, t.live);
    }
}

template <int P, int V, class Weight>
[[gnu::always_inline]] inline void start_chains(const Tile<Weight>& t, Vec (&even)[P][V], Vec (&odd)[P][V]) {
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
}

template <int P, int V, class Weight>
[[gnu::always_inline]] inline void carry_on_chains(const Tile<Weight>& t, Vec (&even)[P][V], Vec (&odd)[P][V]) {
#pragma GCC unroll 16
    for (int p = 0; p < P; ++p) {
        const float* from = t.start + p * t.chain_step;
#pragma GCC unroll 16
        for (int v = 0; v < V; ++v) {
            even[p][v] = load_block<V>(t, from, v);
            odd[p][v] = load_block<V>(t, from + t.chain_width, v);
        }
    }
}

template <int P, int V, class Weight>
[[gnu::always_inline]] inline void leave_chains(const Tile<Weight>& t, const Vec (&even)[P][V],
                                                const Vec (&odd)[P][V]) {
#pragma GCC unroll 16
    for (int p = 0; p < P; ++p) {
        float* to = t.keep + p * t.chain_step;
#pragma GCC unroll 16
        for (int v = 0; v < V; ++v) {
            store_block<V>(t, to, v, even[p][v]);
            store_block<V>(t, to + t.chain_width, v, odd[p][v]);
        }
    }
}

// kWhole: whole blocks, nothing to add to.
template <bool kWhole, int P, int V, class Weight>
[[gnu::always_inline]] inline void end_chains(const Tile<Weight>& t, const Vec (&even)[P][V], const Vec (&odd)[P][V]) {
#pragma GCC unroll 16
    for (int p = 0; p < P; ++p) {
#pragma GCC unroll 16
        for (int v = 0; v < V; ++v) {
            float* y = t.y + p * t.y_step + v * kLanes;
            Vec sum = even[p][v] + odd[p][v];
            if constexpr (kWhole) {
                store(y, sum);
            } else {
                if (t.accumulate) sum = load_block<V>(t, t.y + p * t.y_step, v) + sum;
                store_block<V>(t, t.y + p * t.y_step, v, sum);
            }
        }
    }
}

// Adds all taps to the chains. kBrings: what the next tile wants comes nearer meanwhile; kFar: so do weights.
template <int P, int V, bool kBrings, bool kFar, class Weight>
[[gnu::always_inline]] inline void multiply_taps(const Tile<Weight>& t, Vec (&even)[P][V], Vec (&odd)[P][V]) {
    const Weight* w = t.weights;
    bool at_odd = t.odd;
    // What the next tile reads that this one did not, and where it writes: brought while this one multiplies.
    const float* next_x = !kBrings || t.taps == 0 ? t.x : t.x + t.offsets[t.taps - 1] + P * t.x_step;
    const float* next_y = t.keep == nullptr ? t.y + P * t.y_step : t.keep;  // chains are left where y may be nowhere
    for (int32_t tap = 0; tap < t.taps; ++tap) {
        Positions<P> x(t.x + t.offsets[tap], t.x_step);
        int32_t left = tap + 1 < t.taps ? t.inputs : t.last;
        if (at_odd && left > 0) {
            multiply<P, V>(odd, x, 0, w, t.block_step);
            x.advance(1);
            w += kLanes, --left;
            at_odd = false;
        }
        for (; left >= 2; left -= 2, w += 2 * kLanes, next_x += t.fetch, next_y += t.fetch) {
            if (kBrings) {
                __builtin_prefetch(next_x);
                __builtin_prefetch(next_y, 1);
            }
            if constexpr (kFar) {
#pragma GCC unroll 16
                for (int v = 0; v < V; ++v) __builtin_prefetch(w + v * t.block_step + kAhead * kLanes);
            }
            multiply<P, V>(even, x, 0, w, t.block_step);
            multiply<P, V>(odd, x, 1, w + kLanes, t.block_step);
            x.advance(2);
        }
        if (left == 1) {
            multiply<P, V>(even, x, 0, w, t.block_step);
            w += kLanes;
            at_odd = true;
        }
    }
}

template <int P, int V, bool kBrings, bool kFar, class Weight>
[[gnu::always_inline]] inline void compute(const Tile<Weight>& t) {
    Vec even[P][V], odd[P][V];
    if (t.start == nullptr) {
        start_chains(t, even, odd);
    } else {
        carry_on_chains(t, even, odd);
    }
    multiply_taps<P, V, kBrings, kFar>(t, even, odd);
    if (t.keep != nullptr) return leave_chains(t, even, odd);
    if (t.live == kLanes && !t.accumulate) return end_chains<true>(t, even, odd);
    end_chains<false>(t, even, odd);
}

// So many tiles one after the other, which move on. kPlain: whole blocks and whole sums, to which nothing is added, so
// that nothing is to be chosen from tile to tile.
template <bool kPlain, int P, int V, bool kFar, class Weight>
void run_tiles(Tile<Weight>& t, int64_t tiles) {
    for (; tiles > 0; --tiles) {
        if constexpr (kPlain) {
            Vec even[P][V], odd[P][V];
            start_chains(t, even, odd);
            multiply_taps<P, V, true, kFar>(t, even, odd);
            end_chains<true>(t, even, odd);
        } else {
            compute<P, V, true, kFar>(t);
            if (t.start != nullptr) t.start += P * t.chain_step;
            if (t.keep != nullptr) t.keep += P * t.chain_step;
        }
        t.x += P * t.x_step;
        t.y += P * t.y_step;
    }
}

// Tiles of 1, 2, ... P positions.
template <bool kPlain, int V, bool kFar, class Weight, int... kLess>
constexpr auto tiles_of(std::integer_sequence<int, kLess...>) {
    return std::array<void (*)(Tile<Weight>&, int64_t), sizeof...(kLess)>{
        run_tiles<kPlain, kLess + 1, V, kFar, Weight>...};
}

template <bool kPlain, int P, int V, bool kFar, class Weight>
void run_row_of(Tile<Weight>& t, int64_t positions) {
    static constexpr auto kTiles = tiles_of<kPlain, V, kFar, Weight>(std::make_integer_sequence<int, P>{});
    in_tiles<P>(positions, [&](size_t size, int64_t tiles) { kTiles[size - 1](t, tiles); });
}

template <int P, int V, bool kFar, class Weight>
void run_row(Tile<Weight>& t, int64_t positions) {
    if constexpr (std::is_same_v<Weight, float>) {
        const bool plain = t.live == kLanes && !t.accumulate && t.start == nullptr && t.keep == nullptr;
        if (plain) return run_row_of<true, P, V, kFar>(t, positions);
    }
    run_row_of<false, P, V, kFar>(t, positions);
}

// From the first block of all to another one.
template <class Weight>
[[gnu::always_inline]] inline void move_to(Tile<Weight>& t, int64_t block) {
    t.y += block * kLanes;
    t.weights += block * t.block_step;
    if (t.bias != nullptr) t.bias += block * kLanes;
    if (t.start != nullptr) t.start += block * kLanes;
    if (t.keep != nullptr) t.keep += block * kLanes;
}

// Blocks first .. first + count - 1. `whole`: a tile of the first block of all.
template <class Weight>
void run_blocks(const Tile<Weight>& whole, int32_t outputs, int64_t positions, int64_t first, int64_t count) {
    const int64_t all = (outputs + kLanes - 1) / kLanes;
    int64_t block = first;
    while (block < first + count) {
        const int64_t left = first + count - block;
        Tile<Weight> t = whole;
        move_to(t, block);
        const auto ends_at = [&](int64_t v) {
            t.fetch = block == first ? kLanes : 0;
            t.live = block + v == all ? static_cast<int>(outputs - (all - 1) * kLanes) : kLanes;
            block += v;
        };
        if (positions <= kFewP && left >= kFewV) {
            ends_at(kFewV);
            run_row<kFewP, kFewV, false>(t, positions);
        } else if (left >= kWideV && kWideV > 1) {
            ends_at(kWideV);
            if (t.block_step < kFarInputs * kLanes) {
                run_row<kWideP, kWideV, false>(t, positions);
            } else {
                run_row<kWideP, kWideV, true>(t, positions);
            }
        } else {
            ends_at(1);
            run_row<kTallP, 1, false>(t, positions);
        }
    }
}

template <class Weight>
[[gnu::always_inline]] inline Tile<Weight> tile_of(const gatun_affine& affine, const AffineRow& row, int64_t flat) {
    Tile<Weight> t{};
    t.x = row.x;
    t.offsets = row.offsets;
    t.x_step = row.x_step;
    t.y = row.y;
    t.y_step = row.y_step;
    t.weights = reinterpret_cast<const Weight*>(affine.weights);
    t.block_step = flat * kLanes;
    t.bias = affine.bias;
    t.taps = affine.tap_count;
    t.inputs = affine.inputs;
    t.last = affine.inputs - affine.unseen;
    t.live = kLanes;
    return t;
}

void run(const gatun_affine& affine, const AffineRow& row, int64_t first, int64_t count, bool accumulate) {
    Tile<float> t = tile_of<float>(affine, row, static_cast<int64_t>(affine.tap_count) * affine.inputs - affine.unseen);
    t.accumulate = accumulate;
    run_blocks(t, affine.outputs, row.positions, first, count);
}

template <class Weight>
[[gnu::always_inline]] inline Tile<Weight> tile_of_part(const gatun_affine& affine, const AffineRow& row,
                                                        const AffinePart& part) {
    Tile<Weight> t = tile_of<Weight>(affine, row, part.flat);
    t.weights += part.before * kLanes;
    t.odd = part.before % 2 == 1;
    t.start = part.start;
    t.keep = part.keep;
    t.chain_step = part.step;
    t.chain_width = part.width;
    return t;
}

// V blocks from some block on of one position; `all` there are.
template <int V, class Weight>
[[gnu::always_inline]] inline int64_t run_alone(Tile<Weight> t, int64_t block, int64_t all, int32_t outputs) {
    move_to(t, block);
    t.live = block + V == all ? static_cast<int>(outputs - (all - 1) * kLanes) : kLanes;
    compute<1, V, false, false>(t);
    return block + V;
}

// One position, whose sums take hardly longer than what would find out how to cut more of them into tiles.
template <class Weight>
void run_part_alone(const gatun_affine& affine, const AffineRow& row, const AffinePart& part) {
    const Tile<Weight> t = tile_of_part<Weight>(affine, row, part);
    const int64_t all = (affine.outputs + kLanes - 1) / kLanes;
    for (int64_t block = 0; block < all;) {
        if (all - block >= kFewV) {
            block = run_alone<kFewV>(t, block, all, affine.outputs);
        } else if (all - block >= 2) {
            block = run_alone<2>(t, block, all, affine.outputs);
        } else {
            block = run_alone<1>(t, block, all, affine.outputs);
        }
    }
}

template <class Weight>
void run_part_of(const gatun_affine& affine, const AffineRow& row, const AffinePart& part) {
    if (row.positions == 1) return run_part_alone<Weight>(affine, row, part);
    run_blocks(tile_of_part<Weight>(affine, row, part), affine.outputs, row.positions, 0,
               (affine.outputs + kLanes - 1) / kLanes);
}

void run_part(const gatun_affine& affine, const AffineRow& row, const AffinePart& part) {
    if (part.precision == GATUN_BF16) return run_part_of<uint16_t>(affine, row, part);
    run_part_of<float>(affine, row, part);
}

// dW[c][o] += sum over positions of x[p][c] dy[p][o], for C flat inputs, in memory one behind the other or anywhere,
// and V blocks of outputs, the last with `live` of them; kBias: db[o] += sum of dy[p][o].
template <int C, int V, bool kTogether, bool kBias>
void gradient_blocks(const GradientTile& t, int first, int64_t block, int live) {
    Vec sum[C][V], of_bias[V];
    int64_t offset[C];
#pragma GCC unroll 16
    for (int v = 0; v < V; ++v) of_bias[v] = set(0.0f);
#pragma GCC unroll 16
    for (int c = 0; c < C; ++c) {
        offset[c] = t.inputs[first + c < t.live ? first + c : first];
#pragma GCC unroll 16
        for (int v = 0; v < V; ++v) sum[c][v] = set(0.0f);
    }
    const auto add = [&](const float* const(&x)[C], int64_t p, const float* dy) __attribute__((always_inline)) {
        Vec d[V];
#pragma GCC unroll 16
        for (int v = 0; v < V; ++v) {
            d[v] = v + 1 < V ? load(dy + v * t.dy_block) : load(dy + v * t.dy_block, live);
            if constexpr (kBias) of_bias[v] = of_bias[v] + d[v];
        }
#pragma GCC unroll 16
        for (int c = 0; c < C; ++c) {
            const Vec value = set(kTogether ? x[0][p + c] : x[c][p]);
#pragma GCC unroll 16
            for (int v = 0; v < V; ++v) sum[c][v] = fma(value, d[v], sum[c][v]);
        }
    };
    constexpr int kNear = V == 1 ? 3 : 2;  // the nearest cache is full, which matters less than loads
    const bool of_x = first == 0;
    const int64_t next_step = std::min<int64_t>(of_x ? t.x_step : t.dy_step, kLanes);
    for (int64_t row = 0; row < t.row_count; ++row) {
        const float* x[C];
#pragma GCC unroll 16
        for (int c = 0; c < C; ++c) x[c] = t.rows[row].x + offset[c];
        const float* dy = t.rows[row].dy + block * t.dy_block;
        const GradientRow& r = t.rows[row];
        const float* next = (of_x ? r.next_x : r.next_dy) + (of_x ? t.share_x : t.share_dy) * r.positions * kLanes;
        // Two positions at a time: integers are added where vectors are multiplied.
        int64_t p = 0, left = r.positions;
        for (; left >= 2; left -= 2, p += 2 * t.x_step, dy += 2 * t.dy_step, next += 2 * next_step) {
            __builtin_prefetch(next, 0, kNear);
            __builtin_prefetch(next + next_step, 0, kNear);
            add(x, p, dy);
            add(x, p + t.x_step, dy + t.dy_step);
        }
        if (left > 0) add(x, p, dy);
    }
#pragma GCC unroll 16
    for (int c = 0; c < C; ++c) {
        if (first + c < t.live) {
#pragma GCC unroll 16
            for (int v = 0; v < V; ++v) {
                float* w = t.weights + (block + v) * t.block_stride + (first + c) * kLanes;
                store(w, load(w) + sum[c][v]);
            }
        }
    }
    if constexpr (kBias) {
#pragma GCC unroll 16
        for (int v = 0; v < V; ++v) {
            float* b = t.bias + (block + v) * kLanes;
            const int some = v + 1 < V ? kLanes : live;
            store(b, load(b, some) + of_bias[v], some);
        }
    }
}

template <int C, int V, bool kTogether>
void gradient_inputs(const GradientTile& t, int first, int64_t block, int live) {
    if (first == 0 && t.bias != nullptr) return gradient_blocks<C, V, kTogether, true>(t, first, block, live);
    gradient_blocks<C, V, kTogether, false>(t, first, block, live);
}

// Whether `count` flat inputs from the first on are there, and neighbours in memory.
bool together(const GradientTile& t, int first, int count) {
    if (first + count > t.live) return false;
    for (int c = first + 1; c < first + count; ++c) {
        if (t.inputs[c] != t.inputs[c - 1] + 1) return false;
    }
    return true;
}

template <int C, int V>
void gradient_of(const GradientTile& t, int64_t block) {
    const int live = static_cast<int>(std::min<int64_t>(t.outputs - (block + V - 1) * kLanes, kLanes));
    for (int c = 0; c < t.live; c += C) {
        if (V == 1 && together(t, c, 2 * C)) {
            gradient_inputs<2 * C, V, true>(t, c, block, live);
            c += C;
        } else if (together(t, c, C)) {
            gradient_inputs<C, V, true>(t, c, block, live);
        } else {
            gradient_inputs<C, V, false>(t, c, block, live);
        }
    }
}

// As many sums at once as hide the latency of an addition and fit the registers.
void gradient(const GradientTile& t) {
    const int64_t blocks = (t.outputs + kLanes - 1) / kLanes;
#if defined(__AVX512F__) && !defined(GATUN_PLAIN)
    int64_t block = 0;
    for (; blocks - block >= 3; block += 3) gradient_of<8, 3>(t, block);
    for (; blocks - block >= 2; block += 2) gradient_of<8, 2>(t, block);
    if (block < blocks) gradient_of<8, 1>(t, block);
#else
    for (int64_t block = 0; block < blocks; ++block) gradient_of<4, 1>(t, block);
#endif
}

void gather(const float* from, int64_t step, int64_t positions, int live, float* to, float* sums) {
    // As many as hide the latency of an addition.
    constexpr int kSums = 4;
    Vec sum[kSums] = {set(0.0f), set(0.0f), set(0.0f), set(0.0f)};
    for (int64_t p = 0; p < positions; p += kSums) {
        for (int k = 0; k < kSums && p + k < positions; ++k, from += step) {
            const Vec value = live == kLanes ? load(from) : load(from, live);
            if (to != nullptr) store(to + (p + k) * kLanes, value);
            sum[k] = sum[k] + value;
        }
    }
    if (sums != nullptr) store(sums, load(sums, live) + ((sum[0] + sum[1]) + (sum[2] + sum[3])), live);
}

}  // namespace

extern const AffineKernels affine_kernels;
const AffineKernels affine_kernels = {run, run_part, gradient, gather};

}  // namespace gatun::GATUN_ISA_LEVEL
