// Sums over a map of one feature or of three, as over grey images, colours and sound: from position to position it is
// so few floats that tiles know how many.
#pragma once

#include "ops/affine/affine.h"

namespace gatun {

struct NarrowKernels {
    // What AffineKernels::run computes, for a row whose x_step is 1 or 3 and whose offsets are those of the flat
    // inputs.
    void (*run)(const gatun_affine& affine, const AffineRow& row, int64_t first, int64_t count, bool accumulate);
};

}  // namespace gatun

GATUN_DECLARE_LEVELS(gatun::NarrowKernels, narrow_kernels)
