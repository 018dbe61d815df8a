#include "ops/optimizer/factors.h"

#include <cmath>

namespace gatun {
namespace {

// base^exponent, exponent at least 0, by squaring from its lowest bit up: this order of multiplications is part of the
// result's definition, where a power of the host's library would differ from machine to machine.
double power(double base, int64_t exponent) {
    double result = 1.0;
    for (; exponent > 0; exponent >>= 1) {
        if ((exponent & 1) != 0) result *= base;
        base *= base;
    }
    return result;
}

}  // namespace

OptimizerFactors factors_of(const gatun_optimizer& o) {
    const bool with_mean = o.kind == GATUN_ADAM || o.kind == GATUN_ADAMAX;
    const double rate = with_mean ? o.learning_rate / (1.0 - power(o.beta1, o.step)) : o.learning_rate;
    OptimizerFactors f{};
    f.rate = static_cast<float>(-rate);
    f.decay = o.decoupled != 0 ? 0.0f : static_cast<float>(o.weight_decay);
    f.shrink = o.decoupled != 0 ? static_cast<float>(1.0 - o.learning_rate * o.weight_decay) : 1.0f;
    f.momentum = static_cast<float>(o.momentum);
    f.mean_weight = static_cast<float>(1.0 - o.beta1);
    f.keep = static_cast<float>(o.beta2);
    f.fresh = static_cast<float>(1.0 - o.beta2);
    f.root_correction = static_cast<float>(std::sqrt(1.0 - power(o.beta2, o.step)));
    f.epsilon = static_cast<float>(o.epsilon);
    f.nesterov = o.nesterov != 0;
    return f;
}

}  // namespace gatun
