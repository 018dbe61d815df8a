#include "ops/activation/activation.h"

#include <cmath>

#include "core/context.h"
#include "core/maps.h"

namespace gatun::scalar {

double activation(int32_t kind, double x) {
    switch (kind) {
        case GATUN_RELU:
            return x < 0 ? 0 : x;
        case GATUN_LEAKY_RELU:
            return x > 0 ? x : 0.01 * x;
        case GATUN_TANH:
            return std::tanh(x);
        case GATUN_ELU:
            return x > 0 ? x : std::expm1(x);
        default:
            return 1 / (1 + std::exp(-x));
    }
}

double activation_derivative(int32_t kind, double x) {
    const double y = activation(kind, x);
    switch (kind) {
        case GATUN_RELU:
            return x > 0 ? 1 : 0;
        case GATUN_LEAKY_RELU:
            return x > 0 ? 1 : 0.01;
        case GATUN_TANH:
            return 1 - y * y;
        case GATUN_ELU:
            return x > 0 ? 1 : y + 1;
        default:
            return y * (1 - y);
    }
}

}  // namespace gatun::scalar

extern "C" {

int32_t gatun_activation_run(gatun_context* context, int32_t kind, const gatun_map* x, const gatun_map* y) {
    return gatun::recordable(
        context, GATUN_CALL_ACTIVATION, [&](gatun::Record& r) { r.maps(x, y).argument(kind); },
        [&] {
            const auto run = GATUN_PICK(context->isa, activation_kernels).run;
            gatun::each_stretch<2>(context->pool, {x, y},
                                   [&](float* const* p, int64_t count) { run(kind, p[0], p[1], count); });
            return GATUN_OK;
        });
}

int32_t gatun_activation_gradient(gatun_context* context, int32_t kind, const gatun_map* y, const gatun_map* dy,
                                  const gatun_map* dx, int32_t accumulate) {
    return gatun::recordable(
        context, GATUN_CALL_ACTIVATION_GRADIENT,
        [&](gatun::Record& r) { r.maps(y, dy, dx).argument(kind).accumulate(accumulate); },
        [&] {
            const auto gradient = GATUN_PICK(context->isa, activation_kernels).gradient;
            gatun::each_stretch<3>(context->pool, {y, dy, dx}, [&](float* const* p, int64_t count) {
                gradient(kind, p[0], p[1], p[2], count, accumulate != 0);
            });
            return GATUN_OK;
        });
}
}
