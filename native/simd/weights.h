// Weights, which may be kept in fewer bits than they are multiplied in.
#pragma once

#include "simd/vec.h"

namespace gatun::GATUN_ISA_LEVEL {

// Sixteen of them as floats: floats, or the upper halves of such.
GATUN_INLINE Vec load_weights(const float* w) { return load(w); }
GATUN_INLINE Vec load_weights(const uint16_t* w) { return load_bf16(w); }

}  // namespace gatun::GATUN_ISA_LEVEL
