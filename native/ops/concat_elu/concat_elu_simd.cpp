#include "ops/concat_elu/concat_elu.h"
#include "simd/math.h"

namespace gatun::GATUN_ISA_LEVEL {
namespace {

// Both halves from one e^-|x| - 1: one of them is the number itself.
void run_place(const float* x, float* y, int64_t features) {
    for (int64_t i = 0; i < features; i += kLanes) {
        const int lanes = features - i < kLanes ? static_cast<int>(features - i) : kLanes;
        const Vec value = load(x + i, lanes);
        const Vec below = expm1(minus_absolute(value)), above = absolute(value);
        const Mask positive = set(0.0f) < value;
        store(y + i, select(positive, above, below), lanes);
        store(y + features + i, select(positive, below, above), lanes);
    }
}

void run(const float* x, int64_t x_step, float* y, int64_t y_step, int64_t features, int64_t count) {
    for (int64_t n = 0; n < count; ++n) run_place(x + n * x_step, y + n * y_step, features);
}

Vec slope(Vec y) { return select(set(0.0f) < y, set(1.0f), y + set(1.0f)); }

void gradient_place(const float* y, const float* dy, float* dx, int64_t features, bool accumulate) {
    for (int64_t i = 0; i < features; i += kLanes) {
        const int lanes = features - i < kLanes ? static_cast<int>(features - i) : kLanes;
        const Vec first = load(dy + i, lanes) * slope(load(y + i, lanes));
        const Vec second = load(dy + features + i, lanes) * slope(load(y + features + i, lanes));
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
