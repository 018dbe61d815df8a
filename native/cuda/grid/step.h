// An instruction, or some, at a place or at a row of places, as one warp of a block prepares it while the others run
// the step before: where it reads and writes, how its tasks are cut.
#pragma once

#include <cstring>

#include "cuda/grid/cursor.h"
#include "cuda/grid/run.h"

namespace gatun::GATUN_ISA_LEVEL::grids {

using gpu::grids::kWarp;
using gpu::grids::Launch;
using gpu::grids::Operation;
using gpu::grids::Slot;

// The maps of a step at its first column, without a tap: from place to place `column` floats lie between columns of
// the map, `each` between streams.
struct Map {
    float* at;
    int64_t column;
    int32_t each, shift;
};

struct Step {
    Operation ops[gpu::grids::kMostMembers];
    Map maps[gpu::grids::kMostMembers][3];  // that is read, that is written, that has chains or what a cell keeps
    int64_t position;
    int32_t row, column;
    int32_t places;  // columns of all streams
    int32_t tile;    // log2 of the places of a task
    int32_t shares;  // tasks for the same outputs
    int32_t tasks;
    int32_t all;      // 1: at more columns than one
    int32_t members;  // instructions; of a draw that hands out what it reads, that alone
    int32_t last;     // 1: there is no step any more

    GATUN_INLINE const Operation& op() const { return ops[0]; }
    GATUN_INLINE const Map& x() const { return maps[0][0]; }
    GATUN_INLINE const Map& y() const { return maps[0][1]; }
    GATUN_INLINE const Map& chains() const { return maps[0][2]; }
};

// Whether an instruction reads several taps, else its map is that at the one it reads.
GATUN_INLINE bool has_taps(const Operation& op) { return op.kind == GATUN_STEP_AFFINE || op.kind == GATUN_STEP_LOOKUP; }

// The streams of a block of threads, and where what is theirs lies.
struct Block {
    const Program& program;
    const Run& run;
    int64_t first;  // stream
    int32_t streams;
    float* fast;     // [fast floats][streams]
    float* scratch;  // [streams][scratch floats]

    // The first place of a slot's first row inside of the grid.
    GATUN_INLINE float* base(const Slot& slot) const {
        float* at = slot.fast >= 0 ? fast + slot.fast * streams
                                   : run.state + program.state_floats * first + slot.offset * streams;
        return at + int64_t{slot.left} * slot.features * streams;
    }
    // Floats from there to a row of the data.
    GATUN_INLINE int64_t to_row(const Slot& slot, int32_t row) const {
        const int32_t at = row >> slot.shift;
        const auto rows = static_cast<uint32_t>(slot.rows);
        // Rows above the grid, which nobody has written, are as far below as they are above.
        const uint32_t above = at < 0 ? rows - 1 - static_cast<uint32_t>(-(at + 1)) % rows : 0;
        return slot.pitch * streams * (at < 0 ? above : static_cast<uint32_t>(at) % rows);
    }
};

// What a warp prepares of a step; each lane does its part of it.
class Bringer {
public:
    GATUN_INLINE Bringer(const Block& block, const Cursor& cursor, Step& to, int64_t* offsets)
        : block_(block), cursor_(cursor), op_(block.program.operations[cursor.operation]), to_(to), offsets_(offsets) {}

    GATUN_INLINE void bring(int32_t lane) const {
        copy(lane);
        if (lane < 3 * op_.members) to_.maps[lane / 3][lane % 3] = map((&op_)[lane / 3], lane % 3);
        if (lane == kWarp - 1) count();
        for (int32_t tap = lane; tap < op_.tap_count; tap += kWarp) offsets_[tap] = offset(op_, tap);
    }

private:
    // Word by word.
    GATUN_INLINE void copy(int32_t lane) const {
        static_assert(sizeof(Operation) % sizeof(int32_t) == 0);
        const int32_t words = op_.members * static_cast<int32_t>(sizeof(Operation) / sizeof(int32_t));
#ifdef __CUDACC__
        const auto* from = reinterpret_cast<const int32_t*>(&op_);
        for (int32_t i = lane; i < words; i += kWarp) reinterpret_cast<int32_t*>(to_.ops)[i] = from[i];
#else
        constexpr size_t kWord = sizeof(int32_t);
        const auto* from = reinterpret_cast<const unsigned char*>(&op_);
        auto* to = reinterpret_cast<unsigned char*>(to_.ops);
        for (int32_t i = lane; i < words; i += kWarp) std::memcpy(to + i * kWord, from + i * kWord, kWord);
#endif
    }

    GATUN_INLINE Map map(const Operation& op, int32_t which) const {
        const int32_t index = which == 0 ? op.input : which == 1 ? op.output : op.chains;
        if (index < 0) return {nullptr, 0, 0, 0};
        const Slot& slot = block_.program.slots[index];
        float* at = block_.base(slot) + (which == 0 ? op.first_input : op.first_output);
        if (which != 0) at += block_.to_row(slot, cursor_.row());
        if (which == 0 && !has_taps(op)) at += offset(op, 0);
        return {at, int64_t{slot.features} * block_.streams, slot.features, slot.shift};
    }

    // From the column of a place to what a tap reads there.
    GATUN_INLINE int64_t offset(const Operation& op, int32_t k) const {
        const gatun_tap& tap = block_.program.taps[op.first_tap + k];
        const bool kept = k >= op.taps;
        const Slot& slot = block_.program.slots[kept ? op.chains : op.input];
        const int32_t columns = ((op.column + tap.column) >> slot.shift) - (op.column >> slot.shift);
        const int64_t row = block_.to_row(slot, cursor_.row() + tap.row);
        return row - (kept ? block_.to_row(slot, cursor_.row()) : 0) +
               int64_t{columns} * slot.features * block_.streams;
    }

    GATUN_INLINE void count() const {
        to_.position = cursor_.position();
        to_.row = cursor_.row();
        to_.column = cursor_.column;
        to_.all = cursor_.all ? 1 : 0;
        to_.places = (cursor_.all ? op_.all : 1) * block_.streams;
        to_.tile = cursor_.all ? op_.wide : op_.tile;
        to_.shares = (to_.places + (1 << to_.tile) - 1) >> to_.tile;
        to_.tasks = op_.blocks * to_.shares;
        to_.members = op_.kind == GATUN_STEP_DRAW && block_.run.outputs != nullptr ? 1 : op_.members;
        to_.last = 0;
    }

    const Block& block_;
    const Cursor& cursor_;
    const Operation& op_;
    Step& to_;
    int64_t* offsets_;
};

}  // namespace gatun::GATUN_ISA_LEVEL::grids
