// What the machine can do at most: multiplications in registers, reading from memory. Rooflines are drawn by it.
#pragma once

#include <cstdint>

#include "core/dispatch.h"

namespace gatun {

struct ProbeKernels {
    // chains * 16 fused multiply-adds a round, none of which waits for another of its round; returns what came of them.
    float (*multiply)(int64_t rounds);
    int64_t (*chains)();
    // The sum of count floats, read in order; count is a multiple of 64.
    float (*read)(const float* values, int64_t count);
};

}  // namespace gatun

GATUN_DECLARE_LEVELS(gatun::ProbeKernels, probe_kernels)
