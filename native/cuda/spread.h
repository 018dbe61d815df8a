// What a group of sixteen threads does of a stream that several blocks of threads share. Each block has all of the fast
// memory; what is stored is stored in all of them.
#pragma once

#include "cuda/body.h"
#include "cuda/fours.h"
#include "cuda/schedule.h"

namespace gatun::GATUN_ISA_LEVEL {

// A block's own memory behind the fast one.
struct Near {
    float* staged;
    float* weights;
    float* buffers;  // two

    GATUN_INLINE Near(float* at, const gpu::Own& own)
        : staged(at), weights(at + own.staged_floats), buffers(weights + own.near_floats) {}

    GATUN_INLINE float* buffer(const gpu::Own& own, int64_t turn) const {
        return buffers + (turn & 1) * own.stream_floats;
    }
};

// Brings the weights of tasks begin .. end - 1 that have a place.
GATUN_INLINE void bring(const gpu::Program& program, const gpu::Own& own, int32_t begin, int32_t end, gpu::Place place,
                        float* to, int32_t thread, int32_t threads) {
    for (int32_t i = begin; i < end; ++i) {
        const gpu::Task& task = own.tasks[i];
        if (task.place != place) continue;
        const gpu::Part& part = program.parts[task.part];
        const int64_t floats = int64_t{part.op.tap_count} * part.op.inputs * kLanes;
        const int32_t halves = part.then == gpu::Work::kGate ? 2 : 1;
        for (int32_t half = 0; half < halves; ++half) {
            const float* from = part.op.weights + (task.block + int64_t{half} * part.blocks) * floats;
            float* own_weights = to + task.weights + half * floats;
            for (int64_t k = int64_t{thread} * 4; k < floats; k += int64_t{threads} * 4) {
                copy_four(own_weights + k, from + k);
            }
        }
    }
}

// What a wave of a turn needs of weights, brought while the one before runs.
GATUN_INLINE void bring_wave(const gpu::Program& program, const gpu::Own& own, const Near& near, int32_t wave,
                             int64_t turn, int32_t thread, int32_t threads) {
    if (own.stream_floats == 0) return;
    bring(program, own, own.first[wave], own.first[wave + 1], gpu::Place::kStream, near.buffer(own, turn), thread,
          threads);
}

// What products read of earlier positions, for a step that begins.
GATUN_INLINE void bring_stages(const Block& b, const gpu::Own& own, const Near& near, int32_t group, int32_t groups) {
    for (int32_t i = group; i < own.stage_count; i += groups) {
        const gpu::Stage& stage = own.stages[i];
        if (stage.slot < 0) break;
        const Features f(stage.block, b.features(stage.slot));
        const Vec x = f.get(b.row(stage.slot, stage.distance, 0));
        store(near.staged + stage.at, x);
    }
}

// Every groups-th of the block's tasks of a wave, beginning with the group-th.
GATUN_INLINE void run_own(const Block& b, const gpu::Own& own, const Near& near, int32_t wave, int64_t turn,
                          int32_t group, int32_t groups) {
    const int32_t end = own.first[wave + 1];
    for (int32_t i = own.first[wave] + group; i < end; i += groups) {
        const gpu::Task& task = own.tasks[i];
        const gpu::Part& part = b.program.parts[task.part];
        if (part.share == gpu::Share::kLanes) {
            run_lanes(b, part, 0);
        } else if (!b.due(part.op, 0)) {
            continue;
        } else if (part.share == gpu::Share::kOne) {
            run_one(b, part, task.block, 0);
        } else if (task.place == gpu::Place::kFar) {
            product<1>(b, part, task.block, 0);
        } else {
            const float* weights = task.place == gpu::Place::kNear ? near.weights : near.buffer(own, turn);
            product_near(b, part, task.block, weights + task.weights);
        }
    }
}

}  // namespace gatun::GATUN_ISA_LEVEL
