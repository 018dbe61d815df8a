#include "ops/distribution/distribution.h"

namespace gatun {
namespace {

int64_t whole_blocks(int64_t count) { return (count + GATUN_LANES - 1) / GATUN_LANES * GATUN_LANES; }

}  // namespace

int64_t distribution_outputs(const gatun_distribution& d) {
    switch (d.type) {
        case GATUN_BERNOULLI:
            return 1;
        case GATUN_CATEGORICAL:
            return d.levels;
        case GATUN_GAUSSIAN:
            return 2;
        default:
            return int64_t{d.channels == 3 ? 10 : 3} * d.components;
    }
}

int64_t distribution_positions(const gatun_distribution& d) { return d.channels == 3 ? 3 : 1; }

int64_t distribution_scratch(const gatun_distribution& d) {
    switch (d.type) {
        case GATUN_CATEGORICAL:  // exponentials, sums of their blocks
            return whole_blocks(d.levels) + whole_blocks(whole_blocks(d.levels) / GATUN_LANES);
        case GATUN_LOGISTIC_MIXTURE:  // exponentials twice, two slopes a channel; a draw uses the start as above
            return (2 + 2 * distribution_positions(d)) * whole_blocks(d.components);
        default:
            return 0;
    }
}

}  // namespace gatun
