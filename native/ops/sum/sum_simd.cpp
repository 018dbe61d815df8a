#include "ops/sum/sum.h"
#include "simd/vec.h"

namespace gatun::GATUN_ISA_LEVEL {
namespace {

template <bool kAccumulate>
void run_all(const float* x, float scale, float* y, int64_t count) {
    const Vec factor = set(scale);
    int64_t i = 0;
    for (; i + kLanes <= count; i += kLanes)
        store(y + i, factor * (kAccumulate ? load(y + i) + load(x + i) : load(x + i)));
    const int rest = static_cast<int>(count - i);
    if (rest == 0) return;
    store(y + i, factor * (kAccumulate ? load(y + i, rest) + load(x + i, rest) : load(x + i, rest)), rest);
}

void run(const float* x, float scale, float* y, int64_t count, bool accumulate) {
    return accumulate ? run_all<true>(x, scale, y, count) : run_all<false>(x, scale, y, count);
}

}  // namespace

extern const SumKernels sum_kernels;
const SumKernels sum_kernels = {run};

}  // namespace gatun::GATUN_ISA_LEVEL
