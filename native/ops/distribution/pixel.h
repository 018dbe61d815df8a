// The mixture over the pixels of colour images (Salimans et al. 2017): a component's three channels multiply, the mean
// of green moves with the red that is there, that of blue with both. Outputs: K logits, then for red, green and blue K
// means, K log-scales and K coefficients; tanh of the coefficients are c0 (green by red), c1 (blue by red) and c2 (blue
// by green).
//
// ln p of a channel is that of the pixel up to it less that of the pixel before it, so that the three add up to the
// pixel's.
#pragma once

#include "gatun.h"
#include "ops/distribution/choose.h"
#include "ops/distribution/mixture.h"

namespace gatun::GATUN_ISA_LEVEL {

inline constexpr int kChannels = 3;

struct PixelOutputs {
    const float* all;
    int64_t components;

    GATUN_INLINE const float* logits() const { return all; }
    GATUN_INLINE const float* means(int channel) const { return all + (1 + 3 * channel) * components; }
    GATUN_INLINE const float* log_scales(int channel) const { return means(channel) + components; }
    GATUN_INLINE const float* coefficients(int channel) const { return log_scales(channel) + components; }
};

// What the channels of a pixel mean for all components.
struct PixelBins {
    Bin of[kChannels];

    GATUN_INLINE PixelBins(const int32_t* level, int32_t levels)
        : of{bin_of(level[0], levels), bin_of(level[1], levels), bin_of(level[2], levels)} {}
    GATUN_INLINE Vec value(int channel) const { return set(of[channel].value.near); }
};

// The means of a block of components, moved by the channels before.
GATUN_INLINE Vec moved_mean(const PixelOutputs& o, const PixelBins& bins, int channel, int64_t k) {
    const auto coefficient = [&](int c) { return tanh(block(o.coefficients(c), k, o.components, 0.0f)); };
    Vec mean = block(o.means(channel), k, o.components, 0.0f);
    if (channel == 1) mean = fma(coefficient(0), bins.value(0), mean);
    if (channel == 2) mean = fma(coefficient(2), bins.value(1), fma(coefficient(1), bins.value(0), mean));
    return mean;
}

// A maximum and the sum of exponentials above it: the ln of the whole is top + ln total.
struct LogSum {
    float top, total;
};

GATUN_INLINE LogSum log_sum_of(const float* terms, int64_t count, float* e) {
    const float top = largest(terms, count);
    return {top, exponentials(terms, count, top, 1.0f, e, nullptr)};
}

// Sums over the components: of the prior, and of the pixel up to each channel. joint, e: whole blocks of components; e
// gets the exponentials of the last sum. slopes(channel, k, logistic, enough, log-scales) is called for every block.
template <class Slope>
GATUN_INLINE void pixel_sums(const PixelOutputs& o, const PixelBins& bins, float* joint, float* e,
                             LogSum (&sums)[1 + kChannels], Slope slopes) {
    const int64_t components = o.components;
    sums[0] = log_sum_of(o.logits(), components, e);
    for (int64_t k = 0; k < components; k += kLanes) store(joint + k, block(o.logits(), k, components, -kInfinity));
    for (int channel = 0; channel < kChannels; ++channel) {
        for (int64_t k = 0; k < components; k += kLanes) {
            const Vec log_scale = block(o.log_scales(channel), k, components, 0.0f);
            const Logistic a = logistic_of(bins.of[channel], moved_mean(o, bins, channel, k), log_scale);
            const Mass mass = log_mass(bins.of[channel], a);
            store(joint + k, load(joint + k) + mass.log);
            slopes(channel, k, a, mass.enough, log_scale);
        }
        sums[1 + channel] = log_sum_of(joint, components, e);
    }
}

// The three channels' ln p of some pixels, at most as many as there are lanes.
GATUN_INLINE void pixel_log_prob(const gatun_distribution& d, const float* outputs, int64_t stride,
                                 const int32_t* levels, int64_t stride_values, int count, float* log_prob,
                                 int64_t stride_log_prob, float* scratch) {
    float tops[1 + kChannels][kLanes] = {}, totals[1 + kChannels][kLanes];
    for (auto& total : totals) store(total, set(1.0f));
    for (int i = 0; i < count; ++i) {
        LogSum sums[1 + kChannels];
        pixel_sums({outputs + i * stride, d.components}, PixelBins(levels + i * stride_values, d.levels), scratch,
                   scratch + blocks_of(d.components) * kLanes, sums, [](int, int64_t, const Logistic&, Mask, Vec) {});
        for (int c = 0; c <= kChannels; ++c) {
            tops[c][i] = sums[c].top;
            totals[c][i] = sums[c].total;
        }
    }
    for (int c = 0; c < kChannels; ++c) {
        const Vec result = (load(tops[c + 1]) - load(tops[c])) + (log(load(totals[c + 1])) - log(load(totals[c])));
        scatter(result, log_prob + c, stride_log_prob, count);
    }
}

// scratch: whole blocks of components, eight times.
GATUN_INLINE void pixel_gradient(const gatun_distribution& d, const float* outputs, const int32_t* levels, float scale,
                                 float* gradient, float* scratch) {
    const PixelOutputs o{outputs, d.components};
    const PixelBins bins(levels, d.levels);
    const int64_t components = d.components, padded = blocks_of(components) * kLanes;
    float *joint = scratch, *e = scratch + padded, *slope = scratch + 2 * padded;
    LogSum sums[1 + kChannels];
    pixel_sums(o, bins, joint, e, sums, [&](int channel, int64_t k, const Logistic& a, Mask enough, Vec log_scale) {
        const Slopes slopes = slopes_of(bins.of[channel], a, enough, log_scale);
        store(slope + 2 * channel * padded + k, slopes.mean);
        store(slope + (2 * channel + 1) * padded + k, slopes.log_scale);
    });
    exponentials(o.logits(), components, sums[0].top, 1.0f, joint, nullptr);  // joint's terms are done with
    const Vec prior_factor = set(scale / sums[0].total), joint_factor = set(scale / sums[kChannels].total);
    for (int64_t k = 0; k < components; k += kLanes) {
        const int n = static_cast<int>(components - k < kLanes ? components - k : kLanes);
        const Vec share = load(e + k) * joint_factor;  // scale * the component's part in the pixel
        Vec by_mean[kChannels];
        store(gradient + k, load(joint + k) * prior_factor - share, n);
        for (int c = 0; c < kChannels; ++c) {
            by_mean[c] = negate(share * load(slope + 2 * c * padded + k));
            float* to = gradient + (1 + 3 * c) * components + k;
            store(to, by_mean[c], n);
            store(to + components, negate(share * load(slope + (2 * c + 1) * padded + k)), n);
        }
        const Vec moves[kChannels] = {by_mean[1] * bins.value(0), by_mean[2] * bins.value(0),
                                      by_mean[2] * bins.value(1)};
        for (int c = 0; c < kChannels; ++c) {
            const Vec t = tanh(block(o.coefficients(c), k, components, 0.0f));
            store(gradient + (3 + 3 * c) * components + k, moves[c] * fma(negate(t), t, set(1.0f)), n);
        }
    }
}

// The mean of a channel under component k, moved by the channels before, whose levels lie before `level`.
GATUN_INLINE double drawn_mean(const PixelOutputs& o, int64_t k, int channel, const int32_t* level, int32_t levels) {
    const auto coefficient = [&](int c) { return static_cast<double>(lane0(tanh(set(o.coefficients(c)[k])))); };
    const auto value = [&](int before) { return (2.0 * level[-before] - (levels - 1)) / (levels - 1); };
    double mean = static_cast<double>(o.means(channel)[k]);
    if (channel == 1) mean += coefficient(0) * value(1);
    if (channel == 2) mean += coefficient(1) * value(2) + coefficient(2) * value(1);
    return mean;
}

}  // namespace gatun::GATUN_ISA_LEVEL
