// Masked dense layers. Units are sorted by degree, so what an output sees is a prefix of the inputs and what an input
// feeds is a suffix of the outputs: masked weights cost nothing but the rounding of prefixes up to blocks of 16
// outputs. All positions at once, an example is a position of the affine kernels; a step of cached sampling *pushes*:
// as soon as an input is known, its column is added into the running sums of the outputs that see it. Sums are the two
// chains of gatun.h over the sorted inputs in both, so the bits are the same.
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/dispatch.h"
#include "gatun.h"
#include "ops/affine/affine.h"

namespace gatun {

inline constexpr int64_t blocks_of_lanes(int64_t units) { return (units + GATUN_LANES - 1) / GATUN_LANES; }

// Blocks of outputs that go together where all positions do, from every other one on. What is packed of each goes as
// far as the longest of the pair.
inline constexpr int64_t kPaired = 2;

// The longest prefix among the outputs of some blocks: the last one's, since they are sorted.
inline int32_t longest_prefix(const gatun_dense& dense, int64_t block, int64_t blocks) {
    return dense.seen[std::min<int64_t>((block + blocks) * GATUN_LANES, dense.outputs) - 1];
}

// Running sums of some streams: [streams][2][width], chain 0 then chain 1; width is a multiple of 16.
struct PushTarget {
    float* sums;  // of the first stream
    int64_t width;
    int64_t first;  // the first output that sees the input
    int64_t end;    // behind the last one
};

struct DenseKernels {
    // sums[stream][chain][first .. end) += value[stream * step] * column[first .. end); a zero adds nothing.
    void (*push)(const PushTarget& target, const float* column, int64_t chain, const float* value, int64_t step,
                 int64_t streams);
    // The same for one-hot inputs: stream s has input first_input + level[s * step], columns are `width` apart.
    void (*push_level)(const PushTarget& target, const float* columns, int64_t first_input, const int32_t* level,
                       int64_t step, int64_t streams);
    // y[stream][0 .. count) (+)= chain 0 + chain 1 of outputs first .. first + count - 1.
    void (*finish)(const float* sums, int64_t width, int64_t first, int64_t count, float* y, int64_t y_step,
                   int64_t streams, bool accumulate);
};

namespace scalar {

// One output of one example from the parameters: two chains over the inputs that it sees, the even one from the bias.
float dense_output(const gatun_dense& dense, const float* weights, const float* bias, const float* x, int32_t output);

// Adds the gradients of one example; dx is set (NULL: not wanted).
void dense_gradient(const gatun_dense& dense, const float* weights, const float* x, const float* dy, Sum* dw, Sum* db,
                    Sum* dx);

}  // namespace scalar
}  // namespace gatun

GATUN_DECLARE_LEVELS(gatun::DenseKernels, dense_kernels)
