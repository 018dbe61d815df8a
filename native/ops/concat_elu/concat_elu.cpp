#include "ops/concat_elu/concat_elu.h"

#include <cmath>

#include "core/context.h"
#include "core/maps.h"

namespace gatun::scalar {

void concat_elu(const double* x, double* y, int64_t features) {
    for (int64_t i = 0; i < features; ++i) {
        y[i] = x[i] > 0 ? x[i] : std::expm1(x[i]);
        y[features + i] = x[i] < 0 ? -x[i] : std::expm1(-x[i]);
    }
}

}  // namespace gatun::scalar

extern "C" {

int32_t gatun_concat_elu_run(gatun_context* context, const gatun_map* x, const gatun_map* y) {
    return gatun::recordable(
        context, GATUN_CALL_CONCAT_ELU, [&](gatun::Record& r) { r.maps(x, y); },
        [&] {
            const auto run = GATUN_PICK(context->isa, concat_elu_kernels).run;
            gatun::each_piece(context->pool, *y, [&](int64_t n, int64_t i, int64_t j, int64_t columns) {
                run(gatun::at(*x, n, i, j), x->stride_column, gatun::at(*y, n, i, j), y->stride_column, x->features,
                    columns);
            });
            return GATUN_OK;
        });
}

int32_t gatun_concat_elu_gradient(gatun_context* context, const gatun_map* y, const gatun_map* dy, const gatun_map* dx,
                                  int32_t accumulate) {
    return gatun::recordable(
        context, GATUN_CALL_CONCAT_ELU_GRADIENT, [&](gatun::Record& r) { r.maps(y, dy, dx).accumulate(accumulate); },
        [&] {
            const auto gradient = GATUN_PICK(context->isa, concat_elu_kernels).gradient;
            gatun::each_piece(context->pool, *y, [&](int64_t n, int64_t i, int64_t j, int64_t columns) {
                gradient(gatun::at(*y, n, i, j), y->stride_column, gatun::at(*dy, n, i, j), dy->stride_column,
                         gatun::at(*dx, n, i, j), dx->stride_column, dx->features, columns, accumulate != 0);
            });
            return GATUN_OK;
        });
}
}
