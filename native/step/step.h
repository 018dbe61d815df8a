// The step program's interpreter: for each position, the operations in their order, each over all streams of a slice.
// A slot is a ring of the last positions of one feature map; what lies before position 0 is zero (levels: -1).
#pragma once

#include <string>

#include "core/context.h"
#include "gatun.h"
#include "step/half.h"

namespace gatun {

// What is wrong with a program, or nothing.
std::string why_invalid(const gatun_step_program& program);

}  // namespace gatun
