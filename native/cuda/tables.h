// A program's tables in one piece, as blocks of threads copy them into their own memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "cuda/schedule.h"
#include "cuda/staging.h"

namespace gatun::gpu {

// Where they lie in the piece, in bytes.
struct Tables {
    const void* from;  // a piece a block that shares a stream, or one for all; null: the program's own are read
    int32_t bytes;     // of a piece, a multiple of 16
    int32_t parts, waves, every, slots, distances;
    int32_t tasks, first, sources, feeds, fed, stages, staged_at, keeps, wave_bytes;  // of a schedule
    Own own;                                                                          // its counts
    int32_t turns, copies, copied, batches, due, taps_at;                             // of what is copied ahead
    Ahead ahead;                                                                      // its counts
    // [waves]: the device's clock at the end of each wave of the last step of the first stream; behind them, where
    // blocks share no stream, that at the step's beginning.
    int64_t* clocks;
};

// Those of a plan, and of a block of a schedule (or null): alike for all blocks but for what they hold.
class Piece {
public:
    Piece(const Plan& plan, const Schedule* schedule, size_t block, const Staging* staging = nullptr);

    std::vector<std::byte> bytes;
    Tables tables{};

private:
    template <class T>
    int32_t add(const std::vector<T>& table);
};

}  // namespace gatun::gpu
