#include "ops/gate/functions.h"
#include "ops/linear_gate/linear_gate.h"

namespace gatun::GATUN_ISA_LEVEL {
namespace {

void run_place(const float* x, float* y, int64_t half) {
    int64_t i = 0;
    for (; i + kLanes <= half; i += kLanes) store(y + i, linear_gate(load(x + i), load(x + half + i)));
    const int rest = static_cast<int>(half - i);
    if (rest > 0) store(y + i, linear_gate(load(x + i, rest), load(x + half + i, rest)), rest);
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
        const Slopes2 d = linear_gate_slopes(load(x + i, lanes), load(x + half + i, lanes), load(dy + i, lanes));
        put(dx + i, d.first, lanes, accumulate);
        put(dx + half + i, d.second, lanes, accumulate);
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
