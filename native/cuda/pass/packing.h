// Parameters to packed weights and back.
#pragma once

#include "cuda/pass/places.h"

namespace gatun::GATUN_ISA_LEVEL {

// A packed row: what sixteen outputs have of a flat input; of packed transposed weights outputs and inputs change
// places and taps their order.
struct PackedRow {
    int64_t block, at, step;  // its place in the parameter, and from output to output
    int live;

    GATUN_INLINE PackedRow(const Job& job, int64_t task, bool transposed) : block(task / job.flat) {
        const gatun_layout& l = job.call.layout;
        const int32_t inputs = transposed ? l.outputs : l.inputs, outputs = transposed ? l.inputs : l.outputs;
        const int64_t flat = task % job.flat, tap = flat / inputs, input = flat % inputs;
        step = transposed ? l.stride_input : l.stride_output;
        at = block * kLanes * step + input * (transposed ? l.stride_output : l.stride_input) +
             l.tap_offsets[transposed ? l.taps - 1 - tap : tap];
        live = Sixteen(block, outputs).live;
    }
};

// argument: whether transposed.
GATUN_INLINE void run_kPack(const Job& job, int64_t task) {
    const PackedRow row(job, task, job.call.argument != 0);
    float* to = job.call.writes[0] + task * kLanes;
    each_lane(kLanes, [&](int i) { to[i] = i < row.live ? job.call.reads[0][row.at + i * row.step] : 0.0f; });
}

GATUN_INLINE void run_kUnpack(const Job& job, int64_t task) {
    const PackedRow row(job, task, false);
    const float* from = job.call.reads[0] + task * kLanes;
    each_lane(row.live, [&](int i) { job.call.writes[0][row.at + i * row.step] += from[i]; });
}

// Inputs of a block of a masked dense layer, then its bias.
GATUN_INLINE void run_kDensePack(const Job& job, int64_t task) {
    const gatun_dense& d = job.call.dense;
    const int64_t block = task / (d.inputs + 1), input = task % (d.inputs + 1);
    const Sixteen f(block, d.outputs);
    const float *weights = job.call.reads[0], *bias = job.call.reads[1];
    if (input == d.inputs) {
        each_lane(kLanes, [&](int i) {
            const bool there = bias != nullptr && i < f.live;
            job.call.writes[1][f.at + i] = there ? bias[d.rows[f.at + i]] : 0.0f;
        });
        return;
    }
    float* to = job.call.writes[0] + (block * d.inputs + input) * kLanes;
    each_lane(kLanes, [&](int i) {
        const bool seen = i < f.live && input < d.seen[f.at + i];
        to[i] = seen ? weights[d.rows[f.at + i] * d.stride + d.columns[input]] : 0.0f;
    });
}

GATUN_INLINE void run_kDensePackTransposed(const Job& job, int64_t task) {
    const gatun_dense& d = job.call.dense;
    const int64_t block = task / d.outputs, output = task % d.outputs;
    const Sixteen f(block, d.inputs);
    float* to = job.call.writes[0] + (block * d.outputs + output) * kLanes;
    each_lane(kLanes, [&](int i) {
        const bool seen = i < f.live && f.at + i < d.seen[output];
        to[i] = seen ? job.call.reads[0][d.rows[output] * d.stride + d.columns[f.at + i]] : 0.0f;
    });
}

// Gradients from scratch, [blocks][inputs][16], then the bias's [blocks][16]; a task is an input of a block.
GATUN_INLINE void run_kDenseUnpack(const Job& job, int64_t task) {
    const gatun_dense& d = job.call.dense;
    const int64_t block = task / (d.inputs + 1), input = task % (d.inputs + 1);
    const Sixteen f(block, d.outputs);
    if (input == d.inputs) {
        if (job.call.writes[1] == nullptr) return;
        const float* from = job.scratch + (int64_t{job.blocks} * d.inputs + block) * kLanes;
        each_lane(f.live, [&](int i) { job.call.writes[1][d.rows[f.at + i]] += from[i]; });
        return;
    }
    const float* from = job.scratch + (block * d.inputs + input) * kLanes;
    each_lane(f.live, [&](int i) {
        const int64_t output = f.at + i;
        if (input < d.seen[output]) job.call.writes[0][d.rows[output] * d.stride + d.columns[input]] += from[i];
    });
}

// A place of the chain: its columns and rows of the hidden units; the last task: what the chain begins with.
GATUN_INLINE void run_kNadePack(const Job& job, int64_t task) {
    const gatun_nade& n = job.call.nade;
    const float *w = job.call.reads[0], *c = job.call.reads[1], *v = job.call.reads[2], *b = job.call.reads[3];
    const int64_t width = int64_t{job.blocks} * kLanes;
    for (int32_t block = 0; block < job.blocks; ++block) {
        const Sixteen f(block, n.hidden);
        if (task == n.positions) {
            const Vec a = f.get(c);
            store(n.start + f.at, a);
            store(n.start + width + f.at, sigmoid(a));
            continue;
        }
        const int64_t at = n.order[task];
        each_lane(kLanes, [&](int i) {
            const int64_t h = f.at + i, to = task * width + h;
            n.input[to] = i < f.live ? w[h * n.positions + at] : 0.0f;
            n.output[to] = i < f.live ? v[at * n.hidden + h] : 0.0f;
        });
    }
    if (task < n.positions) each_lane(1, [&](int) { n.output_bias[task] = b[n.order[task]]; });
}

}  // namespace gatun::GATUN_ISA_LEVEL
