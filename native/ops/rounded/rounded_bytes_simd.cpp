#include <bit>
#include <type_traits>

#include "ops/packed/finish.h"
#include "ops/rounded/rounded.h"
#include "simd/bytes.h"

namespace gatun::GATUN_ISA_LEVEL {
namespace {

// Tiles that fill the registers: V blocks of outputs for P positions.
#if defined(GATUN_PLAIN) || !(defined(__AVX512F__) || defined(__AVXVNNI__) || defined(__ARM_FEATURE_DOTPROD))
constexpr int kV = 2, kP = 1;
#elif defined(__AVX512F__)
constexpr int kV = 4, kP = sizeof(Products) == 64 ? 4 : 2;
#else
constexpr int kV = 2, kP = 2;
#endif

// Bytes that weights are fetched ahead: they are one sequence across the operations of a program.
constexpr int64_t kAhead = 2048;

constexpr float kWhole = 127.0f;

// Where a rounded tap's inputs lie, [tap][kRoundedPositions], and behind them the inputs, each position's in whole
// vectors.
struct Head {
    float scale;
    int32_t added;  // what weights without sign add to each sum
};

// The rounded inputs of up to kRoundedPositions positions.
class RoundedInputs {
public:
    RoundedInputs(const PackedStep& s, int64_t first)
        : heads_(static_cast<Head*>(s.rounded)),
          bytes_(reinterpret_cast<Byte*>(heads_ + s.taps * kRoundedPositions)),
          row_(packed_blocks(s.inputs) * kLanes),
          first_(first) {}

    // Of taps first .. end - 1.
    void round(const PackedStep& s, int64_t count, int32_t first, int32_t end) {
        for (int32_t tap = first; tap < end; ++tap) {
            for (int64_t p = 0; p < count; ++p) {
                const int64_t at = tap * kRoundedPositions + p;
                heads_[at] = round_row(s.x[tap] + (first_ + p) * s.x_step, s.inputs, bytes_ + at * row_);
            }
        }
    }

    int64_t first() const { return first_; }
    int64_t row() const { return row_; }
    // Of a position, counted from the first one.
    const Head& head(int32_t tap, int64_t p) const { return heads_[tap * kRoundedPositions + p]; }
    const Byte* bytes(int32_t tap, int64_t p) const { return bytes_ + (tap * kRoundedPositions + p) * row_; }

private:
    static Head round_row(const float* x, int64_t inputs, Byte* to) {
        const int64_t whole = inputs / kLanes * kLanes;
        const int rest = static_cast<int>(inputs - whole);
        Int largest = set_int(0);
        for (int64_t c = 0; c < whole; c += kLanes) largest = max(largest, bits(absolute(load(x + c))));
        if (rest > 0) largest = max(largest, bits(absolute(load(x + whole, rest))));
        // Bits of floats without sign are in their order, and those of what is no finite number behind all others.
        const int32_t most = maximum(largest);
        if (most < std::bit_cast<int32_t>(0x1p-100f) || most >= kInfinite) {
            for (int64_t c = 0; c < inputs; c += kLanes) clear(to + c);
            return {most < kInfinite ? 0.0f : std::bit_cast<float>(kNotANumber), 0};
        }
        const Vec factor = set(kWhole / std::bit_cast<float>(most));
        Int all = set_int(0);
        for (int64_t c = 0; c < whole; c += kLanes) all = all + round_lanes(load(x + c), factor, to + c);
        if (rest > 0) all = all + round_lanes(load(x + whole, rest), factor, to + whole);
        return {std::bit_cast<float>(most) / kWhole, 128 * sum(all)};
    }

    static Int round_lanes(Vec x, Vec factor, Byte* to) {
        const Int nearest_ones = nearest(x * factor);
        store(to, nearest_ones);
        return nearest_ones;
    }

    static constexpr int32_t kInfinite = 0x7f800000, kNotANumber = 0x7fc00000;

    Head* heads_;
    Byte* bytes_;
    int64_t row_, first_;
};

// V blocks of a group for P positions, from `position` of the inputs on.
struct Tile {
    const float* bias;  // and behind the group's its scales
    const uint8_t* weights;
    const uint8_t* behind;
    int64_t position;
    int64_t block;
};

struct Lead {
    static constexpr int kMultiple = 1;
};

// The sums of a tap. Where there is one position, two sums of each output, so that none waits for the other.
template <int P, int V, int G>
[[gnu::always_inline]] inline const uint8_t* multiply(const uint8_t* w, const Byte* q, int64_t row, int64_t fours,
                                                      Products (&sums)[P][V]) {
    constexpr int kTurns = P == 1 && V * sizeof(Products) <= 256 ? 2 : 1;
    Products more[1][V];
#pragma GCC unroll 16
    for (int v = 0; v < V; ++v) {
        more[0][v] = no_products();
#pragma GCC unroll 16
        for (int p = 0; p < P; ++p) sums[p][v] = no_products();
    }
    const auto one = [&](auto& to) __attribute__((always_inline)) {
        Fours weights[V];
#pragma GCC unroll 16
        for (int v = 0; v < V; ++v) {
            weights[v] = load_fours(w + v * kFour);
            if (P == 1) __builtin_prefetch(w + v * kFour + kAhead);
        }
#pragma GCC unroll 16
        for (int p = 0; p < P; ++p) {
            const auto value = set_inputs(q + p * row);
#pragma GCC unroll 16
            for (int v = 0; v < V; ++v) add(to[p][v], weights[v], value);
        }
        w += G * kFour;
        q += 4;
    };
    if constexpr (kTurns == 2) {
        for (; fours >= 2; fours -= 2) {
            one(sums);
            one(more);
        }
        if (fours > 0) one(sums);
#pragma GCC unroll 16
        for (int v = 0; v < V; ++v) add(sums[0][v], more[0][v]);
    } else {
        for (; fours > 0; --fours) one(sums);
    }
    return w;
}

// Taps first .. end - 1.
template <int P, int V, int G>
[[gnu::always_inline]] inline void add_taps(const PackedStep& s, const RoundedInputs& inputs, const Tile& tile,
                                            int32_t first, int32_t end, const uint8_t* w, Vec (&y)[P][V]) {
    const float* scales = tile.bias + G * kLanes;
    for (int32_t tap = first; tap < end; ++tap) {
        Products sums[P][V];
        w = multiply<P, V, G>(w, inputs.bytes(tap, tile.position), inputs.row(), packed_fours(s.inputs), sums);
#pragma GCC unroll 16
        for (int p = 0; p < P; ++p) {
            const Head head = inputs.head(tap, tile.position + p);
#pragma GCC unroll 16
            for (int v = 0; v < V; ++v) {
                const Vec scale = set(head.scale) * load(scales + v * kLanes);
                y[p][v] = fma(to_real(total(sums[p][v], head.added)), scale, y[p][v]);
            }
        }
    }
}

template <class Kind, int P, int V, int G>
void run_tile(const PackedStep& s, const RoundedInputs& inputs, const Tile& tile) {
    constexpr bool kLead = std::is_same_v<Kind, Lead>;
    const int64_t position = inputs.first() + tile.position;
    float* const chains = s.chains == nullptr ? nullptr : s.chains + position * s.chain_step + tile.block * kLanes;
    const bool begins = kLead || chains == nullptr;
    Vec y[P][V];
#pragma GCC unroll 16
    for (int p = 0; p < P; ++p) {
#pragma GCC unroll 16
        for (int v = 0; v < V; ++v) y[p][v] = load((begins ? tile.bias : chains + p * s.chain_step) + v * kLanes);
    }
    if (begins) add_taps<P, V, G>(s, inputs, tile, 0, s.lead == 0 ? s.taps : s.lead, tile.weights, y);
    if constexpr (kLead) {
#pragma GCC unroll 16
        for (int p = 0; p < P; ++p) {
#pragma GCC unroll 16
            for (int v = 0; v < V; ++v) store(chains + p * s.chain_step + v * kLanes, y[p][v]);
        }
    } else {
        if (s.lead > 0) add_taps<P, V, G>(s, inputs, tile, s.lead, s.taps, tile.behind, y);
#pragma GCC unroll 16
        for (int p = 0; p < P; ++p) Kind::template finish<V>(s, y[p], position + p, tile.block);
    }
}

// A group of G blocks.
template <class Kind, int G>
void run_group(const PackedStep& s, const RoundedInputs& inputs, int64_t count, Tile tile) {
    constexpr int kLeast = Kind::kMultiple < G ? Kind::kMultiple : G;
    constexpr int kBlocks = kV < kLeast ? kLeast : kV < G ? kV : G;
    for (int v = 0; v < G; v += kBlocks) {
        Tile part = {tile.bias + v * kLanes, tile.weights + v * kFour, tile.behind + v * kFour, 0, tile.block + v};
        for (; part.position + kP <= count; part.position += kP) run_tile<Kind, kP, kBlocks, G>(s, inputs, part);
        for (; part.position < count; ++part.position) run_tile<Kind, 1, kBlocks, G>(s, inputs, part);
    }
}

// Walks the groups of a product, each of which begins with its biases and scales.
template <class Kind>
class Groups {
public:
    Groups(const PackedStep& s, const RoundedInputs& inputs, int64_t count)
        : s_(s),
          inputs_(inputs),
          count_(count),
          block_bytes_((s.lead == 0 ? s.taps : s.lead) * packed_fours(s.inputs) * kFour),
          behind_bytes_((s.lead == 0 ? 0 : s.taps - s.lead) * packed_fours(s.inputs) * kFour),
          at_(static_cast<const uint8_t*>(s.weights)),
          behind_(static_cast<const uint8_t*>(s.behind)) {}

    void run() {
        const int64_t blocks = packed_blocks(s_.outputs);
        while (block_ + kPackedGroup <= blocks) run_next<kPackedGroup>();
        if (block_ + 2 <= blocks) run_next<2>();
        if constexpr (Kind::kMultiple == 1) {
            if (block_ < blocks) run_next<1>();
        }
    }

private:
    template <int G>
    void run_next() {
        const auto* bias = reinterpret_cast<const float*>(at_);
        const uint8_t* weights = at_ + 2 * G * kLanes * sizeof(float);
        if (s_.first_block <= block_ && block_ < s_.end_block) {
            run_group<Kind, G>(s_, inputs_, count_, {bias, weights, behind_, 0, block_});
        }
        at_ = weights + G * block_bytes_;
        behind_ += G * behind_bytes_;
        block_ += G;
    }

    const PackedStep& s_;
    const RoundedInputs& inputs_;
    const int64_t count_;
    const int64_t block_bytes_, behind_bytes_;
    const uint8_t *at_, *behind_;
    int64_t block_ = 0;
};

template <class Kind>
void run_all(const PackedStep& s) {
    if (s.first_block >= s.end_block) return;
    const bool lead = std::is_same_v<Kind, Lead>;
    for (int64_t first = 0; first < s.positions; first += kRoundedPositions) {
        const int64_t left = s.positions - first, count = left < kRoundedPositions ? left : kRoundedPositions;
        RoundedInputs inputs(s, first);
        if (!s.are_rounded) inputs.round(s, count, lead || s.chains == nullptr ? 0 : s.lead, lead ? s.lead : s.taps);
        Groups<Kind>(s, inputs, count).run();
    }
}

void run(const PackedStep& s) {
    run_all<Plain>(s);
    if (s.activation <= GATUN_RELU) return;
    const int64_t whole = s.end_block * kLanes, end = whole < s.outputs ? whole : s.outputs;
    for (int64_t p = 0; p < s.positions; ++p) {
        for (int64_t o = s.first_block * kLanes; o < end; o += kLanes) {
            float* y = s.y + p * s.y_step + o;
            const int lanes = static_cast<int>(end - o < kLanes ? end - o : kLanes);
            store(y, activated(s.activation, load(y, lanes)), lanes);
        }
    }
}

void run_gate(const PackedStep& s) { run_all<Gated>(s); }
void run_lead(const PackedStep& s) { run_all<Lead>(s); }

}  // namespace

extern const PackedKernels rounded_kernel_table;
const PackedKernels rounded_kernel_table = {run, run_gate, run_lead};

}  // namespace gatun::GATUN_ISA_LEVEL
