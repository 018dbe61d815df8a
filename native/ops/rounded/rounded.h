// Affine maps of whole numbers of a byte (GATUN_INT8_DYNAMIC): weights are whole multiples of a scale for each output,
// and the inputs of each tap at a position are rounded to whole multiples of a scale that is found on the way:
//
//   m = the largest |x_i| of the tap;  q_i = the nearest whole number to x_i * (127/m), ties to even;  s = m/127
//   y = bias;  for each tap in its order: y = fma(sum of q_i * w_i, s * scale, y)
//
// The sums of products are exact in 32 bits, so that they have no order, and are made floats once, ties to even; all
// the rest is float32, each operation rounded once. So bits are the same whatever computes them. Where m is below
// 2^-100 all q_i and s are 0; where an input is no finite number s is not a number, and so is y.
//
// Steps and whole passes run the same kernels, over weights that gatun_step_pack packed.
#pragma once

#include "core/lines.h"
#include "ops/packed/packed.h"

namespace gatun {

// So many inputs have sums that 32 bits hold.
inline constexpr int64_t kMostRoundedInputs = int64_t{1} << 17;
// Positions whose inputs are kept rounded, that is at once.
inline constexpr int64_t kRoundedPositions = 16;

// Memory that kernels keep rounded inputs in, PackedStep::rounded: whole lines.
inline int64_t rounded_bytes(int64_t taps, int64_t inputs) {
    const int64_t row = packed_blocks(inputs) * GATUN_LANES * static_cast<int64_t>(sizeof(int16_t));
    return whole_lines(taps * kRoundedPositions * (row + int64_t{2} * static_cast<int64_t>(sizeof(float))));
}

// The kernels of a level; with instructions that multiply bytes where the machine has them, and it is not said that
// they must be plain.
const PackedKernels& rounded_kernels(int32_t isa, bool plain = false);

namespace scalar {

// An output of the definition above: x[tap] is where a tap's inputs lie. The weights are packed as gatun_affine's, and
// are numbers of GATUN_INT8.
float rounded_output(const gatun_affine& affine, const float* const* x, int32_t output);

}  // namespace scalar
}  // namespace gatun

GATUN_DECLARE_LEVELS(gatun::PackedKernels, rounded_kernel_table)
GATUN_DECLARE_FINER_LEVELS(gatun::PackedKernels, rounded_kernel_table)
