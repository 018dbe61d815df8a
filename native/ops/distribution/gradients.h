// Gradients of log-probabilities, of some places one after the other; as in places.h where lanes are threads.
#pragma once

#include "ops/distribution/places.h"

namespace gatun::GATUN_ISA_LEVEL {

GATUN_INLINE void bernoulli_gradient(const float* outputs, int64_t stride, const int32_t* levels, int64_t stride_values,
                                     Group g, float scale, float* gradient, int64_t stride_gradient) {
    const Vec logit = gather(outputs, stride, g);
    const Mask one = set(0.5f) < gather(levels, stride_values, g);
    const Vec rest = sigmoid(select(one, negate(logit), logit));  // the probability of the other value
    scatter(select(one, negate(rest), rest) * set(scale), gradient, stride_gradient, g);
}

GATUN_INLINE void gaussian_gradient(const float* outputs, int64_t stride, const float* reals, int64_t stride_values,
                                    Group g, float scale, float* gradient, int64_t stride_gradient) {
    const Deviation a = deviation(outputs, stride, reals, stride_values, g);
    scatter(negate(a.z / a.sigma) * set(scale), gradient, stride_gradient, g);
    scatter(fma(negate(a.z), a.z, set(1.0f)) * set(scale), gradient + 1, stride_gradient, g);
}

GATUN_INLINE void categorical_gradient(int64_t count, const float* l, int32_t level, float scale, float* gradient,
                                       float* scratch) {
    const float total = exponentials(l, count, largest(l, count), 1.0f, scratch, nullptr);
    const Vec factor = set(scale / total);
    for (int64_t i = 0; i < count; i += kLanes) {
        const Vec p = load(scratch + i) * factor;
        store(gradient + i, p, static_cast<int>(count - i < kLanes ? count - i : kLanes));
    }
    together();
    each_lane(1, [&](int) { gradient[level] -= scale; });
}

GATUN_INLINE void mixture_gradient(const gatun_distribution& d, const float* outputs, int32_t level, float scale,
                                   float* gradient, float* scratch) {
    const int64_t components = d.components;
    const int64_t padded = blocks_of(components) * kLanes;
    const Bin bin = bin_of(level, d.levels);
    const float* joint = scratch + padded;
    float* by_mean = scratch + 2 * padded;
    float* by_log_scale = scratch + 3 * padded;
    const MixtureSums s =
        mixture_sums(components, bin, outputs, scratch, [&](int64_t k, const Logistic& a, Mask enough, Vec log_scale) {
            const Slopes slopes = slopes_of(bin, a, enough, log_scale);
            store(by_mean + k, slopes.mean);
            store(by_log_scale + k, slopes.log_scale);
        });
    const Vec prior_factor = set(scale / s.prior_total);
    const Vec joint_factor = set(scale / s.joint_total);
    for (int64_t k = 0; k < components; k += kLanes) {
        const int n = static_cast<int>(components - k < kLanes ? components - k : kLanes);
        const Vec share = load(joint + k) * joint_factor;  // scale * the component's part in the value
        store(gradient + k, load(scratch + k) * prior_factor - share, n);
        store(gradient + components + k, negate(share * load(by_mean + k)), n);
        store(gradient + 2 * components + k, negate(share * load(by_log_scale + k)), n);
    }
}

GATUN_INLINE void gradient(const gatun_distribution& d, const float* outputs, int64_t stride_outputs,
                           const int32_t* levels, const float* reals, int64_t stride_values, int64_t count, float scale,
                           float* result, int64_t stride_result, float* scratch) {
    if (d.type == GATUN_BERNOULLI) {
        return each_neighbour(stride_outputs, stride_values, stride_result, [&](auto at, auto value, auto to) {
            each_group(count, [&](Group g) { bernoulli_gradient(outputs, at, levels, value, g, scale, result, to); });
        });
    }
    if (d.type == GATUN_GAUSSIAN) {
        return each_group(count, [&](Group g) {
            gaussian_gradient(outputs, stride_outputs, reals, stride_values, g, scale, result, stride_result);
        });
    }
    for (int64_t i = 0; i < count; ++i) {
        const float* place = outputs + i * stride_outputs;
        const int32_t* level = levels + i * stride_values;
        float* to = result + i * stride_result;
        if (d.type == GATUN_CATEGORICAL) {
            categorical_gradient(d.levels, place, *level, scale, to, scratch);
        } else if (d.channels == kChannels) {
            pixel_gradient(d, place, level, scale, to, scratch);
        } else {
            mixture_gradient(d, place, *level, scale, to, scratch);
        }
    }
}

}  // namespace gatun::GATUN_ISA_LEVEL
