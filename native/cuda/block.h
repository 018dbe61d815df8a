// A block of threads on its way through a program: where the slots of its streams lie. Compiled for the device, and for
// the checker, which plays the groups of sixteen threads one after the other.
#pragma once

#include "cuda/plan.h"
#include "simd/vec.h"

namespace gatun::GATUN_ISA_LEVEL {

struct Block {
    const gpu::Program& program;
    const gatun_step_run& run;
    int64_t first;  // stream
    int32_t streams;
    int32_t tile;           // streams of a task of Share::kTile: 1, 2, 4 or 8
    float* fast;            // [fast floats][streams]
    const int32_t* newest;  // of each slot, the row of the ring that this step writes
    int64_t clock;
    // Where several blocks share a stream: the fast memory of each, and what lies near of earlier positions.
    float* const* peers = nullptr;
    int32_t peer_count = 0;
    const int32_t* staged_at = nullptr;
    const float* staged = nullptr;

    // Stream s of the block, `distance` positions back.
    GATUN_INLINE float* row(int32_t slot, int32_t distance, int32_t s) const {
        const gpu::Slot& own = program.slots[slot];
        if (distance == 0 && own.fast >= 0) return mirror(own, s);
        return ring(own, slot, distance, s);
    }
    GATUN_INLINE float* ring(const gpu::Slot& own, int32_t slot, int32_t distance, int32_t s) const {
        int32_t at = newest[slot] - distance;
        if (at < 0) at += own.depth;
        return run.state + (own.offset + int64_t{at} * own.features) * run.streams + (first + s) * own.features;
    }
    GATUN_INLINE float* mirror(const gpu::Slot& own, int32_t s) const {
        return fast + int64_t{own.fast} * streams + int64_t{s} * own.features;
    }
    // Where the newest position of a ring lies besides, or null.
    GATUN_INLINE float* again(int32_t slot, int32_t s) const {
        const gpu::Slot& own = program.slots[slot];
        return own.fast >= 0 && own.depth > 1 ? ring(own, slot, 0, s) : nullptr;
    }
    // body(where) for all places that the newest position of a slot has.
    template <class Body>
    GATUN_INLINE void each_newest(int32_t slot, int32_t s, Body&& body) const {
        const gpu::Slot& own = program.slots[slot];
        if (own.fast < 0) return body(ring(own, slot, 0, s));
        if (peers == nullptr) {
            body(mirror(own, s));
        } else {
            const int64_t at = int64_t{own.fast} * streams + int64_t{s} * own.features;
            GATUN_UNROLL_THERE(8)
            for (int32_t i = 0; i < peer_count; ++i) body(peers[i] + at);
        }
        if (own.depth > 1) body(ring(own, slot, 0, s));
    }
    GATUN_INLINE int32_t features(int32_t slot) const { return program.slots[slot].features; }
    GATUN_INLINE int32_t distance(const gatun_step_operation& op, int32_t tap) const {
        return program.distances[op.first_distance + tap];
    }
    GATUN_INLINE const float* input(const gatun_step_operation& op, int32_t tap, int32_t s) const {
        return row(op.input, distance(op, tap), s);
    }
    // The same, from near where it lies there.
    GATUN_INLINE const float* source(const gatun_step_operation& op, int32_t tap, int32_t s) const {
        const int32_t at = staged_at == nullptr ? -1 : staged_at[op.first_distance + tap];
        return at >= 0 ? staged + at : input(op, tap, s);
    }

    GATUN_INLINE bool idle(int32_t s) const { return run.each != nullptr && run.each[first + s].idle != 0; }
    GATUN_INLINE int64_t position(int32_t s) const {
        return run.each == nullptr ? clock : clock - run.each[first + s].start;
    }
    // Whether an instruction runs for a stream at this step.
    GATUN_INLINE bool due(const gatun_step_operation& op, int32_t s) const {
        if (run.each != nullptr && run.each[first + s].idle != 0) return false;
        return op.every == 1 || position(s) % op.every == 0;
    }
    GATUN_INLINE int64_t data_position(int32_t s) const {
        return program.places == nullptr ? position(s) : program.places[position(s)];
    }
    // Where the value of this step lies in the run's arrays.
    GATUN_INLINE int64_t value(int32_t s) const {
        const int64_t at = program.places == nullptr ? clock - run.first_position : data_position(s);
        return (first + s) * run.values.stride_example + at;
    }
};

// Sixteen features of a slot, fewer at its end, or of what lies as it does.
struct Features {
    int32_t at;
    int live;

    GATUN_INLINE Features(int32_t block, int32_t features)
        : at(block * kLanes), live(features - at < kLanes ? features - at : kLanes) {}

    GATUN_INLINE Vec get(const float* from) const { return live == kLanes ? load(from + at) : load(from + at, live); }
    GATUN_INLINE void put(float* to, Vec value) const {
        if (live == kLanes) {
            store(to + at, value);
        } else {
            store(to + at, value, live);
        }
    }
    // Into the newest position of a slot.
    GATUN_INLINE void put(const Block& b, int32_t slot, int32_t s, Vec value) const {
        b.each_newest(slot, s, [&](float* to) { put(to, value); });
    }
};

}  // namespace gatun::GATUN_ISA_LEVEL
