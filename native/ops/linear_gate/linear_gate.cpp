#include "ops/linear_gate/linear_gate.h"

#include <cmath>

#include "core/context.h"
#include "core/maps.h"

namespace gatun::scalar {

void linear_gate(const double* x, double* y, int64_t half) {
    for (int64_t i = 0; i < half; ++i) y[i] = x[i] / (1 + std::exp(-x[half + i]));
}

}  // namespace gatun::scalar

extern "C" {

int32_t gatun_linear_gate_run(gatun_context* context, const gatun_map* x, const gatun_map* y) {
    return gatun::recordable(
        context, GATUN_CALL_LINEAR_GATE, [&](gatun::Record& r) { r.maps(x, y); },
        [&] {
            const auto run = GATUN_PICK(context->isa, linear_gate_kernels).run;
            gatun::each_piece(context->pool, *x, [&](int64_t n, int64_t i, int64_t j, int64_t columns) {
                run(gatun::at(*x, n, i, j), x->stride_column, gatun::at(*y, n, i, j), y->stride_column, y->features,
                    columns);
            });
            return GATUN_OK;
        });
}

int32_t gatun_linear_gate_gradient(gatun_context* context, const gatun_map* x, const gatun_map* dy, const gatun_map* dx,
                                   int32_t accumulate) {
    return gatun::recordable(
        context, GATUN_CALL_LINEAR_GATE_GRADIENT, [&](gatun::Record& r) { r.maps(x, dy, dx).accumulate(accumulate); },
        [&] {
            const auto gradient = GATUN_PICK(context->isa, linear_gate_kernels).gradient;
            gatun::each_piece(context->pool, *x, [&](int64_t n, int64_t i, int64_t j, int64_t columns) {
                gradient(gatun::at(*x, n, i, j), x->stride_column, gatun::at(*dy, n, i, j), dy->stride_column,
                         gatun::at(*dx, n, i, j), dx->stride_column, dy->features, columns, accumulate != 0);
            });
            return GATUN_OK;
        });
}
}
