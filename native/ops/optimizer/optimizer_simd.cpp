// A level's kernels of training.
#include "ops/optimizer/optimizer.h"
#include "ops/optimizer/ranges.h"

namespace gatun::GATUN_ISA_LEVEL {
namespace {

// Lane i of sixteen sums values[16 j + i]^2 in double, where the squares of floats are exact; then a tree over lanes.
double sum_of_squares(int64_t count, const float* values) {
    double lane[kLanes] = {};
    int64_t i = 0;
    for (; i + kLanes <= count; i += kLanes) {
        for (int l = 0; l < kLanes; ++l) {
            const double x = static_cast<double>(values[i + l]);
            lane[l] += x * x;
        }
    }
    for (int l = 0; i < count; ++i, ++l) {
        const double x = static_cast<double>(values[i]);
        lane[l] += x * x;
    }
    for (int half = kLanes / 2; half >= 1; half /= 2) {
        for (int l = 0; l < half; ++l) lane[l] += lane[l + half];
    }
    return lane[0];
}

}  // namespace

extern const OptimizerKernels optimizer_kernels = {sgd,         rmsprop,      adam, adamax, sum_of_squares,
                                                   scale_range, average_range};

}  // namespace gatun::GATUN_ISA_LEVEL
