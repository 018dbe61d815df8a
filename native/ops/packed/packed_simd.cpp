#include <algorithm>

#include "ops/activation/activation.h"
#include "ops/activation/functions.h"
#include "ops/packed/packed.h"
#include "simd/math.h"
#include "simd/weights.h"

namespace gatun::GATUN_ISA_LEVEL {
namespace {

// Tiles that fill the registers, two chains each: V blocks for one position, and for P positions.
#if defined(__AVX512F__) && !defined(GATUN_PLAIN)
constexpr int kOneV = 4, kManyV = 2, kManyP = 6;
#else
constexpr int kOneV = 2, kManyV = 1, kManyP = 3;
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
    int64_t width;  // outputs of whole blocks
};

// Sixteen weights, as floats. `scale`: their outputs', where they have some.
template <class Weight>
[[gnu::always_inline]] inline Vec weight_of(const Weight* w, Vec) {
    return load_weights(w);
}
[[gnu::always_inline]] inline Vec weight_of(const int8_t* w, Vec scale) { return load_int8(w) * scale; }

template <class Weight>
inline constexpr int kHeads = sizeof(Weight) == 1 ? 2 : 1;  // rows of floats that a group begins with

// kStep: weights from an input's to the next one's.
template <int P, int V, int kStep, class Weight>
[[gnu::always_inline]] inline void multiply(Vec (&chain)[P][V], const float* x, int64_t x_step, const Weight* w,
                                            const Vec (&scale)[V]) {
    Vec weight[V];
#pragma GCC unroll 16
    for (int v = 0; v < V; ++v) {
        weight[v] = weight_of(w + v * kLanes, scale[v]);
        if (P == 1 && v * kLanes * sizeof(Weight) % 64 == 0) {
            __builtin_prefetch(reinterpret_cast<const char*>(w + v * kLanes) + kAhead);
        }
    }
#pragma GCC unroll 16
    for (int p = 0; p < P; ++p) {
        const Vec value = set(x[p * x_step]);
#pragma GCC unroll 16
        for (int v = 0; v < V; ++v) chain[p][v] = fma(value, weight[v], chain[p][v]);
    }
}

// All inputs of a tap, a multiple of four, the first of which goes to chain 0.
template <int P, int V, int kStep, class Weight>
[[gnu::always_inline]] inline const Weight* add_fours(const float* x, const float* end, int64_t x_step, const Weight* w,
                                                      const Vec (&scale)[V], Vec (&even)[P][V], Vec (&odd)[P][V]) {
    do {
        multiply<P, V, kStep>(even, x, x_step, w, scale);
        multiply<P, V, kStep>(odd, x + 1, x_step, w + kStep, scale);
        multiply<P, V, kStep>(even, x + 2, x_step, w + 2 * kStep, scale);
        multiply<P, V, kStep>(odd, x + 3, x_step, w + 3 * kStep, scale);
        x += 4;
        w += 4 * kStep;
    } while (x != end);
    return w;
}

// The taps first .. end - 1 of P positions: even inputs go to chain 0, odd ones to chain 1.
template <int P, int V, int kStep, class Weight>
[[gnu::always_inline]] inline void add_taps(const PackedStep& s, const Tile<Weight>& tile, int32_t first, int32_t end,
                                            const Weight* w, Vec (&even)[P][V], Vec (&odd)[P][V]) {
    const int64_t inputs = s.inputs;
    Vec scale[V];
#pragma GCC unroll 16
    for (int v = 0; v < V; ++v) {
        scale[v] = kHeads<Weight> == 2 ? load(tile.bias + kStep + v * kLanes) : set(1.0f);
    }
    if (inputs > 0 && inputs % 4 == 0) {
        for (int32_t tap = first; tap < end; ++tap) {
            const float* x = s.x[tap] + tile.position * s.x_step;
            w = add_fours<P, V, kStep>(x, x + inputs, s.x_step, w, scale, even, odd);
        }
        return;
    }
    bool at_odd = first % 2 == 1 && inputs % 2 == 1;
    for (int32_t tap = first; tap < end; ++tap) {
        const float* x = s.x[tap] + tile.position * s.x_step;
        for (int64_t c = 0; c < inputs; ++c, w += kStep) {
            if (at_odd) {
                multiply<P, V, kStep>(odd, x + c, s.x_step, w, scale);
            } else {
                multiply<P, V, kStep>(even, x + c, s.x_step, w, scale);
            }
            at_odd = !at_odd;
        }
    }
}

template <int P, int V>
[[gnu::always_inline]] inline void start(const float* bias, Vec (&even)[P][V], Vec (&odd)[P][V]) {
#pragma GCC unroll 16
    for (int v = 0; v < V; ++v) {
        const Vec first = load(bias + v * kLanes);
#pragma GCC unroll 16
        for (int p = 0; p < P; ++p) {
            even[p][v] = first;
            odd[p][v] = set(0.0f);
        }
    }
}

// Where the chains of a position and a block lie.
template <class Weight>
[[gnu::always_inline]] inline float* chain_of(const PackedStep& s, const Tile<Weight>& tile, int64_t p, int64_t v) {
    return s.chains + (tile.position + p) * s.chain_step + (tile.block + v) * kLanes;
}

// The sums of P positions and V blocks.
template <int P, int V, int kStep, class Weight>
[[gnu::always_inline]] inline void sums(const PackedStep& s, const Tile<Weight>& tile, Vec (&even)[P][V]) {
    Vec odd[P][V];
    if (s.chains == nullptr) {
        start(tile.bias, even, odd);
        add_taps<P, V, kStep>(s, tile, 0, s.lead == 0 ? s.taps : s.lead, tile.weights, even, odd);
    } else {
#pragma GCC unroll 16
        for (int p = 0; p < P; ++p) {
#pragma GCC unroll 16
            for (int v = 0; v < V; ++v) {
                even[p][v] = load(chain_of(s, tile, p, v));
                odd[p][v] = load(chain_of(s, tile, p, v) + tile.width);
            }
        }
    }
    if (s.lead > 0) add_taps<P, V, kStep>(s, tile, s.lead, s.taps, tile.behind, even, odd);
#pragma GCC unroll 16
    for (int p = 0; p < P; ++p) {
#pragma GCC unroll 16
        for (int v = 0; v < V; ++v) even[p][v] = even[p][v] + odd[p][v];
    }
}

// A masked store is not forwarded to the loads behind it, so that whole blocks have none.
[[gnu::always_inline]] inline Vec load_lanes(const float* p, int64_t lanes) {
    return lanes >= kLanes ? load(p) : load(p, static_cast<int>(lanes));
}

[[gnu::always_inline]] inline void finish_block(const PackedStep& s, Vec sum, int64_t p, int64_t output) {
    float* y = s.y + p * s.y_step + output;
    const int64_t lanes = s.outputs - output;
    if (s.base != nullptr) sum = set(s.scale) * (load_lanes(s.base + p * s.base_step + output, lanes) + sum);
    if (s.activation == GATUN_RELU) sum = Relu::value(sum);
    if (lanes >= kLanes) {
        store(y, sum);
    } else {
        store(y, sum, static_cast<int>(lanes));
    }
}

struct Plain {
    static constexpr int kMultiple = 1;

    template <int P, int V, int kStep, class Weight>
    [[gnu::always_inline]] static void run(const PackedStep& s, const Tile<Weight>& tile) {
        Vec sum[P][V];
        if (P > 1 && s.base != nullptr) {  // on its way while the sums are made
            for (int p = 0; p < P; ++p) {
                for (int v = 0; v < V; ++v) {
                    __builtin_prefetch(s.base + (tile.position + p) * s.base_step + (tile.block + v) * kLanes);
                }
            }
        }
        sums<P, V, kStep>(s, tile, sum);
#pragma GCC unroll 16
        for (int p = 0; p < P; ++p) {
#pragma GCC unroll 16
            for (int v = 0; v < V; ++v) finish_block(s, sum[p][v], tile.position + p, (tile.block + v) * kLanes);
        }
    }
};

struct Gated {
    static constexpr int kMultiple = 2;

    // A half's sum, with what conditions add.
    [[gnu::always_inline]] static Vec whole(const PackedStep& s, Vec sum, int64_t p, int64_t output) {
        if (s.base != nullptr) sum = sum + load(s.base + p * s.base_step + output);
        if (s.second != nullptr) sum = sum + load(s.second + p * s.base_step + output);
        return sum;
    }

    template <int P, int V, int kStep, class Weight>
    [[gnu::always_inline]] static void run(const PackedStep& s, const Tile<Weight>& tile) {
        Vec sum[P][V];
        sums<P, V, kStep>(s, tile, sum);
        const int64_t half = s.outputs / 2;
#pragma GCC unroll 16
        for (int p = 0; p < P; ++p) {
#pragma GCC unroll 16
            for (int v = 0; v + 1 < V; v += 2) {
                const int64_t output = (tile.block + v) / 2 * kLanes, position = tile.position + p;
                store(s.y + position * s.y_step + output,
                      gate(whole(s, sum[p][v], position, output), whole(s, sum[p][v + 1], position, half + output)));
            }
        }
    }
};

struct Lead {
    static constexpr int kMultiple = 1;

    template <int P, int V, int kStep, class Weight>
    [[gnu::always_inline]] static void run(const PackedStep& s, const Tile<Weight>& tile) {
        Vec even[P][V], odd[P][V];
        start(tile.bias, even, odd);
        add_taps<P, V, kStep>(s, tile, 0, s.lead, tile.weights, even, odd);
#pragma GCC unroll 16
        for (int p = 0; p < P; ++p) {
#pragma GCC unroll 16
            for (int v = 0; v < V; ++v) {
                store(chain_of(s, tile, p, v), even[p][v]);
                store(chain_of(s, tile, p, v) + tile.width, odd[p][v]);
            }
        }
    }
};

// Numbers, not a tile: what was put together in memory would have to be waited for there.
template <class Kind, int P, int V, int kStep, class Weight>
void run_tile(const PackedStep& s, const float* bias, const Weight* weights, const Weight* behind, int64_t position,
              int64_t block) {
    const int64_t width = packed_blocks(s.outputs) * kLanes;
    Kind::template run<P, V, kStep, Weight>(s, {bias, weights, behind, position, block, width});
}

// What is left of a row that does not fill a tile of P positions.
template <class Kind, int P, int V, int kStep, class Weight>
void run_rest(const PackedStep& s, const float* bias, const Weight* weights, const Weight* behind, int64_t position,
              int64_t block) {
    if constexpr (P > 0) {
        if (s.positions - position == P) {
            return run_tile<Kind, P, V, kStep>(s, bias, weights, behind, position, block);
        }
        run_rest<Kind, P - 1, V, kStep>(s, bias, weights, behind, position, block);
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
            const float* b = bias + v * kLanes;
            const Weight *w = weights + v * kLanes, *more = behind + v * kLanes;
            int64_t p = 0;
            for (; p + kP <= s.positions; p += kP) run_tile<Kind, kP, kV, G * kLanes>(s, b, w, more, p, block + v);
            run_rest<Kind, kP - 1, kV, G * kLanes>(s, b, w, more, p, block + v);
        }
    }
};

template <class Kind, int G, class Weight>
struct One {
    static constexpr int kV = kOneV < G ? kOneV : G;

    [[gnu::always_inline]] static void run(const PackedStep& s, const float* bias, const Weight* weights,
                                           const Weight* behind, int64_t block) {
        const int64_t width = packed_blocks(s.outputs) * kLanes;
#pragma GCC unroll 4
        for (int v = 0; v < G; v += kV) {
            const int at = v * kLanes;
            Kind::template run<1, kV, G * kLanes, Weight>(s,
                                                          {bias + at, weights + at, behind + at, 0, block + v, width});
        }
    }
};

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
    if (s.positions == 1) {
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
