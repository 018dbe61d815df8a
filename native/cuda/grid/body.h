// What a group of sixteen threads does of a step: its share of the tasks. And what threads do on their own. W: as in
// products.h.
#pragma once

#include "cuda/grid/products.h"

namespace gatun::GATUN_ISA_LEVEL::grids {

// A task: sixteen outputs of some places, of all instructions of the step.
template <class W>
GATUN_INLINE void run_task(const Block& b, const Step& step, const int64_t* offsets, int32_t block, int32_t share) {
    const int32_t first = share << step.tile, tile = int32_t{1} << step.tile;
    const int32_t count = step.places - first < tile ? step.places - first : tile;
    const int32_t kind = step.op().kind;
    if (kind == GATUN_STEP_AFFINE) run_product<W>(b, step, offsets, block, first, count);
    const int32_t members = step.members, next = may_follow(kind) ? 0 : 1;
    if (kind == GATUN_STEP_AFFINE && members == 1) return;
    GATUN_UNROLL_THERE(1)
    for (int32_t n = first; n < first + count; ++n) {
        const Spot spot = spot_of(b, step, n);
        if (kind == GATUN_STEP_LOOKUP) {
            run_lookup(b, step, offsets, block, spot);
        } else if (kind != GATUN_STEP_AFFINE && next == 1) {
            run_first(b, step, offsets, block, spot);
        }
        GATUN_UNROLL_THERE(1)
        for (int32_t i = next; i < members; ++i) run_member(b, step, i, block, spot);
    }
}

// Every groups-th task, beginning with the group-th. Tasks lie block by block, the places of a block side by side, so
// that their threads read the same weights.
template <class W>
GATUN_INLINE void run_step(const Block& b, const Step& step, const int64_t* offsets, int32_t group, int32_t groups) {
    for (int32_t task = group; task < step.tasks; task += groups) {
        const auto at = static_cast<uint32_t>(task), shares = static_cast<uint32_t>(step.shares);
        run_task<W>(b, step, offsets, static_cast<int32_t>(at / shares), static_cast<int32_t>(at % shares));
    }
}

// What a block has of its streams' state in fast memory, there and back.
GATUN_INLINE void move_fast(const Block& b, bool out, int32_t thread, int32_t threads) {
    for (int32_t i = 0; i < b.program.slot_count; ++i) {
        const Slot& slot = b.program.slots[i];
        if (slot.fast < 0) continue;
        float* state = b.run.state + b.program.state_floats * b.first + slot.offset * b.streams;
        float* fast = b.fast + slot.fast * b.streams;
        for (int64_t k = thread; k < slot.floats * b.streams; k += threads) {
            if (out) {
                state[k] = fast[k];
            } else {
                fast[k] = state[k];
            }
        }
    }
}

}  // namespace gatun::GATUN_ISA_LEVEL::grids
