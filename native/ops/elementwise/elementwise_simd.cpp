#include "ops/elementwise/elementwise.h"
#include "simd/vec.h"

namespace gatun::GATUN_ISA_LEVEL {
namespace {

void add(const float* x, float* y, int64_t count) {
    int64_t i = 0;
    for (; i + kLanes <= count; i += kLanes) store(y + i, load(y + i) + load(x + i));
    const int rest = static_cast<int>(count - i);
    if (rest > 0) store(y + i, load(y + i, rest) + load(x + i, rest), rest);
}

void sum_rows(const float* x, int64_t stride, int64_t rows, int64_t features, float* sums) {
    int64_t f = 0;
    for (; f + kLanes <= features; f += kLanes) {
        Vec total = set(0.0f);
        for (int64_t row = 0; row < rows; ++row) total = total + load(x + row * stride + f);
        store(sums + f, total);
    }
    const int rest = static_cast<int>(features - f);
    if (rest == 0) return;
    Vec total = set(0.0f);
    for (int64_t row = 0; row < rows; ++row) total = total + load(x + row * stride + f, rest);
    store(sums + f, total, rest);
}

}  // namespace

extern const ElementwiseKernels elementwise_kernels = {add, sum_rows};

}  // namespace gatun::GATUN_ISA_LEVEL
