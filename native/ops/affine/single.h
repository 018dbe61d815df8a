// Sums over a map of one feature, as over grey images and sound: one input a tap, and positions are neighbours.
#pragma once

#include "ops/affine/affine.h"

namespace gatun {

struct SingleKernels {
    // What AffineKernels::run computes, for an affine of one input, all seen, and a row whose x_step is 1.
    void (*run)(const gatun_affine& affine, const AffineRow& row, int64_t first, int64_t count, bool accumulate);
};

}  // namespace gatun

GATUN_DECLARE_LEVELS(gatun::SingleKernels, single_kernels)
