// How a run is spread over a GPU.
#pragma once

#include <cstdint>

#include "cuda/plan.h"

namespace gatun::gpu {

inline constexpr int32_t kMostThreads = 512;
inline constexpr int32_t kOwnBytes =
    1024;  // of a block's memory, for what a kernel has there besides what a launch asks for

struct Launch {
    int32_t threads;     // of a block, a multiple of 32
    int32_t streams;     // of a block
    int32_t tile;        // streams of a task of Share::kTile: 1, 2, 4 or 8
    int32_t blocks = 0;  // that share a stream, by a schedule; 0: a block has its streams alone
    int32_t staged = 0;  // 1: with copies ahead (staging.h)
};

}  // namespace gatun::gpu
