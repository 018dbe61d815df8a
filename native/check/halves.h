// Of a step in two halves the first must say of a value what the second makes of it.
#pragma once

#include <vector>

#include "cases.h"
#include "ops/distribution/distribution.h"

namespace gatun::check {

// outputs: the first half's; run: the second's, of gatun_step_run or gatun_grid_run; at: the place of the step's
// values.
template <class Run>
void check_halves(gatun_context* context, const gatun_distribution& distribution, const Run& run, int64_t at,
                  float* outputs) {
    const int64_t width = distribution_outputs(distribution);
    const gatun_map map = {
        outputs, width, width, width, static_cast<int32_t>(run.streams), 1, 1, static_cast<int32_t>(width)};
    const gatun_values values = {run.values.levels == nullptr ? nullptr : run.values.levels + at,
                                 run.values.reals == nullptr ? nullptr : run.values.reals + at,
                                 run.values.stride_example};
    std::vector<float> log_prob(static_cast<size_t>(run.streams));
    REQUIRE(gatun_log_prob(context, &distribution, &map, &values, log_prob.data(), 1) == GATUN_OK);
    for (int64_t s = 0; s < run.streams; ++s) {
        CHECK(same_bits(log_prob[static_cast<size_t>(s)], run.log_prob[s * run.values.stride_example + at]));
    }
}

}  // namespace gatun::check
