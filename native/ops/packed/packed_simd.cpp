#include <algorithm>
#include <type_traits>

#include "ops/activation/activation.h"
#include "ops/packed/finish.h"
#include "ops/packed/packed.h"
#include "simd/positions.h"
#include "simd/weights.h"

namespace gatun::GATUN_ISA_LEVEL {
namespace {

// Tiles that fill the registers, two chains each: V blocks for one position, and for P positions. Plain C++, whose
// fused products are calls, has none to fill.
#if defined(__AVX512F__) && !defined(GATUN_PLAIN)
constexpr int kOneV = 4, kManyV = 2, kManyP = 6;
#elif defined(__AVX2__) || defined(__aarch64__) && !defined(GATUN_PLAIN)
constexpr int kOneV = 2, kManyV = 1, kManyP = 3;
#else
constexpr int kOneV = 1, kManyV = 1, kManyP = 1;
#endif

// Bytes that weights are fetched ahead: they are one sequence across the operations of a program.
constexpr int64_t kAhead = 2048;

// V blocks of a group for P positions.
template <class Weight>
struct Tile {
    const float* bias;      // of the blocks; one group of blocks behind it their scales, where they have some
    const Weight* weights;  // of the leading taps, or of all
    const Weight* behind;
    int64_t position;
    int64_t block;
};

// Sixteen weights, as floats. `scale`: their outputs', where they have some.
template <class Weight>
[[gnu::always_inline]] inline Vec weight_of(const Weight* w, Vec) {
    return load_weights(w);
}
[[gnu::always_inline]] inline Vec weight_of(const int8_t* w, Vec scale) { return load_int8(w) * scale; }

template <class Weight>
inline constexpr int kHeads = sizeof(Weight) == 1 ? 2 : 1;  // rows of floats that a group begins with

// kFetch: weights that come from afar.
template <bool kFetch, int P, int V, class Weight>
[[gnu::always_inline]] inline void multiply(Vec (&chain)[P][V], const Positions<P>& x, int input, const Weight* w,
                                            const Vec (&scale)[V]) {
    Vec weight[V];
#pragma GCC unroll 16
    for (int v = 0; v < V; ++v) {
        weight[v] = weight_of(w + v * kLanes, scale[v]);
        if (kFetch && P == 1 && v * kLanes * sizeof(Weight) % 64 == 0) {
            __builtin_prefetch(reinterpret_cast<const char*>(w + v * kLanes) + kAhead);
        }
    }
#pragma GCC unroll 16
    for (int p = 0; p < P; ++p) {
        const Vec value = set(x(p, input));
#pragma GCC unroll 16
        for (int v = 0; v < V; ++v) chain[p][v] = fma(value, weight[v], chain[p][v]);
    }
}

// All inputs of a tap, a multiple of four, the first of which goes to chain 0. `step`: weights from an input's to the
// next one's.
template <bool kFetch, int P, int V, class Weight>
[[gnu::always_inline]] inline const Weight* add_fours(Positions<P> x, int64_t inputs, const Weight* w, int64_t step,
                                                      const Vec (&scale)[V], Vec (&even)[P][V], Vec (&odd)[P][V]) {
    const float* end = x.at[0] + inputs;
    do {
        multiply<kFetch>(even, x, 0, w, scale);
        multiply<kFetch>(odd, x, 1, w + step, scale);
        multiply<kFetch>(even, x, 2, w + 2 * step, scale);
        multiply<kFetch>(odd, x, 3, w + 3 * step, scale);
        x.advance(4);
        w += 4 * step;
    } while (x.at[0] != end);
    return w;
}

template <class Weight, int V>
[[gnu::always_inline]] inline void load_scales(const Tile<Weight>& tile, int64_t step, Vec (&scale)[V]) {
#pragma GCC unroll 16
    for (int v = 0; v < V; ++v) {
        scale[v] = kHeads<Weight> == 2 ? load(tile.bias + step + v * kLanes) : set(1.0f);
    }
}

inline bool in_fours(const PackedStep& s) { return s.inputs > 0 && s.inputs % 4 == 0; }

// The taps first .. end - 1 of P positions, of inputs in fours: even inputs go to chain 0, odd ones to chain 1.
template <bool kFetch, int P, int V, class Weight>
[[gnu::always_inline]] inline void add_tap_fours(const PackedStep& s, const Tile<Weight>& tile, int64_t step,
                                                 int32_t first, int32_t end, const Weight* w, Vec (&even)[P][V],
                                                 Vec (&odd)[P][V]) {
    Vec scale[V];
    load_scales(tile, step, scale);
    for (int32_t tap = first; tap < end; ++tap) {
        const Positions<P> x(s.x[tap] + tile.position * s.x_step, s.x_step);
        w = add_fours<kFetch>(x, s.inputs, w, step, scale, even, odd);
    }
}

// The same of any number of inputs.
template <int P, int V, class Weight>
[[gnu::always_inline]] inline void add_taps(const PackedStep& s, const Tile<Weight>& tile, int64_t step, int32_t first,
                                            int32_t end, const Weight* w, Vec (&even)[P][V], Vec (&odd)[P][V]) {
    if (in_fours(s)) return add_tap_fours<true>(s, tile, step, first, end, w, even, odd);
    Vec scale[V];
    load_scales(tile, step, scale);
    bool at_odd = first % 2 == 1 && s.inputs % 2 == 1;
    for (int32_t tap = first; tap < end; ++tap) {
        Positions<P> x(s.x[tap] + tile.position * s.x_step, s.x_step);
        for (int64_t c = 0; c < s.inputs; ++c, w += step, x.advance(1)) {
            if (at_odd) {
                multiply<true>(odd, x, 0, w, scale);
            } else {
                multiply<true>(even, x, 0, w, scale);
            }
            at_odd = !at_odd;
        }
    }
}

// Chains in memory, an odd one `odd` floats behind its even one; 0: their sum is what is kept.
struct Chains {
    float* at;
    int64_t step;  // from a position to the next one
    int64_t odd;
};

// Where the chains of a tile lie that leading taps fill.
template <class Weight>
[[gnu::always_inline]] inline Chains chains_of(const PackedStep& s, const Tile<Weight>& tile) {
    return {s.chains + tile.position * s.chain_step + tile.block * kLanes, s.chain_step,
            packed_blocks(s.outputs) * kLanes};
}

template <int P, int V>
[[gnu::always_inline]] inline void start(const float* bias, const Chains& from, Vec (&even)[P][V], Vec (&odd)[P][V]) {
#pragma GCC unroll 16
    for (int v = 0; v < V; ++v) {
#pragma GCC unroll 16
        for (int p = 0; p < P; ++p) {
            const float* at = from.at == nullptr ? bias : from.at + p * from.step;
            even[p][v] = load(at + v * kLanes);
            odd[p][v] = from.at == nullptr ? set(0.0f) : load(at + from.odd + v * kLanes);
        }
    }
}

template <int P, int V>
[[gnu::always_inline]] inline void keep(const Chains& to, const Vec (&even)[P][V], const Vec (&odd)[P][V]) {
#pragma GCC unroll 16
    for (int p = 0; p < P; ++p) {
#pragma GCC unroll 16
        for (int v = 0; v < V; ++v) {
            float* at = to.at + p * to.step + v * kLanes;
            store(at, to.odd == 0 ? even[p][v] + odd[p][v] : even[p][v]);
            if (to.odd != 0) store(at + to.odd, odd[p][v]);
        }
    }
}

// The end of the taps that come first: of the leading ones, or of all.
inline int32_t first_end(const PackedStep& s) { return s.lead == 0 ? s.taps : s.lead; }

struct Lead {
    static constexpr int kMultiple = 1;
};

// The chains of a tile by its leading taps, or from chains on by those behind. Code of its own, the same for all kinds
// and groups, since positions are enough to pay for the call and for the way through memory.
template <int P, int V, int kStep, class Weight>
[[gnu::noinline]] void run_chains(const PackedStep& s, const Tile<Weight>& tile, const Chains& from, const Chains& to) {
    Vec even[P][V], odd[P][V];
    start(tile.bias, from, even, odd);
    if (from.at == nullptr) {
        add_taps(s, tile, kStep, 0, first_end(s), tile.weights, even, odd);
    } else {
        add_taps(s, tile, kStep, s.lead, s.taps, tile.behind, even, odd);
    }
    keep(to, even, odd);
}

// The sums of a tile, [P][V][16].
template <int P, int V, int kStep, class Weight>
void run_sums(const PackedStep& s, const Tile<Weight>& tile, float* sum) {
    constexpr int kWidth = V * kLanes;
    const Chains sums = {sum, kWidth, 0};
    if (s.chains != nullptr) return run_chains<P, V, kStep>(s, tile, chains_of(s, tile), sums);
    if (s.lead == 0) return run_chains<P, V, kStep>(s, tile, {}, sums);
    alignas(64) float memory[2 * P * kWidth];
    const Chains chains = {memory, 2 * kWidth, kWidth};
    run_chains<P, V, kStep>(s, tile, {}, chains);
    run_chains<P, V, kStep>(s, tile, chains, sums);
}

template <class Kind, int P, int V, int kStep, class Weight>
void run_tile(const PackedStep& s, const Tile<Weight>& tile) {
    if constexpr (std::is_same_v<Kind, Lead>) {
        run_chains<P, V, kStep>(s, tile, {}, chains_of(s, tile));
    } else {
        alignas(64) float sums[P * V * kLanes];
        Kind::template fetch<P, V>(s, tile.position, tile.block);
        run_sums<P, V, kStep>(s, tile, sums);
        for (int p = 0; p < P; ++p) {
            Vec sum[V];
#pragma GCC unroll 16
            for (int v = 0; v < V; ++v) sum[v] = load(sums + (p * V + v) * kLanes);
            Kind::template finish<V>(s, sum, tile.position + p, tile.block);
        }
    }
}

// What is left of a row that does not fill a tile of P positions.
template <class Kind, int P, int V, int kStep, class Weight>
void run_rest(const PackedStep& s, const Tile<Weight>& tile) {
    if constexpr (P > 0) {
        if (s.positions - tile.position == P) return run_tile<Kind, P, V, kStep>(s, tile);
        run_rest<Kind, P - 1, V, kStep>(s, tile);
    }
}

// How a group of G blocks is run: V of them at a time, for P positions.
template <class Kind, int G, class Weight>
struct Many {
    static constexpr int kLeast = Kind::kMultiple < G ? Kind::kMultiple : G;
    static constexpr int kV = kManyV < kLeast ? kLeast : kManyV < G ? kManyV : G;
    static constexpr int kP = kV > kManyV ? 1 : kManyP;

    static void run(const PackedStep& s, const float* bias, const Weight* weights, const Weight* behind,
                    int64_t block) {
        for (int v = 0; v < G; v += kV) {
            const int at = v * kLanes;
            Tile<Weight> tile = {bias + at, weights + at, behind + at, 0, block + v};
            for (; tile.position + kP <= s.positions; tile.position += kP) {
                run_tile<Kind, kP, kV, G * kLanes>(s, tile);
            }
            run_rest<Kind, kP - 1, kV, G * kLanes>(s, tile);
        }
    }
};

// A tile of one position and of inputs in fours, all of it in registers.
template <class Kind, bool kFetch, int V, class Weight>
[[gnu::always_inline]] inline void run_one(const PackedStep& s, const Tile<Weight>& tile, int64_t step) {
    constexpr bool kLead = std::is_same_v<Kind, Lead>;
    Vec even[1][V], odd[1][V];
    if (kLead || s.chains == nullptr) {
        start(tile.bias, {}, even, odd);
        add_tap_fours<kFetch>(s, tile, step, 0, first_end(s), tile.weights, even, odd);
    } else {
        start(tile.bias, chains_of(s, tile), even, odd);
    }
    if constexpr (kLead) {
        keep(chains_of(s, tile), even, odd);
    } else {
        if (s.lead > 0) add_tap_fours<kFetch>(s, tile, step, s.lead, s.taps, tile.behind, even, odd);
#pragma GCC unroll 16
        for (int v = 0; v < V; ++v) even[0][v] = even[0][v] + odd[0][v];
        Kind::template finish<V>(s, even[0], tile.position, tile.block);
    }
}

template <class Kind, int G, class Weight, bool kFetch>
struct OneOf {
    static constexpr int kLeast = Kind::kMultiple < G ? Kind::kMultiple : G;
    static constexpr int kV = kOneV < kLeast ? kLeast : kOneV < G ? kOneV : G;

    [[gnu::always_inline]] static void run(const PackedStep& s, const float* bias, const Weight* weights,
                                           const Weight* behind, int64_t block) {
#pragma GCC unroll 4
        for (int v = 0; v < G; v += kV) {
            const int at = v * kLanes;
            run_one<Kind, kFetch, kV, Weight>(s, {bias + at, weights + at, behind + at, 0, block + v}, G * kLanes);
        }
    }
};

template <class Kind, int G, class Weight>
struct One : OneOf<Kind, G, Weight, true> {};
template <class Kind, int G, class Weight>
struct OneNear : OneOf<Kind, G, Weight, false> {};

// Walks the groups of a product, each of which begins with its biases.
template <class Kind, template <class, int, class> class Group, class Weight>
class Groups {
public:
    [[gnu::always_inline]] explicit Groups(const PackedStep& s)
        : s_(s),
          inputs_(static_cast<int64_t>(s.lead == 0 ? s.taps : s.lead) * s.inputs * kLanes),
          inputs_behind_(static_cast<int64_t>(s.lead == 0 ? 0 : s.taps - s.lead) * s.inputs * kLanes),
          at_(static_cast<const char*>(s.weights)),
          behind_(static_cast<const Weight*>(s.behind)) {}

    [[gnu::always_inline]] void run() {
        const int64_t blocks = packed_blocks(s_.outputs);
        while (block_ + 4 <= blocks) run_group<4>();
        if (block_ + 2 <= blocks) run_group<2>();
        if constexpr (Kind::kMultiple == 1) {
            if (block_ < blocks) run_group<1>();
        }
    }

private:
    template <int G>
    [[gnu::always_inline]] void run_group() {
        const auto* bias = reinterpret_cast<const float*>(at_);
        const auto* weights = reinterpret_cast<const Weight*>(bias + kHeads<Weight> * G * kLanes);
        if (s_.first_block <= block_ && block_ < s_.end_block) {
            Group<Kind, G, Weight>::run(s_, bias, weights, behind_, block_);
        }
        at_ = reinterpret_cast<const char*>(weights + G * inputs_);
        behind_ += G * inputs_behind_;
        block_ += G;
    }

    const PackedStep& s_;
    const int64_t inputs_, inputs_behind_;  // weights of a block
    const char* at_;
    const Weight* behind_;
    int64_t block_ = 0;
};

template <class Kind, class Weight>
void run_as(const PackedStep& s) {
    if (kOneV > 1 && s.positions == 1 && in_fours(s)) {
        if constexpr (std::is_same_v<Weight, float>) {
            if (s.near) return Groups<Kind, OneNear, Weight>(s).run();
        }
        Groups<Kind, One, Weight>(s).run();
    } else {
        Groups<Kind, Many, Weight>(s).run();
    }
}

template <class Kind>
void run_all(const PackedStep& s) {
    if (s.precision == GATUN_F32) return run_as<Kind, float>(s);
    if (s.precision == GATUN_BF16) return run_as<Kind, uint16_t>(s);
    run_as<Kind, int8_t>(s);
}

void run(const PackedStep& s) {
    run_all<Plain>(s);
    const int64_t first = s.first_block * kLanes, end = std::min<int64_t>(s.end_block * kLanes, s.outputs);
    if (s.activation <= GATUN_RELU || first >= end) return;
    for (int64_t p = 0; p < s.positions; ++p) {
        float* y = s.y + p * s.y_step + first;
        activation_kernels.run(s.activation, y, y, end - first);
    }
}

void run_gate(const PackedStep& s) { run_all<Gated>(s); }
void run_lead(const PackedStep& s) { run_all<Lead>(s); }

}  // namespace

extern const PackedKernels packed_kernels;
const PackedKernels packed_kernels = {run, run_gate, run_lead};

}  // namespace gatun::GATUN_ISA_LEVEL
