// Sums over maps whose positions are one float or three apart, as those of grey images, colours and sound: tiles know
// how far, and go through all inputs of all taps without anything between these.
#pragma once

#include "ops/affine/affine.h"

namespace gatun {

struct NarrowKernels {
    // What AffineKernels::run computes, for a row whose x_step is 1 or 3, with an offset for each flat input.
    void (*run)(const gatun_affine& affine, const AffineRow& row, int64_t first, int64_t count, bool accumulate);
};

}  // namespace gatun

GATUN_DECLARE_LEVELS(gatun::NarrowKernels, narrow_kernels)
