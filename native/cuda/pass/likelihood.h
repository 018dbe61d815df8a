// Log-probabilities of data and their gradients: a task takes groups of sixteen places of an example, one after the
// other, in scratch of its own.
#pragma once

#include "cuda/pass/places.h"
#include "ops/distribution/gradients.h"

namespace gatun::GATUN_ISA_LEVEL {

// body(example, first place, places, value) for a task's groups, value: where the first place's data lie.
template <class Body>
GATUN_INLINE void each_group_of(const Job& job, int64_t task, Body&& body) {
    const gatun_map& outputs = job.call.maps[0];
    const int64_t channels = job.call.distribution.channels == kChannels ? kChannels : 1;
    const int64_t groups = (outputs.columns + kLanes - 1) / kLanes;
    for (int64_t i = task; i < groups * outputs.examples; i += job.tasks) {
        const int64_t example = i / groups, first = i % groups * kLanes, left = outputs.columns - first;
        body(example, first, left < kLanes ? left : kLanes,
             example * job.call.values.stride_example + first * channels);
    }
}

template <class T>
GATUN_INLINE T* moved_by(T* p, int64_t by) {
    return p == nullptr ? nullptr : p + by;
}

GATUN_INLINE void run_kLogProb(const Job& job, int64_t task) {
    const gatun_map& outputs = job.call.maps[0];
    const gatun_values& v = job.call.values;
    const int64_t channels = job.call.distribution.channels == kChannels ? kChannels : 1;
    each_group_of(job, task, [&](int64_t example, int64_t first, int64_t count, int64_t value) {
        log_prob(job.call.distribution, outputs.data + example * outputs.stride_example + first * outputs.stride_column,
                 outputs.stride_column, moved_by(v.levels, value), moved_by(v.reals, value), channels, count,
                 job.call.writes[0] + example * job.call.count + first * channels, channels,
                 job.scratch + task * job.step);
    });
}

GATUN_INLINE void run_kLogProbGradient(const Job& job, int64_t task) {
    const gatun_map &outputs = job.call.maps[0], &to = job.call.maps[1];
    const gatun_values& v = job.call.values;
    const int64_t channels = job.call.distribution.channels == kChannels ? kChannels : 1;
    each_group_of(job, task, [&](int64_t example, int64_t first, int64_t count, int64_t value) {
        gradient(job.call.distribution, outputs.data + example * outputs.stride_example + first * outputs.stride_column,
                 outputs.stride_column, moved_by(v.levels, value), moved_by(v.reals, value), channels, count,
                 job.call.scale, to.data + example * to.stride_example + first * to.stride_column, to.stride_column,
                 job.scratch + task * job.step);
    });
}

}  // namespace gatun::GATUN_ISA_LEVEL
