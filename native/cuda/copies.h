// What a copy of staging.h is at a step.
#pragma once

#include "cuda/block.h"
#include "cuda/staging.h"

namespace gatun::GATUN_ISA_LEVEL {

// From where to where, floats into the staging memory, and how many; 0: nothing.
struct Piece {
    const float* from;
    int32_t to, floats;
};

// Of a turn's copies the one. The block is one at the step that the copies begin in; next: 1 if they are for the one
// behind it.
GATUN_NO_CALL Piece piece_of(const Block& b, const gpu::Ahead& ahead, const gpu::Turn& turn, const gpu::Copy& it,
                             int32_t next) {
    const int32_t to = turn.near + it.to;
    if (it.of == gpu::CopyOf::kWeights) {
        const int32_t before = turn.round * it.first, left = it.second - before;
        return {it.from + before, to, left < it.floats ? (left < 0 ? 0 : left) : it.floats};
    }
    if (it.of == gpu::CopyOf::kRing) {
        if (ahead.taps_at[it.second] < 0) return {nullptr, to, 0};
        const int32_t distance = b.program.distances[it.second] - next;
        return {b.ring(b.program.slots[it.first], it.first, distance, 0), to, it.floats * b.streams};
    }
    const int64_t position = b.clock + next;
    if (b.run.each != nullptr || turn.round > 0) return {nullptr, to, 0};
    if (it.of == gpu::CopyOf::kColumn) return {it.from + position * it.floats, to, it.floats};
    if (position + 1 >= it.second) return {nullptr, to, 0};
    const int32_t* table = b.program.distances + it.first + position + 1;
    return {it.from + int64_t{table[0]} * it.floats, to, (table[1] - table[0]) * it.floats};
}

}  // namespace gatun::GATUN_ISA_LEVEL
