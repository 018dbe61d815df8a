#include "ops/dense/dense.h"
#include "simd/vec.h"

namespace gatun::GATUN_ISA_LEVEL {
namespace {

// Whole vectors: what lies beside first .. end in its vectors has zeros in the column, or sums that nobody reads any
// more.
void push(const PushTarget& target, const float* column, int64_t chain, const float* value, int64_t step,
          int64_t streams) {
    const int64_t first = target.first / kLanes * kLanes;
    for (int64_t s = 0; s < streams; ++s) {
        const float x = value[s * step];
        if (x == 0.0f) continue;
        const Vec factor = set(x);
        float* sums = target.sums + (2 * s + chain) * target.width;
        for (int64_t o = first; o < target.end; o += kLanes) {
            store(sums + o, fma(factor, load(column + o), load(sums + o)));
        }
    }
}

void push_level(const PushTarget& target, const float* columns, int64_t first_input, const int32_t* level, int64_t step,
                int64_t streams) {
    const int64_t first = target.first / kLanes * kLanes;
    for (int64_t s = 0; s < streams; ++s) {
        if (level[s * step] < 0) continue;  // none yet
        const int64_t input = first_input + level[s * step];
        const float* column = columns + input * target.width;
        float* sums = target.sums + (2 * s + (input & 1)) * target.width;
        for (int64_t o = first; o < target.end; o += kLanes) store(sums + o, load(column + o) + load(sums + o));
    }
}

void finish(const float* sums, int64_t width, int64_t first, int64_t count, float* y, int64_t y_step, int64_t streams,
            bool accumulate) {
    for (int64_t s = 0; s < streams; ++s) {
        const float* even = sums + 2 * s * width + first;
        float* to = y + s * y_step;
        for (int64_t o = 0; o < count; ++o) {
            const float sum = even[o] + even[width + o];
            to[o] = accumulate ? to[o] + sum : sum;
        }
    }
}

}  // namespace

extern const DenseKernels dense_kernels;
const DenseKernels dense_kernels = {push, push_level, finish};

}  // namespace gatun::GATUN_ISA_LEVEL
