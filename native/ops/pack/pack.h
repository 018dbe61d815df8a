// Packing: between a parameter, laid out as gatun_layout says, and weights in blocks of 16 outputs. The definitions.
#pragma once

#include "gatun.h"

namespace gatun::scalar {

// packed[block][tap][input][16] of a parameter, zeros behind the last output.
void pack(const gatun_layout& layout, const float* parameter, float* packed);

// The same with inputs and outputs in each other's place and the taps backwards.
void pack_transposed(const gatun_layout& layout, const float* parameter, float* packed);

// Adds packed values to the parameter's; what lies behind the last output is left out.
void unpack_add(const gatun_layout& layout, const float* packed, float* parameter);

}  // namespace gatun::scalar
