// Optimisers' steps and the sums of training: a task is some floats of the vectors.
#pragma once

#include "cuda/pass/places.h"
#include "ops/optimizer/ranges.h"

namespace gatun::GATUN_ISA_LEVEL {

// What a task has of vectors that are `count` long.
struct Stretch {
    int64_t first, count;

    GATUN_INLINE Stretch(const Job& job, int64_t task, int64_t size)
        : first(task * size), count(job.call.count - first < size ? job.call.count - first : size) {}
};

GATUN_INLINE void run_kOptimizer(const Job& job, int64_t task) {
    const Stretch part(job, task, gpu::kRangeFloats);
    const auto at = [&](float* vector) { return vector == nullptr ? nullptr : vector + part.first; };
    float *p = at(job.call.writes[0]), *first = at(job.call.writes[1]), *second = at(job.call.writes[2]);
    const float* g = job.call.reads[0] + part.first;
    switch (job.call.optimizer.kind) {
        case GATUN_SGD:
            return sgd(job.factors, part.count, p, g, first);
        case GATUN_RMSPROP:
            return rmsprop(job.factors, part.count, p, g, first, second);
        case GATUN_ADAM:
            return adam(job.factors, part.count, p, g, first, second);
        default:
            return adamax(job.factors, part.count, p, g, first, second);
    }
}

GATUN_INLINE void run_kScale(const Job& job, int64_t task) {
    const Stretch part(job, task, gpu::kRangeFloats);
    scale_range(part.count, job.call.scale, job.call.writes[0] + part.first);
}

GATUN_INLINE void run_kAverage(const Job& job, int64_t task) {
    const Stretch part(job, task, gpu::kRangeFloats);
    average_range(part.count, job.call.scale, job.call.reads[0] + part.first, job.call.writes[0] + part.first);
}

// In the order of ops/optimizer: a block's lanes, then a tree over these.
GATUN_INLINE void run_kSquares(const Job& job, int64_t task) {
    const Stretch part(job, task, kSumBlock);
    const float* values = job.call.reads[0] + part.first;
    auto* sums = reinterpret_cast<double*>(job.scratch);
    double* own = sums + job.positions + task * kLanes;
    each_lane(kLanes, [&](int i) {
        double sum = 0;
        for (int64_t k = i; k < part.count; k += kLanes) {
            const auto x = static_cast<double>(values[k]);
            sum += x * x;
        }
        own[i] = sum;
    });
    together();
    each_lane(1, [&](int) {
        for (int half = kLanes / 2; half >= 1; half /= 2) {
            for (int i = 0; i < half; ++i) own[i] += own[i + half];
        }
        sums[task] = own[0];
    });
}

GATUN_INLINE void run_kSquaresSum(const Job& job, int64_t) {
    each_lane(1, [&](int) {
        const auto* sums = reinterpret_cast<const double*>(job.scratch);
        double total = 0;
        GATUN_UNROLL_BY(16)
        for (int64_t block = 0; block < job.positions; ++block) total += sums[block];
        *reinterpret_cast<double*>(job.call.writes[0]) = total;
    });
}

}  // namespace gatun::GATUN_ISA_LEVEL
