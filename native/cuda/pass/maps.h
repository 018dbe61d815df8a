// What goes feature by feature: a task is a position.
#pragma once

#include "cuda/pass/places.h"
#include "ops/activation/functions.h"
#include "ops/concat_elu/functions.h"
#include "ops/dropout/draws.h"
#include "ops/gate/functions.h"

namespace gatun::GATUN_ISA_LEVEL {

GATUN_INLINE Vec activation_slope(int32_t kind, Vec y) {
    switch (kind) {
        case GATUN_RELU:
            return Relu::slope(y);
        case GATUN_LEAKY_RELU:
            return LeakyRelu::slope(y);
        case GATUN_TANH:
            return Tanh::slope(y);
        case GATUN_ELU:
            return Elu::slope(y);
        default:
            return Sigmoid::slope(y);
    }
}

// A position of the maps of a job, which have the same grid.
struct Rows {
    const gatun_call& call;
    Spot spot;

    GATUN_INLINE Rows(const Job& job, int map, int64_t task)
        : call(job.call), spot(spot_of(job.call.maps[map], task)) {}
    GATUN_INLINE float* operator[](int map) const { return place(call.maps[map], spot); }
    GATUN_INLINE bool accumulate() const { return call.accumulate != 0; }
};

GATUN_INLINE void run_kActivation(const Job& job, int64_t task) {
    const Rows at(job, 0, task);
    each_sixteen(job.call.maps[0].features,
                 [&](const Sixteen& f) { f.put(at[1], activated(job.call.argument, f.get(at[0]))); });
}

GATUN_INLINE void run_kActivationGradient(const Job& job, int64_t task) {
    const Rows at(job, 0, task);
    each_sixteen(job.call.maps[0].features, [&](const Sixteen& f) {
        f.put(at[2], activation_slope(job.call.argument, f.get(at[0])) * f.get(at[1]), at.accumulate());
    });
}

GATUN_INLINE void run_kCopy(const Job& job, int64_t task) {
    const Rows at(job, 0, task);
    each_sixteen(job.call.maps[0].features, [&](const Sixteen& f) { f.put(at[1], f.get(at[0]), at.accumulate()); });
}

GATUN_INLINE void run_kGate(const Job& job, int64_t task) {
    const Rows at(job, 0, task);
    const int32_t half = job.call.maps[1].features;
    each_sixteen(half, [&](const Sixteen& f) { f.put(at[1], gate(f.get(at[0]), f.get(at[0] + half))); });
}

GATUN_INLINE void run_kGateGradient(const Job& job, int64_t task) {
    const Rows at(job, 0, task);
    const int32_t half = job.call.maps[1].features;
    each_sixteen(half, [&](const Sixteen& f) {
        const Slopes2 d = gate_slopes(f.get(at[0]), f.get(at[0] + half), f.get(at[1]));
        f.put(at[2], d.first, at.accumulate());
        f.put(at[2] + half, d.second, at.accumulate());
    });
}

GATUN_INLINE void run_kLinearGate(const Job& job, int64_t task) {
    const Rows at(job, 0, task);
    const int32_t half = job.call.maps[1].features;
    each_sixteen(half, [&](const Sixteen& f) { f.put(at[1], linear_gate(f.get(at[0]), f.get(at[0] + half))); });
}

GATUN_INLINE void run_kLinearGateGradient(const Job& job, int64_t task) {
    const Rows at(job, 0, task);
    const int32_t half = job.call.maps[1].features;
    each_sixteen(half, [&](const Sixteen& f) {
        const Slopes2 d = linear_gate_slopes(f.get(at[0]), f.get(at[0] + half), f.get(at[1]));
        f.put(at[2], d.first, at.accumulate());
        f.put(at[2] + half, d.second, at.accumulate());
    });
}

GATUN_INLINE void run_kConcatElu(const Job& job, int64_t task) {
    const Rows at(job, 0, task);
    const int32_t half = job.call.maps[0].features;
    each_sixteen(half, [&](const Sixteen& f) {
        const BothElus y = both_elus(f.get(at[0]));
        f.put(at[1], y.of_x);
        f.put(at[1] + half, y.of_minus_x);
    });
}

GATUN_INLINE void run_kConcatEluGradient(const Job& job, int64_t task) {
    const Rows at(job, 0, task);
    const int32_t half = job.call.maps[2].features;
    each_sixteen(half, [&](const Sixteen& f) {
        const Vec first = f.get(at[1]) * elu_slope(f.get(at[0]));
        const Vec second = f.get(at[1] + half) * elu_slope(f.get(at[0] + half));
        f.put(at[2], first - second, at.accumulate());
    });
}

GATUN_INLINE void run_kSum(const Job& job, int64_t task) {
    const Rows at(job, 1, task);
    const int32_t repeat = job.call.argument;
    const float* x = place(job.call.maps[0], {at.spot.example, at.spot.row / repeat, at.spot.column / repeat});
    const Vec scale = set(job.call.scale);
    each_sixteen(job.call.maps[1].features, [&](const Sixteen& f) {
        f.put(at[1], scale * (at.accumulate() ? f.get(at[1]) + f.get(x) : f.get(x)));
    });
}

// What one value of x stands for, row by row.
GATUN_INLINE void add_up(const Job& job, const Spot& s, const Sixteen& f, float* to) {
    const gatun_map& dy = job.call.maps[0];
    const int32_t repeat = job.call.argument;
    const Vec scale = set(job.call.scale);
    const int32_t bottom = (s.row + 1) * repeat < dy.rows ? (s.row + 1) * repeat : dy.rows;
    const int32_t end = (s.column + 1) * repeat < dy.columns ? (s.column + 1) * repeat : dy.columns;
    Vec total = job.call.accumulate != 0 ? f.get(to) : set(0.0f);
    for (int32_t row = s.row * repeat; row < bottom; ++row) {
        for (int32_t column = s.column * repeat; column < end; ++column) {
            total = total + scale * f.get(place(dy, {s.example, row, column}));
        }
    }
    f.put(to, total);
}

GATUN_INLINE void run_kSumGradient(const Job& job, int64_t task) {
    const Rows at(job, 1, task);
    const bool plain = job.call.argument == 1 && (job.call.scale == 1 || job.call.accumulate == 0);
    const Vec scale = set(job.call.scale);
    each_sixteen(job.call.maps[1].features, [&](const Sixteen& f) {
        if (!plain) return add_up(job, at.spot, f, at[1]);
        const Vec d = f.get(at[0]);
        f.put(at[1], scale * (at.accumulate() ? f.get(at[1]) + d : d));
    });
}

GATUN_INLINE void run_kBroadcast(const Job& job, int64_t task) {
    const Rows at(job, 1, task);
    each_sixteen(job.call.maps[1].features, [&](const Sixteen& f) { f.put(at[1], f.get(job.call.reads[0])); });
}

GATUN_INLINE void run_kScaleExamples(const Job& job, int64_t task) {
    const Rows at(job, 1, task);
    const Vec factor = set(job.call.reads[0][at.spot.example]);
    each_sixteen(job.call.maps[1].features, [&](const Sixteen& f) { f.put(at[1], f.get(at[1]) * factor); });
}

GATUN_INLINE void run_kDropout(const Job& job, int64_t task) {
    const Rows at(job, 1, task);
    const auto& draws = *reinterpret_cast<const gatun_dropout*>(job.call.reads[0]);
    const int32_t features = job.call.maps[1].features;
    const uint64_t word = first_word(draws, task, features);
    const float* from = at[0];
    float* to = at[1];
    each_sixteen(features, [&](const Sixteen& f) {
        each_lane(f.live, [&](int i) {
            const float value = dropped(draws, word, f.at + i, from[f.at + i]);
            to[f.at + i] = at.accumulate() ? to[f.at + i] + value : value;
        });
    });
}

GATUN_INLINE void run_kEncode(const Job& job, int64_t task) {
    const Rows at(job, 1, task);
    const int32_t* from = place(job.call.levels, at.spot);
    float* to = at[1];
    each_sixteen(job.call.maps[1].features, [&](const Sixteen& f) {
        each_lane(f.live, [&](int i) { to[f.at + i] = job.call.reads[0][from[f.at + i]]; });
    });
}

GATUN_INLINE void run_kClear(const Job& job, int64_t task) {
    float* to = job.call.writes[0] + task * gpu::kClearFloats;
    const int64_t left = job.call.count - task * gpu::kClearFloats;
    each_sixteen(static_cast<int32_t>(left < gpu::kClearFloats ? left : gpu::kClearFloats),
                 [&](const Sixteen& f) { f.put(to, set(0.0f)); });
}

}  // namespace gatun::GATUN_ISA_LEVEL
