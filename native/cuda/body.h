// What a group of sixteen threads does in a wave of a step: its share of the tasks of all parts. W: as in products.h.
#pragma once

#include "cuda/copies.h"
#include "cuda/maps.h"
#include "cuda/products.h"
#include "cuda/units.h"
#include "cuda/values.h"

namespace gatun::GATUN_ISA_LEVEL {

// A task of one stream.
template <class W>
GATUN_NO_CALL void run_one(const Block& b, const gpu::Part& part, int32_t task, int32_t s) {
    const gatun_step_operation& op = part.op;
    const Features f(task, op.outputs);
    switch (part.work) {
        case gpu::Work::kLookup:
            return run_lookup(b, op, task, s);
        case gpu::Work::kActivation:
            return run_activation(b, op, f, s);
        case gpu::Work::kGate:
            return run_gate(b, op, f, s);
        case gpu::Work::kSum:
            return run_sum(b, op, f, s);
        case gpu::Work::kCopy:
            return run_copy(b, op, task, s);
        case gpu::Work::kBroadcast:
            return f.put(b, op.output, s, f.get(op.bias));
        case gpu::Work::kFrame:
            return run_frame(b, op, f, s);
        case gpu::Work::kDraw:
            return run_draw(b, op, part.scratch, s);
        case gpu::Work::kCell:
            return run_cell(b, op, task, s);
        case gpu::Work::kPushValue:
            return run_push_value<W>(b, part, task, s);
        case gpu::Work::kPushLevel:
            return run_push_level<W>(b, part, task, s);
        case gpu::Work::kPushUnits:
            return run_push_units<W>(b, part, task, s);
        case gpu::Work::kFinish:
            return run_finish(b, op, f, s);
        case gpu::Work::kNadeRead:
            return run_nade_read<W>(b, part, s);
        default:
            return run_nade_push<W>(b, part, task, s);
    }
}

// A task of n streams, one a lane.
GATUN_NO_CALL void run_lanes(const Block& b, const gpu::Part& part, int32_t first, int32_t n) {
    const gatun_step_operation& op = part.op;
    each_lane(n, [&](int i) {
        if (!b.due(op, first + i)) return;
        if (part.work == gpu::Work::kClass) return run_class(b, op, first + i);
        if (part.work == gpu::Work::kEncode) return run_encode(b, op, first + i);
        run_level(b, op, first + i);
    });
}
GATUN_NO_CALL void run_lanes(const Block& b, const gpu::Part& part, int32_t first) {
    run_lanes(b, part, first, b.streams - first < kLanes ? b.streams - first : kLanes);
}

// Tasks lie block by block, the streams of a block side by side, so that their threads read the same weights.
template <class W>
GATUN_NO_CALL void run_task(const Block& b, const gpu::Part& part, int32_t task, int32_t shares) {
    const int32_t block = divided(task, shares), share = task - block * shares;
    if (part.share == gpu::Share::kTile) return run_product<W>(b, part, b.round * part.turn_blocks + block, share);
    if (part.share == gpu::Share::kOne) {
        if (b.due(part.op, share)) run_one<W>(b, part, block, share);
    } else if (part.chained != 0) {
        run_lanes(b, part, share, 1);
    } else {
        run_lanes(b, part, share * kLanes);
    }
}

GATUN_INLINE int32_t shares_of(const Block& b, const gpu::Part& part) {
    if (part.share == gpu::Share::kOne || part.chained != 0) return b.streams;
    const int32_t each = part.share == gpu::Share::kTile ? tile_of(b, part) : kLanes;
    return divided(b.streams + each - 1, each);
}

// Of those that a turn makes; a wave's first makes all but products.
GATUN_INLINE int32_t blocks_of(const Block& b, const gpu::Part& part) {
    if (part.turn_blocks == 0) return part.blocks;
    const int32_t left = part.blocks - b.round * part.turn_blocks;
    return left < part.turn_blocks ? left : part.turn_blocks;
}

// Whether a wave has anything to do at this step, as far as that is the same for all streams.
GATUN_INLINE bool is_due(const Block& b, int32_t wave) {
    const int32_t every = b.program.every[wave];
    return every == 1 || b.run.each != nullptr || is_multiple(b.clock, every);
}

// Every groups-th task of some parts of a wave, beginning with the group-th. Of a chain's parts the same streams' each.
template <class W>
GATUN_NO_CALL void run_parts(const Block& b, int32_t part_first, int32_t part_end, int32_t group, int32_t groups) {
    int32_t task = group, first = group;
    for (int32_t i = part_first; i < part_end; ++i) {
        const gpu::Part& part = b.program.parts[i];
        if (part.chained == 0) {
            first = task;
        } else {
            task = first;
            together();
        }
        const int32_t shares = shares_of(b, part);
        const int32_t tasks = blocks_of(b, part) * shares;
        for (; task < tasks; task += groups) run_task<W>(b, part, task, shares);
        if (tasks > 0) task -= tasks;
    }
}

template <class W>
GATUN_NO_CALL void run_wave(const Block& b, int32_t wave, int32_t group, int32_t groups) {
    run_parts<W>(b, b.program.waves[wave], b.program.waves[wave + 1], group, groups);
}

// As much of a wave as is in a stretch of parts.
template <class W>
GATUN_NO_CALL void run_wave(const Block& b, int32_t wave, const gpu::Stretch& of, int32_t group, int32_t groups) {
    const int32_t first = b.program.waves[wave], end = b.program.waves[wave + 1];
    run_parts<W>(b, first < of.first ? of.first : first, end < of.end ? end : of.end, group, groups);
}

// ---- what threads do on their own, of `threads` each

// The row that each ring writes at a step.
GATUN_INLINE void find_rows(const gpu::Program& program, int64_t clock, int32_t* newest, int32_t thread,
                            int32_t threads) {
    for (int32_t i = thread; i < program.slot_count; i += threads) {
        newest[i] = static_cast<int32_t>(clock % program.slots[i].depth);
    }
}

// And at the step behind.
GATUN_INLINE void turn_rings(const gpu::Program& program, const int32_t* newest, int32_t* next, int32_t thread,
                             int32_t threads) {
    for (int32_t i = thread; i < program.slot_count; i += threads) {
        next[i] = newest[i] + 1 == program.slots[i].depth ? 0 : newest[i] + 1;
    }
}

// What is kept of a block's streams, between the state and fast memory.
GATUN_INLINE void move_fast(const Block& b, bool out, int32_t thread, int32_t threads) {
    for (int32_t i = 0; i < b.program.slot_count; ++i) {
        const gpu::Slot& slot = b.program.slots[i];
        if (slot.fast < 0 || slot.kept == 0) continue;
        const int64_t floats = int64_t{b.streams} * slot.features;
        float* state = b.run.state + slot.offset * b.run.streams + b.first * slot.features;
        float* fast = b.fast + int64_t{slot.fast} * b.streams;
        for (int64_t k = thread; k < floats; k += threads) {
            if (out) {
                state[k] = fast[k];
            } else {
                fast[k] = state[k];
            }
        }
    }
}

}  // namespace gatun::GATUN_ISA_LEVEL
