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

// The chains that a part of a sum begins with.
void start_chains(const gatun_affine& affine, const AffinePart& part, int64_t position, const LookupBlock& block,
                  Vec (&chain)[2]) {
    if (part.start == nullptr) {
        if (affine.bias != nullptr) chain[0] = load(affine.bias + block.first, block.live);
        return;
    }
    const float* start = part.start + position * part.step + block.first;
    chain[0] = load(start, block.live);
    chain[1] = load(start + part.width, block.live);
}

void run_part(const gatun_affine& affine, const float* outside, int32_t channels, const LookupRow& row,
              const AffinePart& part) {
    for (int64_t position = 0; position < row.positions; ++position) {
        LookupBlock block{affine.weights, 0, kLanes};
        for (; block.first < affine.outputs; block.first += kLanes, block.weights += part.flat * kLanes) {
            if (affine.outputs - block.first < kLanes) block.live = static_cast<int>(affine.outputs - block.first);
            Vec chain[2] = {set(0.0f), set(0.0f)};
            start_chains(affine, part, position, block, chain);
            look_up(
                affine, outside, channels, part.before, block,
                [&](int32_t tap) { return row.x + row.offsets[tap] + position * row.x_step; }, chain);
            if (part.keep == nullptr) {
                store(row.y + position * row.y_step + block.first, chain[0] + chain[1], block.live);
                continue;
            }
            float* keep = part.keep + position * part.step + block.first;
            store(keep, chain[0], block.live);
            store(keep + part.width, chain[1], block.live);
        }
    }
}

}  // namespace

extern const LookupKernels lookup_kernels;
const LookupKernels lookup_kernels = {run, run_part};

}  // namespace gatun::GATUN_ISA_LEVEL
