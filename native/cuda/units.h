// Tasks of dense layers whose sums run along, and of NADE. Their slots have a depth of 1. W: as in products.h.
#pragma once

#include "cuda/block.h"
#include "cuda/maps.h"
#include "ops/nade/dot.h"

namespace gatun::GATUN_ISA_LEVEL {

GATUN_INLINE const int32_t* table_of(const Block& b, const gatun_step_operation& op) {
    return b.program.distances + op.first_distance;
}

// Sixteen sums of a chain of a stream, of those that an input feeds: outputs first .. end - 1, in whole vectors.
struct Sums {
    float* at;
    int32_t width;
    int32_t block;
    bool fed;

    GATUN_INLINE Sums(const Block& b, const gatun_step_operation& op, int32_t task, int32_t s, int32_t first)
        : at(b.row(op.output, 0, s) + task * kLanes),
          width(b.features(op.output) / 2),
          block(task * kLanes),
          fed(task >= first / kLanes && task * kLanes < op.outputs) {}

    template <class W>
    GATUN_INLINE void add(float x, const W* column, int64_t chain) const {
        float* sums = at + chain * width;
        store(sums, fma(set(x), load_weights(column + block), load(sums)));
    }
};

// Weights of the position, which lie so far behind the first one's.
template <class W>
GATUN_INLINE const W* of_position(const Block& b, const gpu::Part& part, int64_t behind) {
    return part.near >= 0 && b.run.each == nullptr ? reinterpret_cast<const W*>(b.near + part.near)
                                                   : reinterpret_cast<const W*>(part.op.weights) + behind;
}

template <class W>
GATUN_INLINE void run_push_value(const Block& b, const gpu::Part& part, int32_t task, int32_t s) {
    const gatun_step_operation& op = part.op;
    const int64_t position = b.position(s);
    const Sums sums(b, op, task, s, table_of(b, op)[position]);
    const float x = *b.row(op.input, 0, s);
    if (sums.fed && x != 0.0f) sums.add(x, of_position<W>(b, part, position * sums.width), position % 2);
}

template <class W>
GATUN_INLINE void run_push_level(const Block& b, const gpu::Part& part, int32_t task, int32_t s) {
    const gatun_step_operation& op = part.op;
    const int64_t position = b.position(s);
    const Sums sums(b, op, task, s, table_of(b, op)[position]);
    const int32_t level = *reinterpret_cast<const int32_t*>(b.row(op.input, 0, s));
    if (!sums.fed || level < 0) return;
    const int64_t first = position * op.argument;
    sums.add(1.0f, of_position<W>(b, part, first * sums.width) + int64_t{level} * sums.width, (first + level) & 1);
}

// The units that become known at a stream's position: begin .. end - 1, of which group.
struct Known {
    int64_t groups, group;
    int32_t begin = 0, end = 0;

    GATUN_INLINE Known(const Block& b, const gatun_step_operation& op, int32_t s)
        : groups((op.tap_count - 1) / 2), group(op.argument <= GATUN_SIGMOID ? b.position(s) + 1 : 0) {
        if (group >= groups) return;  // no output sees them
        begin = table_of(b, op)[group];
        end = table_of(b, op)[group + 1];
    }
};

// Units' values are computed by everyone who pushes them, sixteen at once: that takes less time than waiting for them.
template <class W>
GATUN_INLINE void run_push_units(const Block& b, const gpu::Part& part, int32_t task, int32_t s) {
    const gatun_step_operation& op = part.op;
    const Known units(b, op, s);
    if (units.group >= units.groups) return;
    const Sums sums(b, op, task, s, table_of(b, op)[units.groups + 1 + units.group]);
    if (!sums.fed) return;
    const float* below = b.row(op.input, 0, s);
    const int32_t odd = b.features(op.input) / 2;
    const W* column = of_position<W>(b, part, int64_t{units.begin} * sums.width);
    for (int32_t first = units.begin; first < units.end; first += kLanes) {
        const int n = units.end - first < kLanes ? units.end - first : kLanes;
        const Vec values =
            activated(op.argument % (GATUN_SIGMOID + 1), load(below + first, n) + load(below + odd + first, n));
        for (int i = 0; i < n; ++i, column += sums.width) {
            const float x = lane_of(values, i);
            if (x != 0.0f) sums.add(x, column, (first + i) % 2);
        }
    }
}

GATUN_INLINE void run_finish(const Block& b, const gatun_step_operation& op, const Features& f, int32_t s) {
    const float* even = b.row(op.input, 0, s) + b.position(s) * op.outputs;
    const Vec sum = f.get(even) + f.get(even + b.features(op.input) / 2);
    f.put(b, op.output, s, op.argument == 0 ? sum : f.get(b.row(op.output, 0, s)) + sum);
}

template <class W>
GATUN_INLINE void run_nade_read(const Block& b, const gpu::Part& part, int32_t s) {
    const gatun_step_operation& op = part.op;
    const int64_t position = b.position(s);
    const int64_t width = b.features(op.input) / 2;
    const float logit =
        op.bias[position] + dot(b.row(op.input, 0, s) + width, of_position<W>(b, part, position * width), width);
    *b.row(op.output, 0, s) = logit;
    if (float* ring = b.again(op.output, s)) *ring = logit;
}

template <class W>
GATUN_INLINE void run_nade_push(const Block& b, const gpu::Part& part, int32_t task, int32_t s) {
    const gatun_step_operation& op = part.op;
    const int64_t width = b.features(op.output) / 2;
    const float x = *b.row(op.input, 0, s);
    if (x == 0.0f) return;
    float* a = b.row(op.output, 0, s) + int64_t{task} * kLanes;
    take_in(x, of_position<W>(b, part, b.position(s) * width) + int64_t{task} * kLanes, a, a + width);
}

}  // namespace gatun::GATUN_ISA_LEVEL
