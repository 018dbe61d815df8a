// A run as a device sees it.
#pragma once

#include "gatun.h"

namespace gatun::gpu::grids {

// Which half of a step a run is.
enum class Half : int32_t { kWhole, kBeforeDraw, kFromDraw };

struct Run {
    float* state;  // parts of as many streams as a block has, each by itself
    gatun_noise noise;
    gatun_values values;  // from position `base` on
    const float* frames;
    const int32_t* classes;
    const uint8_t* known;
    float* log_prob;
    int64_t first_frame, frame_count;  // those that frames has
    int64_t base;                      // the first position that values, known and log_prob have
    int64_t first_position, positions;
    int64_t streams;
    float* scratch;  // of all streams' draws, where it does not lie in the blocks' own memory
    float* outputs;  // of a half before a draw: what that reads, [streams][outputs]
    Half half;
};

}  // namespace gatun::gpu::grids
