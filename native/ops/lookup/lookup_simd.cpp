#include "ops/lookup/look_up.h"
#include "ops/lookup/lookup.h"

namespace gatun::GATUN_ISA_LEVEL {
namespace {

void run(const gatun_affine& affine, const float* outside, int32_t channels, const LookupRow& row) {
    const int64_t block_floats = (static_cast<int64_t>(affine.tap_count) * affine.inputs - affine.unseen) * kLanes;
    for (int64_t position = 0; position < row.positions; ++position) {
        LookupBlock block{affine.weights, 0, kLanes};
        for (; block.first < affine.outputs; block.first += kLanes, block.weights += block_floats) {
            if (affine.outputs - block.first < kLanes) block.live = static_cast<int>(affine.outputs - block.first);
            const Vec y = look_up(affine, outside, channels, block,
                                  [&](int32_t tap) { return row.x + row.offsets[tap] + position * row.x_step; });
            store(row.y + position * row.y_step + block.first, y, block.live);
        }
    }
}

}  // namespace

extern const LookupKernels lookup_kernels;
const LookupKernels lookup_kernels = {run};

}  // namespace gatun::GATUN_ISA_LEVEL
