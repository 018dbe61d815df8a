#include "ops/activation/activation.h"
#include "ops/activation/functions.h"

namespace gatun::GATUN_ISA_LEVEL {
namespace {

template <class F>
void run_all(const float* x, float* y, int64_t count) {
    int64_t i = 0;
    for (; i + kLanes <= count; i += kLanes) store(y + i, F::value(load(x + i)));
    const int rest = static_cast<int>(count - i);
    if (rest > 0) store(y + i, F::value(load(x + i, rest)), rest);
}

template <class F, bool kAccumulate>
void gradient_all(const float* y, const float* dy, float* dx, int64_t count) {
    int64_t i = 0;
    for (; i + kLanes <= count; i += kLanes) {
        const Vec g = F::slope(load(y + i)) * load(dy + i);
        store(dx + i, kAccumulate ? load(dx + i) + g : g);
    }
    const int rest = static_cast<int>(count - i);
    if (rest > 0) {
        const Vec g = F::slope(load(y + i, rest)) * load(dy + i, rest);
        store(dx + i, kAccumulate ? load(dx + i, rest) + g : g, rest);
    }
}

template <class F>
void gradient_of(const float* y, const float* dy, float* dx, int64_t count, bool accumulate) {
    if (accumulate) {
        gradient_all<F, true>(y, dy, dx, count);
    } else {
        gradient_all<F, false>(y, dy, dx, count);
    }
}

void run(int32_t kind, const float* x, float* y, int64_t count) {
    switch (kind) {
        case GATUN_RELU:
            return run_all<Relu>(x, y, count);
        case GATUN_LEAKY_RELU:
            return run_all<LeakyRelu>(x, y, count);
        case GATUN_TANH:
            return run_all<Tanh>(x, y, count);
        case GATUN_ELU:
            return run_all<Elu>(x, y, count);
        default:
            return run_all<Sigmoid>(x, y, count);
    }
}

void gradient(int32_t kind, const float* y, const float* dy, float* dx, int64_t count, bool accumulate) {
    switch (kind) {
        case GATUN_RELU:
            return gradient_of<Relu>(y, dy, dx, count, accumulate);
        case GATUN_LEAKY_RELU:
            return gradient_of<LeakyRelu>(y, dy, dx, count, accumulate);
        case GATUN_TANH:
            return gradient_of<Tanh>(y, dy, dx, count, accumulate);
        case GATUN_ELU:
            return gradient_of<Elu>(y, dy, dx, count, accumulate);
        default:
            return gradient_of<Sigmoid>(y, dy, dx, count, accumulate);
    }
}

}  // namespace

extern const ActivationKernels activation_kernels = {run, gradient};

}  // namespace gatun::GATUN_ISA_LEVEL
