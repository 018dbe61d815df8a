// Weights as the tasks read them.
#pragma once

#include <cstdint>
#include <vector>

#include "gatun.h"

namespace gatun::gpu {

// Floats of the weights, bias, vector for outside of the data that an instruction reads.
struct Extents {
    int64_t weights, bias, outside;
};
Extents extents_of(const gatun_step_program& program, const gatun_step_operation& op);

// Whether all that an instruction has in its weights is multiplied: not so of tables, of which a step reads a row.
bool multiplies(const gatun_step_operation& op);

// GATUN_BF16 where there is nothing in the lower halves of all weights that are multiplied, else GATUN_F32.
int32_t precision_of(const gatun_step_program& program);

// Of products whose inputs come in fours, weights of four flat inputs lie side by side for each output; else, and for
// other instructions, as they are. kept: GATUN_F32, or GATUN_BF16 for upper halves, two in the place of a float.
std::vector<float> lay_out(const gatun_step_program& program, const gatun_step_operation& op, int32_t kept);

// Floats that so many of an instruction's weights take, as they are kept.
inline int64_t room_of(const gatun_step_operation& op, int64_t weights) {
    return op.precision == GATUN_BF16 ? weights / 2 : weights;
}

}  // namespace gatun::gpu
