// What the kinds of instructions are: how each runs, and what its operands must be. A new kind is a row in the table of
// kinds.cpp, two functions in a file of its own, and their declarations here.
#pragma once

#include "step/checker.h"
#include "step/slice.h"

namespace gatun {

struct StepKind {
    void (*run)(const Slice&, const gatun_step_operation&) = nullptr;
    void (*check)(Checker&, const gatun_step_operation&) = nullptr;
    bool reads = true;         // has an input slot
    bool writes = true;        // has an output slot
    bool in_place = false;     // may read what it writes
    bool by_position = false;  // uses the streams' position, which those that began at different steps do not share
    bool table = false;        // its distances are a table of its own, not taps
};

// A kind's row, or null where there is no such kind.
const StepKind* kind_of(int32_t kind);

namespace step {

#define GATUN_STEP_FUNCTIONS(name)                              \
    void run_##name(const Slice&, const gatun_step_operation&); \
    void check_##name(Checker&, const gatun_step_operation&);

GATUN_STEP_FUNCTIONS(affine)
GATUN_STEP_FUNCTIONS(lookup)
GATUN_STEP_FUNCTIONS(packed)
GATUN_STEP_FUNCTIONS(packed_gate)
GATUN_STEP_FUNCTIONS(activation)
GATUN_STEP_FUNCTIONS(gate)
GATUN_STEP_FUNCTIONS(sum)
GATUN_STEP_FUNCTIONS(copy)
GATUN_STEP_FUNCTIONS(broadcast)
GATUN_STEP_FUNCTIONS(draw)
GATUN_STEP_FUNCTIONS(encode)
GATUN_STEP_FUNCTIONS(level)
GATUN_STEP_FUNCTIONS(frame)
GATUN_STEP_FUNCTIONS(class)
GATUN_STEP_FUNCTIONS(cell)
GATUN_STEP_FUNCTIONS(push_value)
GATUN_STEP_FUNCTIONS(push_level)
GATUN_STEP_FUNCTIONS(push_units)
GATUN_STEP_FUNCTIONS(finish)
GATUN_STEP_FUNCTIONS(nade)

#undef GATUN_STEP_FUNCTIONS

}  // namespace step
}  // namespace gatun
