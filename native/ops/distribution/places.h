// Log-probabilities and draws of some places, one after the other. Where the lanes of vectors are threads, all of them
// run this with the same numbers, and `scratch` is theirs together.
#pragma once

#include "gatun.h"
#include "ops/distribution/choose.h"
#include "ops/distribution/mixture.h"
#include "ops/distribution/pixel.h"
#include "simd/philox.h"

namespace gatun::GATUN_ISA_LEVEL {

inline constexpr float kHalfLogTwoPi = 0.91893853320467274178f;

// Places are taken in groups of up to 16, so that what is one number a place goes through vectors.
struct Group {
    int64_t first;
    int n;
};

template <class Body>
GATUN_INLINE void each_group(int64_t count, Body body) {
    for (int64_t i = 0; i < count; i += kLanes) {
        body(Group{i, static_cast<int>(count - i < kLanes ? count - i : kLanes)});
    }
}

// A stride that compilers know.
struct Neighbours {
    constexpr operator int64_t() const { return 1; }
};

// body(the three strides): known ones where all are 1, so that a loop over groups has neither choices nor calls.
template <class Body>
GATUN_INLINE void each_neighbour(int64_t a, int64_t b, int64_t c, Body body) {
#if !defined(__CUDACC__)
    if (a == 1 && b == 1 && c == 1) return body(Neighbours{}, Neighbours{}, Neighbours{});
#endif
    body(a, b, c);
}

// One number of each place of a group, zeros behind the last.
template <class T>
GATUN_INLINE Vec gather(const T* p, int64_t stride, Group g) {
#if !defined(__CUDACC__)
    // Without a stride that is one conversion of all, which compilers see where the numbers are a copy.
    if (stride == 1 && g.n == kLanes) {
        T all[kLanes];
        std::memcpy(all, p + g.first, sizeof all);
        return of_lanes(kLanes, [&](int i) { return static_cast<float>(all[i]); });
    }
#endif
    return of_lanes(g.n, [&](int i) { return static_cast<float>(p[(g.first + i) * stride]); });
}

// Lane i to the i-th place of a group.
GATUN_INLINE void scatter(Vec a, float* p, int64_t stride, Group g) { scatter(a, p + g.first * stride, stride, g.n); }

GATUN_INLINE float uniform_of(const gatun_noise& noise, uint64_t sample, int64_t position, uint32_t k) {
    return uniform(noise.seed, noise.first_sample + sample, position, k);
}

// ---- bernoulli

// The logit of the value that is there.
GATUN_INLINE Vec signed_logit(const float* outputs, int64_t stride, const int32_t* levels, int64_t stride_values,
                              Group g) {
    const Vec logit = gather(outputs, stride, g);
    return select(set(0.5f) < gather(levels, stride_values, g), logit, negate(logit));
}

GATUN_INLINE void bernoulli_log_prob(const float* outputs, int64_t stride, const int32_t* levels, int64_t stride_values,
                                     Group g, float* log_prob, int64_t stride_log_prob) {
    scatter(log_sigmoid(signed_logit(outputs, stride, levels, stride_values, g)), log_prob, stride_log_prob, g);
}

GATUN_INLINE void bernoulli_draw(const gatun_noise& noise, uint64_t first, int64_t position, const float* outputs,
                                 int64_t stride, Group g, int32_t* levels, int64_t stride_values) {
    const Vec logit = gather(outputs, stride, g);
    uint32_t ones = 0;
    if (noise.mode != 0) {
        ones = lanes(set(0.0f) < logit);
    } else {
        const Vec u = of_lanes(
            g.n, [&](int i) { return uniform_of(noise, first + static_cast<uint64_t>(g.first + i), position, 0); });
        ones = lanes(u < sigmoid(logit / set(noise.temperature)));
    }
    for (int i = 0; i < g.n; ++i) levels[(g.first + i) * stride_values] = static_cast<int32_t>(ones >> i & 1u);
}

// ---- gaussian

struct Deviation {
    Vec z, sigma, log_sigma;
};

GATUN_INLINE Deviation deviation(const float* outputs, int64_t stride, const float* reals, int64_t stride_values,
                                 Group g) {
    Deviation a;
    a.log_sigma = gather(outputs + 1, stride, g);
    a.sigma = exp(a.log_sigma);
    a.z = (gather(reals, stride_values, g) - gather(outputs, stride, g)) / a.sigma;
    return a;
}

GATUN_INLINE void gaussian_log_prob(const float* outputs, int64_t stride, const float* reals, int64_t stride_values,
                                    Group g, float* log_prob, int64_t stride_log_prob) {
    const Deviation a = deviation(outputs, stride, reals, stride_values, g);
    const Vec result = fma(set(-0.5f) * a.z, a.z, negate(a.log_sigma)) - set(kHalfLogTwoPi);
    scatter(result, log_prob, stride_log_prob, g);
}

GATUN_INLINE void gaussian_draw(const gatun_noise& noise, uint64_t first, int64_t position, const float* outputs,
                                int64_t stride, Group g, float* reals, int64_t stride_values) {
    Vec result = gather(outputs, stride, g);
    if (noise.mode == 0) {
        const Vec z = of_lanes(g.n, [&](int i) {
            const float u = uniform_of(noise, first + static_cast<uint64_t>(g.first + i), position, 0);
            return static_cast<float>(ndtri(static_cast<double>(u)));
        });
        result = fma(set(noise.temperature) * exp(gather(outputs + 1, stride, g)), z, result);
    }
    scatter(result, reals, stride_values, g);
}

// ---- categorical

GATUN_INLINE void categorical_log_prob(int64_t count, const float* outputs, int64_t stride, const int32_t* levels,
                                       int64_t stride_values, Group g, float* log_prob, int64_t stride_log_prob,
                                       float* scratch) {
    float above[kLanes] = {};  // the value's logit above the largest
    float totals[kLanes];
    store(totals, set(1.0f));
    for (int i = 0; i < g.n; ++i) {
        const float* l = outputs + (g.first + i) * stride;
        const float top = largest(l, count);
        totals[i] = exponentials(l, count, top, 1.0f, scratch, nullptr);
        above[i] = l[levels[(g.first + i) * stride_values]] - top;
    }
    scatter(load(above) - log(load(totals)), log_prob, stride_log_prob, g);
}

GATUN_INLINE int32_t categorical_draw(int64_t count, const gatun_noise& noise, uint64_t sample, int64_t position,
                                      const float* l, float* scratch) {
    if (noise.mode != 0) return static_cast<int32_t>(first_largest(l, count));
    const float u = uniform_of(noise, sample, position, 0);
    return static_cast<int32_t>(choose(l, count, noise.temperature, u, scratch));
}

// ---- mixture

// ln p = ln sum_k e^(logit + mass) - ln sum_k e^logit, as maxima and totals of the two sums.
struct MixtureSums {
    float prior_top, prior_total, joint_top, joint_total;
};

// scratch: whole blocks of `components`, twice: exponentials of logit - prior_top, of logit + mass - joint_top.
// slopes(k, n, logistic, mass, log-scales) is called for every block of components.
template <class Slope>
GATUN_INLINE MixtureSums mixture_sums(int64_t components, const Bin& bin, const float* outputs, float* scratch,
                                      Slope slopes) {
    float* joint = scratch + blocks_of(components) * kLanes;
    for (int64_t k = 0; k < components; k += kLanes) {
        const Vec log_scale = block(outputs + 2 * components, k, components, 0.0f);
        const Logistic a = logistic_of(bin, block(outputs + components, k, components, 0.0f), log_scale);
        const Mass mass = log_mass(bin, a);
        store(joint + k, block(outputs, k, components, -kInfinity) + mass.log);
        slopes(k, a, mass.enough, log_scale);
    }
    MixtureSums s;
    s.prior_top = largest(outputs, components);
    s.prior_total = exponentials(outputs, components, s.prior_top, 1.0f, scratch, nullptr);
    s.joint_top = largest(joint, components);
    s.joint_total = exponentials(joint, components, s.joint_top, 1.0f, joint, nullptr);
    return s;
}

GATUN_INLINE void mixture_log_prob(const gatun_distribution& d, const float* outputs, int64_t stride,
                                   const int32_t* levels, int64_t stride_values, Group g, float* log_prob,
                                   int64_t stride_log_prob, float* scratch) {
    float tops[kLanes] = {};
    float prior[kLanes];
    float joint[kLanes];
    store(prior, set(1.0f));
    store(joint, set(1.0f));
    for (int i = 0; i < g.n; ++i) {
        const Bin bin = bin_of(levels[(g.first + i) * stride_values], d.levels);
        const MixtureSums s = mixture_sums(d.components, bin, outputs + (g.first + i) * stride, scratch,
                                           [](int64_t, const Logistic&, Mask, Vec) {});
        tops[i] = s.joint_top - s.prior_top;
        prior[i] = s.prior_total;
        joint[i] = s.joint_total;
    }
    scatter(load(tops) + (log(load(joint)) - log(load(prior))), log_prob, stride_log_prob, g);
}

// The component that a sample draws at a position.
GATUN_INLINE int64_t component_of(const gatun_distribution& d, const gatun_noise& noise, uint64_t sample,
                                  int64_t position, const float* logits, float* scratch) {
    if (noise.mode != 0) return first_largest(logits, d.components);
    return choose(logits, d.components, noise.temperature, uniform_of(noise, sample, position, 0), scratch);
}

// The nearest level to a draw from a logistic.
GATUN_INLINE int32_t logistic_draw(const gatun_distribution& d, const gatun_noise& noise, uint64_t sample,
                                   int64_t position, double mean, float log_scale) {
    double value = mean;
    if (noise.mode == 0) {
        const float width = noise.temperature * exp(log_scale < kLeastLogScale ? kLeastLogScale : log_scale);
        const double u = static_cast<double>(uniform_of(noise, sample, position, 1));
        value += static_cast<double>(width) * (log_double(u) - log_double(1.0 - u));
    }
    value = value > -1.0 ? value : -1.0;
    value = value < 1.0 ? value : 1.0;
    return static_cast<int32_t>(((value + 1.0) * (d.levels - 1) + 1.0) / 2.0);
}

GATUN_INLINE int32_t mixture_draw(const gatun_distribution& d, const gatun_noise& noise, uint64_t sample,
                                  int64_t position, const float* outputs, float* scratch) {
    const int64_t k = component_of(d, noise, sample, position, outputs, scratch);
    const float* mean = outputs + d.components + k;
    return logistic_draw(d, noise, sample, position, static_cast<double>(*mean), mean[d.components]);
}

// A pixel's channels are drawn one after the other, all by the component that its first position draws.
GATUN_INLINE int32_t pixel_draw(const gatun_distribution& d, const gatun_noise& noise, uint64_t sample,
                                int64_t position, const float* outputs, const int32_t* level, float* scratch) {
    const PixelOutputs o{outputs, d.components};
    const int channel = static_cast<int>(position % kChannels);
    const int64_t k = component_of(d, noise, sample, position - channel, outputs, scratch);
    return logistic_draw(d, noise, sample, position, drawn_mean(o, k, channel, level, d.levels),
                         o.log_scales(channel)[k]);
}

// ---- any of them

GATUN_INLINE void log_prob(const gatun_distribution& d, const float* outputs, int64_t stride_outputs,
                           const int32_t* levels, const float* reals, int64_t stride_values, int64_t count,
                           float* result, int64_t stride_result, float* scratch) {
    if (d.type == GATUN_BERNOULLI) {
        return each_neighbour(stride_outputs, stride_values, stride_result, [&](auto at, auto value, auto to) {
            each_group(count, [&](Group g) { bernoulli_log_prob(outputs, at, levels, value, g, result, to); });
        });
    }
    each_group(count, [&](Group g) {
        if (d.type == GATUN_CATEGORICAL) {
            categorical_log_prob(d.levels, outputs, stride_outputs, levels, stride_values, g, result, stride_result,
                                 scratch);
        } else if (d.type == GATUN_GAUSSIAN) {
            gaussian_log_prob(outputs, stride_outputs, reals, stride_values, g, result, stride_result);
        } else if (d.channels == kChannels) {
            pixel_log_prob(d, outputs + g.first * stride_outputs, stride_outputs, levels + g.first * stride_values,
                           stride_values, g.n, result + g.first * stride_result, stride_result, scratch);
        } else {
            mixture_log_prob(d, outputs, stride_outputs, levels, stride_values, g, result, stride_result, scratch);
        }
    });
}

GATUN_INLINE void draw(const gatun_distribution& d, const gatun_noise& noise, uint64_t first, int64_t position,
                       const float* outputs, int64_t stride_outputs, int32_t* levels, float* reals,
                       int64_t stride_values, int64_t count, float* scratch) {
    if (d.type == GATUN_BERNOULLI || d.type == GATUN_GAUSSIAN) {
        each_group(count, [&](Group g) {
            if (d.type == GATUN_BERNOULLI) {
                bernoulli_draw(noise, first, position, outputs, stride_outputs, g, levels, stride_values);
            } else {
                gaussian_draw(noise, first, position, outputs, stride_outputs, g, reals, stride_values);
            }
        });
        return;
    }
    for (int64_t i = 0; i < count; ++i) {
        const float* place = outputs + i * stride_outputs;
        const uint64_t sample = first + static_cast<uint64_t>(i);
        int32_t* level = levels + i * stride_values;
        *level = d.type == GATUN_CATEGORICAL ? categorical_draw(d.levels, noise, sample, position, place, scratch)
                 : d.channels == kChannels   ? pixel_draw(d, noise, sample, position, place, level, scratch)
                                             : mixture_draw(d, noise, sample, position, place, scratch);
    }
}

}  // namespace gatun::GATUN_ISA_LEVEL
