// A stream among others that stood still while the clock went on, and goes on.
#pragma once

#include "cuda/plan.h"

namespace gatun::gpu {

struct Delay {
    const Slot* slots;
    float* state;
    float* aside;  // as a state of one stream lies
    int64_t streams;
    int64_t stream;
    int64_t steps;  // that it missed
    int32_t slot_count;
};

}  // namespace gatun::gpu
