// Masked dense layers, whose examples are the positions of products; NADE's chain.
#pragma once

#include "cuda/pass/lookups.h"
#include "ops/nade/dot.h"

namespace gatun::GATUN_ISA_LEVEL {

// The longest prefix among a block's outputs: its last one's, since they are sorted.
GATUN_INLINE int32_t prefix_of(const gatun_dense& d, int32_t block) {
    const int32_t end = (block + 1) * kLanes < d.outputs ? (block + 1) * kLanes : d.outputs;
    return d.seen[end - 1];
}

GATUN_INLINE void run_kDense(const Job& job, int64_t task) {
    const gatun_dense& d = job.call.dense;
    const auto block = static_cast<int32_t>(task / job.tiles);
    const Terms terms{
        job.call.reads[0], job.call.reads[1], nullptr, int64_t{d.inputs} * kLanes, 1, prefix_of(d, block), 0,
        d.outputs,         job.aligned != 0};
    product_tile<kTilePositions, 1>(terms, job.call.maps[0], job.call.maps[1], job.positions,
                                    task % job.tiles * kTilePositions, block, false);
}

// A column is a tap: an output sees whole positions of the data.
GATUN_INLINE void run_kDenseLookup(const Job& job, int64_t task) {
    const gatun_dense& d = job.call.dense;
    const gatun_levels& x = job.call.levels;
    const auto block = static_cast<int32_t>(task % job.blocks);
    const int64_t example = task / job.blocks;
    const int32_t levels = d.inputs / (x.columns > 1 ? x.columns : 1);
    const Sixteen f(block, d.outputs);
    const gatun_affine affine{nullptr, job.call.reads[1], nullptr, prefix_of(d, block) / levels, levels, d.outputs, 0};
    const int32_t* row = x.data + example * x.stride_example;
    const gatun_map& y = job.call.maps[1];
    f.put(y.data + example * y.stride_example,
          look_up(affine, nullptr, 1, LookupBlock{job.call.reads[0] + int64_t{block} * d.inputs * kLanes, f.at, f.live},
                  [&](int32_t tap) { return row + tap * x.stride_column; }));
}

// The first output that sees an input.
GATUN_INLINE int32_t first_seeing(const gatun_dense& d, int32_t input) {
    int32_t low = 0, high = d.outputs;
    while (low < high) {
        const int32_t middle = (low + high) / 2;
        if (d.seen[middle] > input) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

// dx of 16 inputs is a product with the outputs that see one of them.
GATUN_INLINE void run_kDenseInputGradient(const Job& job, int64_t task) {
    const gatun_dense& d = job.call.dense;
    const auto block = static_cast<int32_t>(task / job.tiles);
    const int32_t from = first_seeing(d, block * kLanes);
    const Terms terms{job.call.reads[0] + int64_t{from} * kLanes,
                      nullptr,
                      nullptr,
                      int64_t{d.outputs} * kLanes,
                      1,
                      d.outputs - from,
                      0,
                      d.inputs,
                      false};
    gatun_map dy = job.call.maps[0];
    dy.data += from;
    product_tile<kTilePositions, 1>(terms, dy, job.call.maps[1], job.positions, task % job.tiles * kTilePositions,
                                    block, job.call.accumulate != 0);
}

// ---- nade: an example's chain, its hidden sums and units in scratch

GATUN_INLINE void run_kNade(const Job& job, int64_t task) {
    const gatun_nade& n = job.call.nade;
    const gatun_map &x = job.call.maps[0], &logits = job.call.maps[1];
    const int64_t width = int64_t{job.blocks} * kLanes;
    float *a = job.scratch + task * job.step, *h = a + width;
    for (int64_t i = 0; i < 2 * width; i += kLanes) store(a + i, load(n.start + i));
    const float* value = x.data + task * x.stride_example;
    float* logit = logits.data + task * logits.stride_example;
    for (int64_t d = 0; d < n.positions; ++d) {
        const float y = n.output_bias[d] + dot(h, n.output + d * width, width);
        each_lane(1, [&](int) { logit[d * logits.stride_column] = y; });
        const float next = value[d * x.stride_column];
        if (next == 0.0f) continue;
        for (int64_t i = 0; i < width; i += kLanes) take_in(next, n.input + d * width + i, a + i, h + i);
    }
}

// Sixteen hidden units and a chunk of the examples. Scratch: the units at each position, then the gradients of their
// columns of W, rows of V and c, [positions][16] each.
GATUN_INLINE void run_kNadeGradient(const Job& job, int64_t task) {
    const gatun_nade& n = job.call.nade;
    const gatun_map &x = job.call.maps[0], &slopes = job.call.maps[1];
    const int64_t block = task % job.blocks, chunk = task / job.blocks;
    const int64_t width = int64_t{job.blocks} * kLanes, floats = int64_t{n.positions} * kLanes;
    float *units = job.scratch + task * job.step, *dw = units + floats, *dv = dw + floats;
    for (int64_t i = 0; i < 2 * floats; i += kLanes) store(dw + i, set(0.0f));
    Vec dc = set(0.0f);
    const int64_t end = chunk_start(job.positions, job.chunks, chunk + 1);
    for (int64_t example = chunk_start(job.positions, job.chunks, chunk); example < end; ++example) {
        const float* value = x.data + example * x.stride_example;
        const float* slope = slopes.data + example * slopes.stride_example;
        Vec a = load(n.start + block * kLanes), h = load(n.start + width + block * kLanes);
        for (int64_t d = 0; d < n.positions; ++d) {
            store(units + d * kLanes, h);
            const float next = value[d * x.stride_column];
            if (next == 0.0f) continue;
            a = fma(set(next), load(n.input + d * width + block * kLanes), a);
            h = sigmoid(a);
        }
        Vec da = set(0.0f);
        for (int64_t d = n.positions - 1; d >= 0; --d) {
            h = load(units + d * kLanes);
            const Vec by_logit = set(slope[d * slopes.stride_column]);
            store(dw + d * kLanes, fma(set(value[d * x.stride_column]), da, load(dw + d * kLanes)));
            store(dv + d * kLanes, fma(by_logit, h, load(dv + d * kLanes)));
            da = fma(by_logit * load(n.output + d * width + block * kLanes), h * (set(1.0f) - h), da);
        }
        dc = dc + da;
    }
    store(dv + floats, dc);
}

// What the chunks have of a position of the chain, its bias too, and of c in the last task.
GATUN_INLINE void run_kNadeGradientSum(const Job& job, int64_t task) {
    const gatun_nade& n = job.call.nade;
    const gatun_map& slopes = job.call.maps[1];
    float *w = job.call.writes[0], *c = job.call.writes[1], *v = job.call.writes[2], *b = job.call.writes[3];
    const int64_t floats = int64_t{n.positions} * kLanes;
    for (int32_t block = 0; block < job.blocks; ++block) {
        const Sixteen f(block, n.hidden);
        const auto total = [&](int64_t at) {
            Vec sum = set(0.0f);
            for (int32_t chunk = 0; chunk < job.chunks; ++chunk) {
                sum = sum + load(job.scratch + (int64_t{chunk} * job.blocks + block) * job.step + at);
            }
            return sum;
        };
        if (task == n.positions) {
            f.put(c, total(3 * floats), true);
            continue;
        }
        const int64_t at = n.order[task];
        // W's column is one float a row: from where the first chunk's part was.
        float* dw = job.scratch + block * job.step + floats + task * kLanes;
        store(dw, total(floats + task * kLanes));
        each_lane(f.live, [&](int i) { w[(f.at + i) * int64_t{n.positions} + at] += dw[i]; });
        f.put(v + at * n.hidden, total(2 * floats + task * kLanes), true);
    }
    if (task == n.positions) return;
    each_lane(1, [&](int) {
        for (int32_t example = 0; example < slopes.examples; ++example) {
            b[n.order[task]] += slopes.data[example * slopes.stride_example + task * slopes.stride_column];
        }
    });
}

}  // namespace gatun::GATUN_ISA_LEVEL
