#include "ops/linear_gate/linear_gate.h"
#include "simd/math.h"

namespace gatun::GATUN_ISA_LEVEL {
namespace {

void run_place(const float* x, float* y, int64_t half) {
    int64_t i = 0;
    for (; i + kLanes <= half; i += kLanes) store(y + i, load(x + i) * sigmoid(load(x + half + i)));
    const int rest = static_cast<int>(half - i);
    if (rest > 0) store(y + i, load(x + i, rest) * sigmoid(load(x + half + i, rest)), rest);
}

void run(const float* x, int64_t x_step, float* y, int64_t y_step, int64_t half, int64_t count) {
    for (int64_t n = 0; n < count; ++n) run_place(x + n * x_step, y + n * y_step, half);
}

void put(float* to, Vec value, int lanes, bool accumulate) {
    store(to, accumulate ? load(to, lanes) + value : value, lanes);
}

void gradient_place(const float* x, const float* dy, float* dx, int64_t half, bool accumulate) {
    for (int64_t i = 0; i < half; i += kLanes) {
        const int lanes = half - i < kLanes ? static_cast<int>(half - i) : kLanes;
        const Vec a = load(x + i, lanes), s = sigmoid(load(x + half + i, lanes)), d = load(dy + i, lanes);
        put(dx + i, d * s, lanes, accumulate);
        put(dx + half + i, d * a * s * (set(1.0f) - s), lanes, accumulate);
    }
}

void gradient(const float* x, int64_t x_step, const float* dy, int64_t dy_step, float* dx, int64_t dx_step,
              int64_t half, int64_t count, bool accumulate) {
    for (int64_t n = 0; n < count; ++n)
        gradient_place(x + n * x_step, dy + n * dy_step, dx + n * dx_step, half, accumulate);
}

}  // namespace

extern const LinearGateKernels linear_gate_kernels;
const LinearGateKernels linear_gate_kernels = {run, gradient};

}  // namespace gatun::GATUN_ISA_LEVEL
