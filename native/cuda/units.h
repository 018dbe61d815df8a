// Tasks of dense layers whose sums run along, and of NADE. Their slots have a depth of 1.
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

    GATUN_INLINE void add(float x, const float* column, int64_t chain) const {
        float* sums = at + chain * width;
        store(sums, fma(set(x), load(column + block), load(sums)));
    }
};

GATUN_INLINE void run_push_value(const Block& b, const gatun_step_operation& op, int32_t task, int32_t s) {
    const int64_t position = b.position(s);
    const Sums sums(b, op, task, s, table_of(b, op)[position]);
    const float x = *b.row(op.input, 0, s);
    if (sums.fed && x != 0.0f) sums.add(x, op.weights + position * sums.width, position % 2);
}

GATUN_INLINE void run_push_level(const Block& b, const gatun_step_operation& op, int32_t task, int32_t s) {
    const int64_t position = b.position(s);
    const Sums sums(b, op, task, s, table_of(b, op)[position]);
    const int32_t level = *reinterpret_cast<const int32_t*>(b.row(op.input, 0, s));
    if (!sums.fed || level < 0) return;
    const int64_t input = position * op.argument + level;
    sums.add(1.0f, op.weights + input * sums.width, input & 1);
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

GATUN_INLINE void run_unit_values(const Block& b, const gatun_step_operation& op, int32_t scratch, int32_t task,
                                  int32_t s) {
    const Known units(b, op, s);
    if (task * kLanes >= units.end - units.begin) return;
    const Features f(task, units.end - units.begin);
    const float* sums = b.row(op.input, 0, s) + units.begin;
    const Vec x = f.get(sums) + f.get(sums + b.features(op.input) / 2);
    f.put(b.row(scratch, 0, s), activated(op.argument % (GATUN_SIGMOID + 1), x));
}

GATUN_INLINE void run_push_units(const Block& b, const gatun_step_operation& op, int32_t scratch, int32_t task,
                                 int32_t s) {
    const Known units(b, op, s);
    if (units.group >= units.groups) return;
    const Sums sums(b, op, task, s, table_of(b, op)[units.groups + 1 + units.group]);
    if (!sums.fed) return;
    const float* values = b.row(scratch, 0, s);
    for (int32_t unit = units.begin; unit < units.end; ++unit) {
        const float x = values[unit - units.begin];
        if (x != 0.0f) sums.add(x, op.weights + int64_t{unit} * sums.width, unit % 2);
    }
}

GATUN_INLINE void run_finish(const Block& b, const gatun_step_operation& op, const Features& f, int32_t s) {
    const float* even = b.row(op.input, 0, s) + b.position(s) * op.outputs;
    const Vec sum = f.get(even) + f.get(even + b.features(op.input) / 2);
    f.put(b, op.output, s, op.argument == 0 ? sum : f.get(b.row(op.output, 0, s)) + sum);
}

GATUN_INLINE void run_nade_read(const Block& b, const gatun_step_operation& op, int32_t s) {
    const int64_t position = b.position(s);
    const int64_t width = b.features(op.input) / 2;
    const float logit = op.bias[position] + dot(b.row(op.input, 0, s) + width, op.weights + position * width, width);
    *b.row(op.output, 0, s) = logit;
    if (float* ring = b.again(op.output, s)) *ring = logit;
}

GATUN_INLINE void run_nade_push(const Block& b, const gatun_step_operation& op, int32_t task, int32_t s) {
    const int64_t width = b.features(op.output) / 2;
    const float x = *b.row(op.input, 0, s);
    if (x == 0.0f) return;
    float* a = b.row(op.output, 0, s) + int64_t{task} * kLanes;
    take_in(x, op.weights + b.position(s) * width + int64_t{task} * kLanes, a, a + width);
}

}  // namespace gatun::GATUN_ISA_LEVEL
