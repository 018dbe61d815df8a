// What warps do of a stream that several blocks of threads share. Each block has all of the fast memory; what is made
// is sent to all of them. W: as in products.h.
#pragma once

#include "cuda/body.h"
#include "cuda/fours.h"
#include "cuda/schedule.h"

namespace gatun::GATUN_ISA_LEVEL {

// The two chains of sixteen outputs.
struct Chain {
    Vec even, odd;
};

// Sixteen of a product's outputs on their way: the first or second half of its task.
struct Half {
    const gpu::Task& task;
    const gpu::Part& part;
    int32_t half;

    GATUN_INLINE int32_t block() const {
        const int32_t apart = task.then == gpu::Work::kGate ? part.blocks : 1;
        const int32_t second = task.block + half * apart;
        return int64_t{second} * kLanes < part.op.outputs ? second : task.block;
    }
    GATUN_INLINE int64_t count() const { return int64_t{task.taps} * task.inputs * kLanes; }
};

GATUN_INLINE Chain begin_near(const Half& h, const float* memory) {
    const Vec start = h.task.bias == 0 ? set(0.0f) : load(memory + h.task.weights + h.half * kLanes);
    return {start, set(0.0f)};
}
GATUN_INLINE Chain begin_far(const Half& h) {
    const int32_t block = h.block();
    return {h.task.bias == 0 ? set(0.0f) : Features(block, h.part.op.outputs).get(h.part.op.bias), set(0.0f)};
}

// Taps first .. end - 1 into the chains.
template <bool kNear, class W>
GATUN_INLINE void multiply_taps(Chain& c, const gpu::Task& task, const gpu::Source* sources, const float* memory,
                                const W* weights, int32_t odd, int32_t first, int32_t end) {
    const W* w = weights + int64_t{first} * task.inputs * kLanes;
    for (int32_t tap = first; tap < end; ++tap) {
        const float* x = memory + sources[task.sources + tap].at[odd];
        GATUN_UNROLL_THERE(8)
        for (int32_t i = 0; i < task.inputs; i += 4) {
            const Fours weight = fours<kNear>(w + i * kLanes);
            const Four x4 = four(x + i);
            c.even = fma(set(x4.v[0]), weight.v[0], c.even);
            c.odd = fma(set(x4.v[1]), weight.v[1], c.odd);
            c.even = fma(set(x4.v[2]), weight.v[2], c.even);
            c.odd = fma(set(x4.v[3]), weight.v[3], c.odd);
        }
        w += int64_t{task.inputs} * kLanes;
    }
}

template <bool kNear, class W>
GATUN_INLINE void multiply_half(Chain& c, const Half& h, const gpu::Source* sources, const float* memory, int32_t odd,
                                int32_t first, int32_t end) {
    if constexpr (kNear) {
        const W* weights =
            reinterpret_cast<const W*>(memory + h.task.weights + gpu::kWarp) + h.half * static_cast<int32_t>(h.count());
        multiply_taps<true>(c, h.task, sources, memory, weights, odd, first, end);
    } else {
        multiply_taps<false>(c, h.task, sources, memory,
                             reinterpret_cast<const W*>(h.part.op.weights) + h.block() * h.count(), odd, first, end);
    }
}

// One of two that steps take in turns.
GATUN_INLINE int32_t of_step(const int32_t (&all)[2], int32_t odd) { return odd == 0 ? all[0] : all[1]; }

// What becomes of sixteen outputs of which none are gates.
GATUN_INLINE Vec made(const Half& h, const float* memory, int32_t odd, Vec y) {
    if (h.task.then == gpu::Work::kActivation) return activated(h.task.argument, y);
    if (h.task.then != gpu::Work::kSum) return y;
    const float* before = memory + of_step(h.task.out, odd) + h.half * kLanes;
    return set(h.task.scale) * (h.task.argument == 0 ? y : load(before) + y);
}

// A task of sixteen lanes.
template <class W>
GATUN_NO_CALL void run_other(const Block& b, const gpu::Part& part, const gpu::Task& task) {
    if (part.share == gpu::Share::kLanes) {
        run_lanes(b, part, 0);
    } else if (part.share == gpu::Share::kOne) {
        run_one<W>(b, part, task.block, 0);
    } else {
        product<1, W>(b, part, task.block, 0);
    }
    if (part.work == gpu::Work::kDraw) b.shared->send(task.out[0], set(0.0f), 1);
}

// ---- what a block brings and keeps, by so many of its threads

// The newest position of step -1.
GATUN_INLINE void find_last_rows(const gpu::Program& program, int64_t clock, int32_t* rows, int32_t thread,
                                 int32_t threads) {
    for (int32_t i = thread; i < program.slot_count; i += threads) {
        const int32_t depth = program.slots[i].depth;
        rows[i] = static_cast<int32_t>((clock + depth - 1) % depth);
    }
}

GATUN_INLINE void turn_rows(const gpu::Program& program, int32_t* rows, int32_t thread, int32_t threads) {
    for (int32_t i = thread; i < program.slot_count; i += threads) {
        rows[i] = rows[i] + 1 == program.slots[i].depth ? 0 : rows[i] + 1;
    }
}

GATUN_INLINE float* row_of(const gpu::Slot& slot, const gatun_step_run& run, int64_t stream, int32_t row) {
    return run.state + (slot.offset + int64_t{row} * slot.features) * run.streams + stream * slot.features;
}

// Newest positions, at which `rows` are, between fast memory, where steps that are odd have them, and rings.
GATUN_INLINE void keep(const gpu::Program& program, const gpu::Own& own, const gatun_step_run& run, int64_t stream,
                       const int32_t* rows, float* memory, int32_t odd, int32_t thread, int32_t threads) {
    for (int32_t i = 0; i < own.keep_count && own.keeps[i] >= 0; ++i) {
        const gpu::Slot& slot = program.slots[own.keeps[i]];
        float* ring = row_of(slot, run, stream, rows[own.keeps[i]]);
        const float* fast = memory + slot.fast + odd * slot.other;
        for (int32_t f = thread; f < slot.features; f += threads) ring[f] = fast[f];
    }
}

// Of all rings: before the first step, all blocks have the last position.
GATUN_INLINE void bring_last(const gpu::Program& program, const gatun_step_run& run, int64_t stream,
                             const int32_t* rows, float* memory, int32_t thread, int32_t threads) {
    for (int32_t i = 0; i < program.slot_count; ++i) {
        const gpu::Slot& slot = program.slots[i];
        if (slot.other == 0) continue;
        const float* ring = row_of(slot, run, stream, rows[i]);
        float* fast = memory + slot.fast + slot.other;
        for (int32_t f = thread; f < slot.features; f += threads) fast[f] = ring[f];
    }
}

// What is read of earlier positions in the step that comes `ahead` steps behind that of `rows`, by the threads of a
// warp; a few at once, since they come from afar.
GATUN_INLINE void bring_stages(const gpu::Program& program, const gpu::Own& own, const gatun_step_run& run,
                               int64_t stream, const int32_t* rows, int32_t ahead, float* memory, int32_t odd,
                               int32_t thread) {
    constexpr int32_t kAtOnce = 4;
    const auto brings = [&](int32_t i) {
        return i < own.stage_count && own.stages[i].slot >= 0 && thread < own.stages[i].count;
    };
    for (int32_t i = 0; i < own.stage_count; i += kAtOnce) {
        float x[kAtOnce] = {};
        GATUN_UNROLL_BY(4)
        for (int32_t k = 0; k < kAtOnce; ++k) {
            if (!brings(i + k)) continue;
            const gpu::Stage& stage = own.stages[i + k];
            const gpu::Slot& slot = program.slots[stage.slot];
            int32_t row = rows[stage.slot] + ahead - stage.distance;
            if (row < 0) row += slot.depth;
            x[k] = far(row_of(slot, run, stream, row) + stage.first + thread);
        }
        GATUN_UNROLL_BY(4)
        for (int32_t k = 0; k < kAtOnce; ++k) {
            if (brings(i + k)) memory[own.stages[i + k].at + odd * own.staged_floats + thread] = x[k];
        }
    }
}

}  // namespace gatun::GATUN_ISA_LEVEL
