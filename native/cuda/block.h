// A block of threads on its way through a program: where the slots of its streams lie. Compiled for the device, and for
// the checker, which plays the groups of sixteen threads one after the other.
#pragma once

#include <bit>
#include <cstring>

#include "cuda/plan.h"
#include "cuda/send.h"
#include "cuda/sixteen.h"

namespace gatun::GATUN_ISA_LEVEL {

// Of a stream that several blocks share: each has all of its fast memory, and what is stored is sent to all of them.
struct Shared {
    Send send;
    const int32_t* staged_at;  // of each tap: where its features lie in even steps, in floats; -1: with its slot
    int32_t staged_floats;     // and how far behind in odd ones
    int32_t odd;               // 1: such a step
};

// Of positions, most of which are below `of` where that is every one of a run.
GATUN_INLINE bool is_multiple(int64_t position, int32_t of) {
    return position < of ? position == 0 : position % of == 0;
}

struct Block {
    const gpu::Program& program;
    const gatun_step_run& run;
    int64_t first;  // stream
    int32_t streams;
    int32_t tile;           // streams of a task of Share::kTile: 1, 2, 4 or 8
    float* fast;            // [fast floats][streams]
    const int32_t* newest;  // of each slot, the row of the ring that this step writes
    int64_t clock;
    const Shared* shared = nullptr;    // where several blocks share a stream
    const float* near = nullptr;       // what was copied ahead for the turn (staging.h), if anything
    const int32_t* taps_at = nullptr;  // of each tap: floats behind that, or -1
    int32_t round = 0;                 // of the wave's turns

    // Stream s of the block, `distance` positions back; where blocks share a stream, at most one.
    GATUN_INLINE float* row(int32_t slot, int32_t distance, int32_t s) const {
        const gpu::Slot& own = program.slots[slot];
        if (shared != nullptr) return fast + place(slot, distance);
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
    // Of a slot of a stream that blocks share, in the fast memory of each.
    GATUN_INLINE int32_t place(int32_t slot, int32_t distance) const {
        const gpu::Slot& own = program.slots[slot];
        return own.fast + ((shared->odd ^ distance) & 1) * own.other;
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
        body(mirror(own, s));
        if (own.depth > 1) body(ring(own, slot, 0, s));
    }
    // One number, by the lane that calls.
    template <class T>
    GATUN_INLINE void put_one(int32_t slot, int32_t s, T value) const {
        if (shared != nullptr) {
            float bits;
            std::memcpy(&bits, &value, sizeof bits);
            return shared->send.one(place(slot, 0), bits);
        }
        each_newest(slot, s, [&](float* to) { std::memcpy(to, &value, sizeof value); });
    }
    GATUN_INLINE int32_t features(int32_t slot) const { return program.slots[slot].features; }
    GATUN_INLINE int32_t distance(const gatun_step_operation& op, int32_t tap) const {
        return program.distances[op.first_distance + tap];
    }
    GATUN_INLINE const float* input(const gatun_step_operation& op, int32_t tap, int32_t s) const {
        if (shared != nullptr) {
            const int32_t at = shared->staged_at[op.first_distance + tap];
            if (at >= 0) return fast + at + shared->odd * shared->staged_floats;
        }
        if (taps_at != nullptr) {
            const int32_t at = taps_at[op.first_distance + tap];
            if (at >= 0) return near + at + s * features(op.input);
        }
        return row(op.input, distance(op, tap), s);
    }

    GATUN_INLINE bool idle(int32_t s) const { return run.each != nullptr && run.each[first + s].idle != 0; }
    GATUN_INLINE int64_t position(int32_t s) const {
        return run.each == nullptr ? clock : clock - run.each[first + s].start;
    }
    // Whether an instruction runs for a stream at this step.
    GATUN_INLINE bool due(const gatun_step_operation& op, int32_t s) const {
        if (run.each != nullptr && run.each[first + s].idle != 0) return false;
        return op.every == 1 || is_multiple(position(s), op.every);
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

// Sixteen features of a slot, or of what lies as it does.
struct Features : Sixteen {
    using Sixteen::put;
    using Sixteen::Sixteen;
    // Into the newest position of a slot, `behind` its first feature.
    GATUN_INLINE void put(const Block& b, int32_t slot, int32_t s, Vec value, int32_t behind = 0) const {
        if (b.shared != nullptr) return b.shared->send(b.place(slot, 0) + behind + at, value, live);
        b.each_newest(slot, s, [&](float* to) { put(to + behind, value); });
    }
};

// The newest position of a slot from stream s on, of a block that has its streams alone: found once for several
// streams, since whoever stores numbers must look for the tables again.
struct Newest {
    float* near;  // or null
    float* ring;  // or null
    int32_t features;

    GATUN_INLINE Newest(const Block& b, int32_t slot, int32_t s) {
        const gpu::Slot own = b.program.slots[slot];
        features = own.features;
        near = own.fast >= 0 ? b.mirror(own, s) : nullptr;
        ring = own.fast < 0 || own.depth > 1 ? b.ring(own, slot, 0, s) : nullptr;
    }
    // Of the p-th stream.
    GATUN_INLINE Vec get(const Features& f, int p) const {
        return f.get((near != nullptr ? near : ring) + p * features);
    }
    GATUN_INLINE void put(const Features& f, int p, Vec value) const {
        if (near != nullptr) f.Sixteen::put(near + p * features, value);
        if (ring != nullptr) f.Sixteen::put(ring + p * features, value);
    }
};

// By a shift where that will do.
GATUN_INLINE int32_t divided(int32_t a, int32_t by) {
    if ((by & (by - 1)) != 0) return a / by;
#if defined(__CUDACC__)
    return a >> (__ffs(by) - 1);
#else
    return a >> std::countr_zero(static_cast<uint32_t>(by));
#endif
}

}  // namespace gatun::GATUN_ISA_LEVEL
