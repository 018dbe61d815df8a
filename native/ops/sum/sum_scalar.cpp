// What sums of maps are, in plain loops: kernels are held against this, and nothing runs it in earnest.
#include "core/maps.h"
#include "ops/sum/sum.h"

namespace gatun::scalar {

void sum(const gatun_map& x, int32_t repeat, float scale, const gatun_map& y, bool accumulate) {
    for (int32_t n = 0; n < y.examples; ++n) {
        for (int32_t i = 0; i < y.rows; ++i) {
            for (int32_t j = 0; j < y.columns; ++j) {
                const float* from = at(x, n, i / repeat, j / repeat);
                float* to = at(y, n, i, j);
                for (int32_t f = 0; f < y.features; ++f) to[f] = scale * (accumulate ? to[f] + from[f] : from[f]);
            }
        }
    }
}

void sum_gradient(const gatun_map& dy, int32_t repeat, float scale, Sum* dx) {
    const int64_t rows = (int64_t{dy.rows} + repeat - 1) / repeat;
    const int64_t columns = (int64_t{dy.columns} + repeat - 1) / repeat;
    for (int32_t n = 0; n < dy.examples; ++n) {
        for (int32_t i = 0; i < dy.rows; ++i) {
            for (int32_t j = 0; j < dy.columns; ++j) {
                const float* d = at(dy, n, i, j);
                Sum* to = dx + ((n * rows + i / repeat) * columns + j / repeat) * dy.features;
                for (int32_t f = 0; f < dy.features; ++f) {
                    to[f].add(static_cast<double>(scale) * static_cast<double>(d[f]));
                }
            }
        }
    }
}

}  // namespace gatun::scalar
