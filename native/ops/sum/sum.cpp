#include "ops/sum/sum.h"

#include <algorithm>

#include "core/context.h"
#include "core/maps.h"

extern "C" {

int32_t gatun_sum_run(gatun_context* context, const gatun_map* x, int32_t repeat, float scale, const gatun_map* y,
                      int32_t accumulate) {
    return gatun::recordable(
        context, GATUN_CALL_SUM,
        [&](gatun::Record& r) { r.maps(x, y).argument(repeat).accumulate(accumulate)->scale = scale; },
        [&] {
            const auto run = GATUN_PICK(context->isa, sum_kernels).run;
            if (repeat == 1) {
                gatun::each_stretch<2>(context->pool, {y, x}, [&](float* const* p, int64_t count) {
                    run(p[1], scale, p[0], count, accumulate != 0);
                });
                return GATUN_OK;
            }
            gatun::each_piece(context->pool, *y, [&](int64_t n, int64_t i, int64_t j, int64_t columns) {
                for (int64_t c = j; c < j + columns; ++c) {
                    run(gatun::at(*x, n, i / repeat, c / repeat), scale, gatun::at(*y, n, i, c), y->features,
                        accumulate != 0);
                }
            });
            return GATUN_OK;
        });
}

int32_t gatun_sum_gradient(gatun_context* context, const gatun_map* dy, int32_t repeat, float scale,
                           const gatun_map* dx, int32_t accumulate) {
    return gatun::recordable(
        context, GATUN_CALL_SUM_GRADIENT,
        [&](gatun::Record& r) { r.maps(dy, dx).argument(repeat).accumulate(accumulate)->scale = scale; },
        [&] {
            if (repeat == 1 && (scale == 1 || accumulate == 0)) {
                const auto run = GATUN_PICK(context->isa, sum_kernels).run;
                gatun::each_stretch<2>(context->pool, {dx, dy}, [&](float* const* p, int64_t count) {
                    run(p[1], scale, p[0], count, accumulate != 0);
                });
                return GATUN_OK;
            }
            gatun::each_piece(context->pool, *dx, [&](int64_t n, int64_t i, int64_t j, int64_t columns) {
                for (int64_t c = j; c < j + columns; ++c) {
                    float* to = gatun::at(*dx, n, i, c);
                    if (accumulate == 0) std::fill(to, to + dx->features, 0.0f);
                    const int64_t bottom = std::min<int64_t>(dy->rows, (i + 1) * repeat);
                    const int64_t end = std::min<int64_t>(dy->columns, (c + 1) * repeat);
                    for (int64_t row = i * repeat; row < bottom; ++row) {
                        for (int64_t from = c * repeat; from < end; ++from) {
                            const float* d = gatun::at(*dy, n, row, from);
                            for (int32_t f = 0; f < dx->features; ++f) to[f] += scale * d[f];
                        }
                    }
                }
            });
            return GATUN_OK;
        });
}
}
