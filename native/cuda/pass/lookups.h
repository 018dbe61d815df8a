// One-hot inputs: rows of weights that are looked up, and their gradients.
#pragma once

#include "cuda/pass/products.h"
#include "ops/lookup/look_up.h"

namespace gatun::GATUN_ISA_LEVEL {

GATUN_INLINE void run_kLookup(const Job& job, int64_t task) {
    const gatun_affine& a = job.call.affine;
    const gatun_map& y = job.call.maps[1];
    const int64_t block = task % job.blocks;
    const Spot s = spot_of(y, task / job.blocks);
    const Sixteen f(block, a.outputs);
    const int32_t* x = place(job.call.levels, s);
    f.put(place(y, s), look_up(a, job.call.reads[0], job.call.levels.features,
                               LookupBlock{a.weights + block * job.flat * kLanes, f.at, f.live},
                               [&](int32_t tap) { return x + job.offsets[tap]; }));
}

// Where the sums of what a slot looked up outside of the data lie: behind the weights' and the bias's.
GATUN_INLINE float* outside_scratch(const Job& job, int64_t chunk, int64_t block, int64_t slot) {
    return job.scratch + chunk * job.step + (job.blocks * (job.flat + 1) + slot * job.blocks + block) * kLanes;
}

// A slot is a channel of a tap: a task has its rows of the gradient to itself, and takes a chunk's positions in order.
GATUN_INLINE void look_up_gradient(const Job& job, int64_t slot, int64_t block, int64_t chunk) {
    const gatun_map& dy = job.call.maps[1];
    const gatun_levels& x = job.call.levels;
    const int32_t levels = job.call.affine.inputs / x.features;
    float* rows = job.scratch + chunk * job.step + (block * job.flat + slot * levels) * kLanes;
    for (int32_t level = 0; level < levels; ++level) store(rows + level * kLanes, set(0.0f));
    const int64_t offset = job.offsets[slot / x.features] + slot % x.features;
    const Sixteen f(block, dy.features);
    Vec outside = set(0.0f);
    int64_t position = chunk_start(job.positions, job.chunks, chunk);
    const int64_t end = chunk_start(job.positions, job.chunks, chunk + 1);
    for (Spot s = spot_of(dy, position); position < end; ++position, move_on(dy, s)) {
        const int32_t level = place(x, s)[offset];
        const Vec slope = f.get(place(dy, s));
        if (level < 0) {
            outside = outside + slope;
        } else {
            float* to = rows + int64_t{level} * kLanes;
            store(to, load(to) + slope);
        }
    }
    store(outside_scratch(job, chunk, block, slot), outside);
}

// All slots, then one more, the bias.
GATUN_INLINE void run_kLookupGradient(const Job& job, int64_t task) {
    const int64_t block = task % job.blocks, chunk = task / job.blocks % job.chunks;
    const int64_t slot = task / job.blocks / job.chunks;
    if (slot < job.slots) return look_up_gradient(job, slot, block, chunk);
    store(bias_scratch(job, chunk, block), sum_positions(job, job.call.maps[1], block, chunk));
}

GATUN_INLINE void run_kOutsideSum(const Job& job, int64_t task) {
    Vec total = set(0.0f);
    for (int32_t slot = 0; slot < job.slots; ++slot) {
        total = total + sum_chunks(job, outside_scratch(job, 0, task, slot), job.chunks);
    }
    Sixteen(task, job.call.maps[1].features).put(job.call.writes[2], total, true);
}

}  // namespace gatun::GATUN_ISA_LEVEL
