// Dropout: of each position each feature is kept, and scaled, or is zero, by 16 bits that are drawn for it.
#pragma once

#include <cstdint>

#include "gatun.h"

namespace gatun::scalar {

// The definition. Of a map whose positions have w = ceil(features / 4) words each, word k of position p, counted
// through examples, rows and columns, is the word number key + p w + k of SplitMix64 (Steele et al. 2014) from seed 0,
// numbers counted from 1 and modulo 2^64. Its 16 bits from the lowest up are the draws of features 4k .. 4k + 3; what
// draws less than `kept` is kept.
bool keeps(const gatun_dropout& draws, int64_t position, int32_t features, int32_t feature);

// y (+)= scale * x where it is kept, and zero elsewhere.
void dropout(const gatun_dropout& draws, const gatun_map& x, const gatun_map& y, bool accumulate);

}  // namespace gatun::scalar
