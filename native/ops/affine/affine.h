// The affine operation: at every position a sum over taps and input features, with weights of its own for each tap.
// A causal or masked convolution is a list of taps (masked ones are simply not in it), a 1x1 convolution and a dense
// layer have one. Different outputs lie in the lanes; gatun.h says in which order each output's sum is taken.
#pragma once

#include "core/dispatch.h"
#include "gatun.h"
#include "gatun_products.h"

namespace gatun {

// Positions in a row: the p-th reads x + offsets[tap] + p*x_step + input and writes y + p*y_step + output.
struct AffineRow {
    const float* x;
    const int64_t* offsets;  // of each tap, in floats (narrow.h: of each input of each)
    int64_t x_step;
    float* y;
    int64_t y_step;
    int64_t positions;
};

// Some of the taps of a sum, in the order of all of them: the earlier ones left its two chains, or later ones carry
// them on. The affine's taps are these; its weights begin with the first tap of all.
struct AffinePart {
    int64_t before;      // flat inputs of the taps before these
    int64_t flat;        // of all taps
    const float* start;  // chains of the first position, or null: the sum begins here, with the bias
    float* keep;         // where they are left, or null: the sum ends here, in y
    int64_t step;        // floats from position to position of chains
    int64_t width;       // and from the even chain to the odd one
    int32_t precision;   // of the affine's weights: GATUN_F32, or GATUN_BF16, which are uint16_t behind their pointer
};

// Positions in a row, for a gradient: the p-th reads x + p*x_step and dy + p*dy_step; those at next_x and next_dy are
// what comes after these.
struct GradientRow {
    const float* x;
    const float* dy;
    const float* next_x;
    const float* next_dy;
    int64_t positions;
};

// The gradient of up to 16 flat inputs (tap, input) over some positions, all outputs.
struct GradientTile {
    const GradientRow* rows;
    int64_t row_count;
    const int64_t* inputs;  // where each flat input lies, in floats from x
    int live;               // how many there are
    // Which share of what comes next is brought nearer meanwhile: 16 floats a position, one behind the other, since the
    // machine foresees what goes by in order.
    int64_t share_x;
    int64_t share_dy;
    int64_t x_step;
    int64_t dy_step;
    int64_t dy_block;  // floats from a block of 16 outputs to the next
    int64_t outputs;
    float* weights;         // of the first of the flat inputs in block 0
    int64_t block_stride;   // in floats
    float* bias = nullptr;  // its gradient, of all outputs, or null
};

inline constexpr int kGradientInputs = 16;
// Flat inputs that are neighbours in memory.
inline constexpr int64_t kNeighbours[kGradientInputs] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

struct AffineKernels {
    // Blocks first .. first + count - 1 of 16 outputs for all positions of the row.
    void (*run)(const gatun_affine& affine, const AffineRow& row, int64_t first, int64_t count, bool accumulate);
    // All blocks of a part of a sum.
    void (*run_part)(const gatun_affine& affine, const AffineRow& row, const AffinePart& part);
    void (*gradient)(const GradientTile& tile);
    // Sixteen numbers of each position, or the first `live` of them and zeros, to [positions][16] (NULL: not), added up
    // into sums (NULL: not).
    void (*gather)(const float* from, int64_t step, int64_t positions, int live, float* to, float* sums);
};

// What the entries do in a context without another library's products.
int32_t own_product(gatun_context& context, const gatun_product& product);

// The definitions. Kernels' outputs have the bits of `affine`; their gradients come near to the sums of
// affine_gradient.
namespace scalar {

// Where a weight lies in packed weights.
int64_t packed_at(int64_t taps, int64_t inputs, int64_t output, int64_t tap, int64_t input, int64_t unseen = 0);

// How many of a tap's inputs the sum takes.
int32_t seen_inputs(const gatun_affine& affine, int32_t tap);

// One output at position (i, j) of example n: two chains of fused multiply-adds over r = tap*inputs + input, the even
// one starting with the bias, the odd one with 0; their sum. Of the last tap, inputs - unseen.
float affine_output(const gatun_affine& affine, const gatun_map& x, int64_t n, int64_t i, int64_t j, int32_t output);

// All outputs at all positions of y, position (i, j) from around (stride*i, stride*j) of x; accumulate: y + output in
// place of output.
void affine(const gatun_affine& affine, const gatun_map& x, const gatun_map& y, bool accumulate, int64_t stride = 1);

// A sum in double and, as a scale for the rounding of one in float, the sum of its terms' sizes.
struct Sum {
    double value = 0;
    double size = 0;
    void add(double term) {
        value += term;
        size += term < 0 ? -term : term;
    }
};

// Adds x(stride * position + tap) dy(position) over all positions into weights (packed), dy into bias (NULL: not).
void affine_gradient(const gatun_affine& affine, const gatun_map& x, const gatun_map& dy, Sum* weights, Sum* bias,
                     int64_t stride = 1);

}  // namespace scalar
}  // namespace gatun

GATUN_DECLARE_LEVELS(gatun::AffineKernels, affine_kernels)
