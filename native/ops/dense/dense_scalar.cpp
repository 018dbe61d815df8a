// What a masked dense layer is, in plain loops: kernels are held against this, in checks and in benchmarks.
#include <cmath>

#include "ops/dense/dense.h"

namespace gatun::scalar {

float dense_output(const gatun_dense& dense, const float* weights, const float* bias, const float* x, int32_t output) {
    const int64_t row = dense.rows[output];
    float chain[2] = {bias == nullptr ? 0.0f : bias[row], 0.0f};
    for (int32_t i = 0; i < dense.seen[output]; ++i) {
        chain[i % 2] = std::fma(x[i], weights[row * dense.stride + dense.columns[i]], chain[i % 2]);
    }
    return chain[0] + chain[1];
}

void dense_gradient(const gatun_dense& dense, const float* weights, const float* x, const float* dy, Sum* dw, Sum* db,
                    Sum* dx) {
    for (int32_t o = 0; o < dense.outputs; ++o) {
        const int64_t row = dense.rows[o];
        const double d = static_cast<double>(dy[o]);
        if (db != nullptr) db[row].add(d);
        for (int32_t i = 0; i < dense.seen[o]; ++i) {
            const int64_t at = row * dense.stride + dense.columns[i];
            dw[at].add(static_cast<double>(x[i]) * d);
            if (dx != nullptr) dx[i].add(static_cast<double>(weights[at]) * d);
        }
    }
}

}  // namespace gatun::scalar
