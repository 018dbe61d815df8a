#include "ops/activation/activation.h"
#include "ops/activation/functions.h"
#include "ops/packed/packed.h"
#include "simd/math.h"

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
struct Tile {
    const float* weights;  // of the leading taps, or of all; the blocks' bias
    const float* behind;
    int64_t position;
    int64_t block;
    int64_t width;  // outputs of whole blocks
};

// kStep: floats from an input's weights to the next one's.
template <int P, int V, int kStep>
[[gnu::always_inline]] inline void multiply(Vec (&chain)[P][V], const float* x, int64_t x_step, const float* w) {
    Vec weight[V];
#pragma GCC unroll 16
    for (int v = 0; v < V; ++v) {
        weight[v] = load(w + v * kLanes);
        if (P == 1) __builtin_prefetch(reinterpret_cast<const char*>(w + v * kLanes) + kAhead);
    }
#pragma GCC unroll 16
    for (int p = 0; p < P; ++p) {
        const Vec value = set(x[p * x_step]);
#pragma GCC unroll 16
        for (int v = 0; v < V; ++v) chain[p][v] = fma(value, weight[v], chain[p][v]);
    }
}

// All inputs of a tap, a multiple of four, the first of which goes to chain 0.
template <int P, int V, int kStep>
[[gnu::always_inline]] inline const float* add_fours(const float* x, const float* end, int64_t x_step, const float* w,
                                                     Vec (&even)[P][V], Vec (&odd)[P][V]) {
    do {
        multiply<P, V, kStep>(even, x, x_step, w);
        multiply<P, V, kStep>(odd, x + 1, x_step, w + kStep);
        multiply<P, V, kStep>(even, x + 2, x_step, w + 2 * kStep);
        multiply<P, V, kStep>(odd, x + 3, x_step, w + 3 * kStep);
        x += 4;
        w += 4 * kStep;
    } while (x != end);
    return w;
}

// The taps first .. end - 1 of P positions: even inputs go to chain 0, odd ones to chain 1.
template <int P, int V, int kStep>
[[gnu::always_inline]] inline void add_taps(const PackedStep& s, int64_t position, int32_t first, int32_t end,
                                            const float* w, Vec (&even)[P][V], Vec (&odd)[P][V]) {
    const int64_t inputs = s.inputs;
    if (inputs > 0 && inputs % 4 == 0) {
        for (int32_t tap = first; tap < end; ++tap) {
            const float* x = s.x[tap] + position * s.x_step;
            w = add_fours<P, V, kStep>(x, x + inputs, s.x_step, w, even, odd);
        }
        return;
    }
    bool at_odd = first % 2 == 1 && inputs % 2 == 1;
    for (int32_t tap = first; tap < end; ++tap) {
        const float* x = s.x[tap] + position * s.x_step;
        for (int64_t c = 0; c < inputs; ++c, w += kStep) {
            if (at_odd) {
                multiply<P, V, kStep>(odd, x + c, s.x_step, w);
            } else {
                multiply<P, V, kStep>(even, x + c, s.x_step, w);
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
[[gnu::always_inline]] inline float* chain_of(const PackedStep& s, const Tile& tile, int64_t p, int64_t v) {
    return s.chains + (tile.position + p) * s.chain_step + (tile.block + v) * kLanes;
}

// The sums of P positions and V blocks.
template <int P, int V, int kStep>
[[gnu::always_inline]] inline void sums(const PackedStep& s, const Tile& tile, Vec (&even)[P][V]) {
    Vec odd[P][V];
    if (s.chains == nullptr) {
        start(tile.weights, even, odd);
        add_taps<P, V, kStep>(s, tile.position, 0, s.lead == 0 ? s.taps : s.lead, tile.weights + kStep, even, odd);
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
    if (s.lead > 0) add_taps<P, V, kStep>(s, tile.position, s.lead, s.taps, tile.behind, even, odd);
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

    template <int P, int V, int kStep>
    [[gnu::always_inline]] static void run(const PackedStep& s, const Tile& tile) {
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

    template <int P, int V, int kStep>
    [[gnu::always_inline]] static void run(const PackedStep& s, const Tile& tile) {
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

    template <int P, int V, int kStep>
    [[gnu::always_inline]] static void run(const PackedStep& s, const Tile& tile) {
        Vec even[P][V], odd[P][V];
        start(tile.weights, even, odd);
        add_taps<P, V, kStep>(s, tile.position, 0, s.lead, tile.weights + kStep, even, odd);
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
template <class Kind, int P, int V, int kStep>
void run_tile(const PackedStep& s, const float* weights, const float* behind, int64_t position, int64_t block) {
    Kind::template run<P, V, kStep>(s, {weights, behind, position, block, packed_blocks(s.outputs) * kLanes});
}

// What is left of a row that does not fill a tile of P positions.
template <class Kind, int P, int V, int kStep>
void run_rest(const PackedStep& s, const float* weights, const float* behind, int64_t position, int64_t block) {
    if constexpr (P > 0) {
        if (s.positions - position == P) return run_tile<Kind, P, V, kStep>(s, weights, behind, position, block);
        run_rest<Kind, P - 1, V, kStep>(s, weights, behind, position, block);
    }
}

// How a group of G blocks is run: V of them at a time, for P positions.
template <class Kind, int G>
struct Many {
    static constexpr int kLeast = Kind::kMultiple < G ? Kind::kMultiple : G;
    static constexpr int kV = kManyV < kLeast ? kLeast : kManyV < G ? kManyV : G;
    static constexpr int kP = kV > kManyV ? 1 : kManyP;

    static void run(const PackedStep& s, const float* weights, const float* behind, int64_t block) {
        for (int v = 0; v < G; v += kV) {
            const float *w = weights + v * kLanes, *more = behind + v * kLanes;
            int64_t p = 0;
            for (; p + kP <= s.positions; p += kP) run_tile<Kind, kP, kV, G * kLanes>(s, w, more, p, block + v);
            run_rest<Kind, kP - 1, kV, G * kLanes>(s, w, more, p, block + v);
        }
    }
};

template <class Kind, int G>
struct One {
    static constexpr int kV = kOneV < G ? kOneV : G;

    [[gnu::always_inline]] static void run(const PackedStep& s, const float* weights, const float* behind,
                                           int64_t block) {
        const int64_t width = packed_blocks(s.outputs) * kLanes;
#pragma GCC unroll 4
        for (int v = 0; v < G; v += kV) {
            Kind::template run<1, kV, G * kLanes>(s, {weights + v * kLanes, behind + v * kLanes, 0, block + v, width});
        }
    }
};

template <class Kind, template <class, int> class Group>
[[gnu::always_inline]] inline void run_groups(const PackedStep& s) {
    const int64_t blocks = packed_blocks(s.outputs);
    const int64_t first = (static_cast<int64_t>(s.lead == 0 ? s.taps : s.lead) * s.inputs + 1) * kLanes;
    const int64_t second = static_cast<int64_t>(s.lead == 0 ? 0 : s.taps - s.lead) * s.inputs * kLanes;
    const float *weights = s.weights, *behind = s.behind;
    int64_t block = 0;
    for (; block + 4 <= blocks; block += 4, weights += 4 * first, behind += 4 * second) {
        Group<Kind, 4>::run(s, weights, behind, block);
    }
    if (block + 2 <= blocks) {
        Group<Kind, 2>::run(s, weights, behind, block);
        weights += 2 * first;
        behind += 2 * second;
        block += 2;
    }
    if constexpr (Kind::kMultiple == 1) {
        if (block < blocks) Group<Kind, 1>::run(s, weights, behind, block);
    }
}

template <class Kind>
void run_all(const PackedStep& s) {
    if (s.positions == 1) {
        run_groups<Kind, One>(s);
    } else {
        run_groups<Kind, Many>(s);
    }
}

void run(const PackedStep& s) {
    run_all<Plain>(s);
    if (s.activation <= GATUN_RELU) return;
    for (int64_t p = 0; p < s.positions; ++p) {
        float* y = s.y + p * s.y_step;
        activation_kernels.run(s.activation, y, y, s.outputs);
    }
}

void run_gate(const PackedStep& s) { run_all<Gated>(s); }
void run_lead(const PackedStep& s) { run_all<Lead>(s); }

}  // namespace

extern const PackedKernels packed_kernels;
const PackedKernels packed_kernels = {run, run_gate, run_lead};

}  // namespace gatun::GATUN_ISA_LEVEL
