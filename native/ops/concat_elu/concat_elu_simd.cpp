#include "ops/concat_elu/concat_elu.h"
#include "ops/concat_elu/functions.h"

namespace gatun::GATUN_ISA_LEVEL {
namespace {

void run_place(const float* x, float* y, int64_t features) {
    for (int64_t i = 0; i < features; i += kLanes) {
        const int lanes = features - i < kLanes ? static_cast<int>(features - i) : kLanes;
        const BothElus both = both_elus(load(x + i, lanes));
        store(y + i, both.of_x, lanes);
        store(y + features + i, both.of_minus_x, lanes);
    }
}

void run(const float* x, int64_t x_step, float* y, int64_t y_step, int64_t features, int64_t count) {
    for (int64_t n = 0; n < count; ++n) run_place(x + n * x_step, y + n * y_step, features);
}

void gradient_place(const float* y, const float* dy, float* dx, int64_t features, bool accumulate) {
    for (int64_t i = 0; i < features; i += kLanes) {
        const int lanes = features - i < kLanes ? static_cast<int>(features - i) : kLanes;
        const Vec first = load(dy + i, lanes) * elu_slope(load(y + i, lanes));
        const Vec second = load(dy + features + i, lanes) * elu_slope(load(y + features + i, lanes));
        const Vec d = first - second;
        store(dx + i, accumulate ? load(dx + i, lanes) + d : d, lanes);
    }
}

void gradient(const float* y, int64_t y_step, const float* dy, int64_t dy_step, float* dx, int64_t dx_step,
              int64_t features, int64_t count, bool accumulate) {
    for (int64_t n = 0; n < count; ++n)
        gradient_place(y + n * y_step, dy + n * dy_step, dx + n * dx_step, features, accumulate);
}

}  // namespace

extern const ConcatEluKernels concat_elu_kernels;
const ConcatEluKernels concat_elu_kernels = {run, gradient};

}  // namespace gatun::GATUN_ISA_LEVEL
