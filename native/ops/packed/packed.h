// Affine maps for steps: few positions (a stream each), so that what counts is how fast weights come. They are packed
// in the order in which they are read, the bias before them, so that all weights of a program are one sequence, which
// is fetched ahead across its operations; and what follows a product is done while its outputs are in registers. The
// sums are those of the affine operation, in its order. Weights may be kept in fewer bits, where these say what they
// are: they are made floats again on the way, the very same, so that fewer bytes come and the sums stay.
#pragma once

#include <bit>
#include <string>

#include "core/dispatch.h"
#include "gatun.h"

namespace gatun {

// Blocks of 16 outputs that lie side by side; the last ones of a product that fill no such group are one of two blocks,
// one of a single block, or both.
inline constexpr int kPackedGroup = 4;

// A program's weights of so many bytes stay in the L2 cache, with all else that a step touches.
inline constexpr int64_t kNearBytes = 512 << 10;

// Inputs are at x[tap] + p*x_step for the positions p; outputs at y + p*y_step. `lead` taps may have weights of their
// own, which begin with the bias; the weights of the others then begin with the first of these.
struct PackedStep {
    const void* weights;  // see pack_for_steps
    const void* behind;   // of the taps behind `lead`
    int32_t precision;
    bool near;  // the program's weights stay in a cache near by: none are fetched ahead
    const float* const* x;
    int64_t x_step;
    int32_t taps;
    int32_t lead;  // 0: all are together in `weights`
    int32_t inputs;
    int32_t outputs;  // of the product
    float scale;
    int32_t activation;   // or -1
    const float* base;    // or null
    const float* second;  // or null
    int64_t base_step;
    float* y;
    int64_t y_step;
    int64_t positions;
    float* chains;  // what the leading taps left, [2][whole blocks] at each position, or null
    int64_t chain_step;
    // The blocks of outputs that are run, of a gate in the order of its packing: those of whole groups.
    int64_t first_block;
    int64_t end_block;
    // Of GATUN_INT8_DYNAMIC: memory for rounded inputs (ops/rounded), and whether these are there already.
    void* rounded;
    bool are_rounded;
};

struct PackedKernels {
    // y = f(scale * (base + W x)); base may be y.
    void (*run)(const PackedStep& step);
    // y = tanh(a) sigmoid(b) of the halves a, b of (W x + base) + second, each of whole blocks.
    void (*run_gate)(const PackedStep& step);
    // Fills the chains by the leading taps alone.
    void (*run_lead)(const PackedStep& step);
};

inline int64_t packed_blocks(int64_t outputs) { return (outputs + GATUN_LANES - 1) / GATUN_LANES; }

// A weight as it is multiplied, of what is kept of it. `scale` is its output's.
inline float packed_value(float weight, float) { return weight; }
inline float packed_value(uint16_t weight, float) { return std::bit_cast<float>(static_cast<uint32_t>(weight) << 16); }
inline float packed_value(int8_t weight, float scale) { return static_cast<float>(weight) * scale; }

// Fours of inputs: GATUN_INT8_DYNAMIC has its weights in such, the last one of a tap filled up with zeros.
inline int64_t packed_fours(int64_t inputs) { return (inputs + 3) / 4; }

inline int64_t packed_bytes(int32_t precision, int64_t taps, int64_t inputs, int64_t outputs) {
    const bool bytes = precision == GATUN_INT8 || precision == GATUN_INT8_DYNAMIC;
    const int64_t floats = bytes ? 2 : 1, weight = bytes ? 1 : precision == GATUN_BF16 ? 2 : 4;
    const int64_t kept = precision == GATUN_INT8_DYNAMIC ? 4 * packed_fours(inputs) : inputs;
    return packed_blocks(outputs) * GATUN_LANES * (floats * static_cast<int64_t>(sizeof(float)) + taps * kept * weight);
}

// Packs again what is packed as gatun_affine's: groups of blocks, [group][bias, scales where there are some, then
// tap*inputs + input][block][16], of `lead` taps, and behind them the others' weights alone; of all together where lead
// is 0. Of GATUN_INT8_DYNAMIC four inputs lie side by side, [tap][input / 4][block][16][4], 128 added to each weight.
// For a gate, blocks of the two halves take turns. Says which weight is none of the precision's numbers, or nothing.
std::string pack_for_steps(const gatun_affine& affine, bool gate, int32_t lead, int32_t precision, void* to);

}  // namespace gatun

GATUN_DECLARE_LEVELS(gatun::PackedKernels, packed_kernels)
