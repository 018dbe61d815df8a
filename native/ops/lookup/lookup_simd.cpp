#include "ops/lookup/lookup.h"
#include "simd/vec.h"

namespace gatun::GATUN_ISA_LEVEL {
namespace {

struct Block {
    const float* weights;
    int64_t first;  // output
    int live;
};

Vec look_up(const gatun_affine& affine, const float* outside, int32_t channels, const LookupRow& row, int64_t position,
            const Block& block) {
    const int32_t levels = affine.inputs / channels;
    Vec chain[2] = {affine.bias == nullptr ? set(0.0f) : load(affine.bias + block.first, block.live), set(0.0f)};
    for (int32_t tap = 0; tap < affine.tap_count; ++tap) {
        const int32_t* x = row.x + row.offsets[tap] + position * row.x_step;
        for (int32_t channel = 0; channel < channels; ++channel) {
            const int64_t flat = (static_cast<int64_t>(tap) * channels + channel) * levels;
            if (x[channel] >= 0) {
                const int64_t at = flat + x[channel];
                chain[at & 1] = chain[at & 1] + load(block.weights + at * kLanes);
            } else if (outside != nullptr) {
                chain[flat & 1] = chain[flat & 1] + load(outside + block.first, block.live);
            }
        }
    }
    return chain[0] + chain[1];
}

void run(const gatun_affine& affine, const float* outside, int32_t channels, const LookupRow& row) {
    const int64_t block_floats = static_cast<int64_t>(affine.tap_count) * affine.inputs * kLanes;
    for (int64_t position = 0; position < row.positions; ++position) {
        Block block{affine.weights, 0, kLanes};
        for (; block.first < affine.outputs; block.first += kLanes, block.weights += block_floats) {
            if (affine.outputs - block.first < kLanes) block.live = static_cast<int>(affine.outputs - block.first);
            store(row.y + position * row.y_step + block.first, look_up(affine, outside, channels, row, position, block),
                  block.live);
        }
    }
}

}  // namespace

extern const LookupKernels lookup_kernels;
const LookupKernels lookup_kernels = {run};

}  // namespace gatun::GATUN_ISA_LEVEL
