// Distributions, outputs and values that the checks of distributions go through.
#pragma once

#include <algorithm>

#include "cases.h"
#include "ops/distribution/distribution.h"

namespace gatun::check {

inline std::vector<gatun_distribution> distributions() {
    std::vector<gatun_distribution> all = {{GATUN_BERNOULLI, 2, 0, 0}, {GATUN_GAUSSIAN, 0, 0, 0}};
    for (const int32_t n : {1, 2, 3, 15, 16, 17, 31, 32, 33, 256, 257}) all.push_back({GATUN_CATEGORICAL, n, 0, 0});
    for (const int32_t k : {1, 2, 5, 10, 16, 17, 33}) {
        for (const int32_t n : {2, 3, 17, 256, 65536}) all.push_back({GATUN_LOGISTIC_MIXTURE, n, k, 0});
    }
    return all;
}

inline std::string name_of(const gatun_distribution& d) {
    return "type " + std::to_string(d.type) + " levels " + std::to_string(d.levels) + " components " +
           std::to_string(d.components);
}

inline bool discrete(const gatun_distribution& d) { return d.type != GATUN_GAUSSIAN; }

// Outputs and values of `count` places, with gaps between what belongs to places.
struct Places {
    gatun_distribution d;
    int64_t count, outputs, stride, stride_values;
    std::vector<float> parameters;
    std::vector<int32_t> levels;
    std::vector<float> reals;

    Places(const gatun_distribution& distribution, int64_t places, int64_t gap, Random& random)
        : d(distribution),
          count(places),
          outputs(distribution_outputs(d)),
          stride(outputs + gap),
          stride_values(1 + gap) {
        parameters = random.reals(count == 0 ? 0 : (count - 1) * stride + outputs, -4, 4);
        if (d.type == GATUN_LOGISTIC_MIXTURE) spread(random);
        const size_t values = static_cast<size_t>(count == 0 ? 0 : (count - 1) * stride_values + 1);
        if (discrete(d)) {
            levels.resize(values);
            for (int32_t& level : levels) {
                const int64_t edge = random.whole(0, 5);  // often the lowest and the highest
                level = edge == 0 ? 0 : edge == 1 ? d.levels - 1 : static_cast<int32_t>(random.whole(0, d.levels - 1));
            }
        } else {
            reals = random.reals(static_cast<int64_t>(values), -3, 3);
        }
    }

    const float* of(int64_t place) const { return parameters.data() + place * stride; }
    std::vector<double> precise(int64_t place) const { return std::vector<double>(of(place), of(place) + outputs); }
    int32_t level(int64_t place) const {
        return levels.empty() ? 0 : levels[static_cast<size_t>(place * stride_values)];
    }
    double real(int64_t place) const {
        return reals.empty() ? 0 : static_cast<double>(reals[static_cast<size_t>(place * stride_values)]);
    }
    const int32_t* level_data() const { return levels.empty() ? nullptr : levels.data(); }
    const float* real_data() const { return reals.empty() ? nullptr : reals.data(); }

private:
    // Means about the data's range, log-scales below and above the clamp and up to a scale of the whole range.
    void spread(Random& random) {
        const int64_t k = d.components;
        for (int64_t place = 0; place < count; ++place) {
            for (int64_t i = 0; i < k; ++i) {
                const int64_t at = place * stride + i;
                parameters[static_cast<size_t>(at + k)] = static_cast<float>(random.real(-1.3, 1.3));
                parameters[static_cast<size_t>(at + 2 * k)] = static_cast<float>(random.real(-8, 1));
            }
        }
    }
};

}  // namespace gatun::check
