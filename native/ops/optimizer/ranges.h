// One step of each optimiser over a range, sixteen parameters at a time. The operations and their order are those of
// torch.optim's single-tensor path on a CPU (2.13), fused multiply-adds where that has them, so the bits mostly agree.
#pragma once

#include "ops/optimizer/factors.h"
#include "simd/vec.h"

namespace gatun::GATUN_ISA_LEVEL {

// Calls body(offset, whole) for every sixteen floats, and body(offset, tail) for what is left.
struct Whole {
    GATUN_INLINE static Vec get(const float* p) { return load(p); }
    GATUN_INLINE static void put(float* p, Vec a) { store(p, a); }
};
struct Tail {
    int n;
    GATUN_INLINE Vec get(const float* p) const { return load(p, n); }
    GATUN_INLINE void put(float* p, Vec a) const { store(p, a, n); }
};

template <class Body>
GATUN_INLINE void each(int64_t count, Body body) {
    int64_t i = 0;
    for (; i + kLanes <= count; i += kLanes) body(i, Whole{});
    if (i < count) body(i, Tail{static_cast<int>(count - i)});
}

// start + weight (end - start); from the nearer end, as torch.lerp.
struct Lerp {
    GATUN_INLINE explicit Lerp(float weight)
        : near_start(weight < 0.5f), factor(set(near_start ? weight : weight - 1.0f)) {}
    GATUN_INLINE Vec operator()(Vec start, Vec end) const { return fma(factor, end - start, near_start ? start : end); }

    bool near_start;
    Vec factor;
};

GATUN_INLINE void sgd(const OptimizerFactors& f, int64_t count, float* parameters, const float* gradient,
                      float* momentum) {
    const Vec rate = set(f.rate), decay = set(f.decay), keep = set(f.momentum);
    each(count, [&](int64_t i, auto lanes) {
        const Vec p = lanes.get(parameters + i);
        Vec g = lanes.get(gradient + i);
        if (f.decay != 0.0f) g = fma(p, decay, g);
        if (f.momentum != 0.0f) {
            const Vec buffer = lanes.get(momentum + i) * keep + g;
            lanes.put(momentum + i, buffer);
            g = f.nesterov ? fma(buffer, keep, g) : buffer;
        }
        lanes.put(parameters + i, fma(g, rate, p));
    });
}

GATUN_INLINE void rmsprop(const OptimizerFactors& f, int64_t count, float* parameters, const float* gradient,
                          float* momentum, float* squares) {
    const Vec rate = set(f.rate), decay = set(f.decay), buffer_keep = set(f.momentum);
    const Vec keep = set(f.keep), fresh = set(f.fresh), epsilon = set(f.epsilon);
    each(count, [&](int64_t i, auto lanes) {
        const Vec p = lanes.get(parameters + i);
        Vec g = lanes.get(gradient + i);
        if (f.decay != 0.0f) g = fma(p, decay, g);
        const Vec square = fma(fresh * g, g, lanes.get(squares + i) * keep);
        lanes.put(squares + i, square);
        const Vec root = sqrt(square) + epsilon;
        if (f.momentum != 0.0f) {
            const Vec buffer = lanes.get(momentum + i) * buffer_keep + g / root;
            lanes.put(momentum + i, buffer);
            lanes.put(parameters + i, fma(buffer, rate, p));
        } else {
            lanes.put(parameters + i, p + rate * g / root);
        }
    });
}

GATUN_INLINE void adam(const OptimizerFactors& f, int64_t count, float* parameters, const float* gradient, float* mean,
                       float* squares) {
    const Vec rate = set(f.rate), decay = set(f.decay), shrink = set(f.shrink), keep = set(f.keep);
    const Vec fresh = set(f.fresh), correction = set(f.root_correction), epsilon = set(f.epsilon);
    const Lerp lerp(f.mean_weight);
    each(count, [&](int64_t i, auto lanes) {
        Vec p = lanes.get(parameters + i);
        Vec g = lanes.get(gradient + i);
        if (f.decay != 0.0f) g = fma(p, decay, g);
        if (f.shrink != 1.0f) p = p * shrink;
        const Vec m = lerp(lanes.get(mean + i), g);
        const Vec square = fma(fresh * g, g, lanes.get(squares + i) * keep);
        lanes.put(mean + i, m);
        lanes.put(squares + i, square);
        lanes.put(parameters + i, p + rate * m / (sqrt(square) / correction + epsilon));
    });
}

GATUN_INLINE void adamax(const OptimizerFactors& f, int64_t count, float* parameters, const float* gradient,
                         float* mean, float* largest) {
    const Vec rate = set(f.rate), decay = set(f.decay), keep = set(f.keep), epsilon = set(f.epsilon);
    const Lerp lerp(f.mean_weight);
    each(count, [&](int64_t i, auto lanes) {
        const Vec p = lanes.get(parameters + i);
        Vec g = lanes.get(gradient + i);
        if (f.decay != 0.0f) g = fma(p, decay, g);
        const Vec m = lerp(lanes.get(mean + i), g);
        const Vec norm = max(lanes.get(largest + i) * keep, absolute(g) + epsilon);
        lanes.put(mean + i, m);
        lanes.put(largest + i, norm);
        // Tail lanes behind the end divide 0 by epsilon and are not stored.
        lanes.put(parameters + i, p + rate * m / norm);
    });
}

GATUN_INLINE void scale_range(int64_t count, float factor, float* values) {
    const Vec by = set(factor);
    each(count, [&](int64_t i, auto lanes) { lanes.put(values + i, lanes.get(values + i) * by); });
}

GATUN_INLINE void average_range(int64_t count, float weight, const float* values, float* average) {
    const Lerp lerp(weight);
    each(count,
         [&](int64_t i, auto lanes) { lanes.put(average + i, lerp(lanes.get(average + i), lanes.get(values + i))); });
}

}  // namespace gatun::GATUN_ISA_LEVEL
