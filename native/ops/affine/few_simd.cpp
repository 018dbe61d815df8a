#include <algorithm>

#include "ops/affine/few.h"
#include "simd/transpose.h"

namespace gatun::GATUN_ISA_LEVEL {
namespace {

// Vectors of positions of 1, 2, ... outputs that fill the registers, two chains each.
#if defined(__AVX512F__) && !defined(GATUN_PLAIN)
constexpr int kVectors[kMostFew] = {8, 6, 4};
#else
constexpr int kVectors[kMostFew] = {3, 1, 1};
#endif

// A square is not worth its sixteen vectors for so few inputs or positions.
constexpr int64_t kSmall = 4;

// Positions first .. last - 1 of inputs that are `live` at most, one by one.
void turn_each(const float* from, int64_t step, float* to, int64_t width, const int64_t (&range)[2], int64_t live) {
    for (int64_t p = range[0]; p < range[1]; ++p) {
        for (int64_t input = 0; input < live; ++input) to[input * width + p] = from[p * step + input];
    }
}

// kWhole: sixteen positions from 0 on, sixteen inputs.
template <bool kWhole>
void turn_square(const float* from, int64_t step, float* to, int64_t width, const int64_t (&range)[2], int live) {
    Vec square[kLanes];
#pragma GCC unroll 16
    for (int i = 0; i < kLanes; ++i) {
        if (kWhole) __builtin_prefetch(from + (i + kLanes) * step);
        square[i] = kWhole                          ? load(from + i * step)
                    : i < range[0] || i >= range[1] ? set(0.0f)
                                                    : load(from + i * step, live);
    }
    transpose(square);
#pragma GCC unroll 16
    for (int i = 0; i < kLanes; ++i) {
        if (kWhole || i < live) store(to + i * width, square[i]);
    }
}

void turn(const FewRow& row) {
    for (int64_t p = row.first / kLanes * kLanes; p < row.last; p += kLanes) {
        const int64_t range[2] = {std::max<int64_t>(row.first - p, 0), std::min<int64_t>(row.last - p, kLanes)};
        for (int64_t input = 0; input < row.inputs; input += kLanes) {
            const int live = static_cast<int>(std::min<int64_t>(row.inputs - input, kLanes));
            const float* from = row.from + p * row.step + input;
            float* to = row.to + input * row.width + p;
            if (range[1] - range[0] == kLanes && live == kLanes) {
                turn_square<true>(from, row.step, to, row.width, range, live);
            } else if (range[1] - range[0] > kSmall && live > kSmall) {
                turn_square<false>(from, row.step, to, row.width, range, live);
            } else {
                turn_each(from, row.step, to, row.width, range, live);
            }
        }
    }
}

// Keeps the compiler from loading a vector once more for each use.
[[gnu::always_inline]] inline void in_register([[maybe_unused]] Vec& vec) {
#if defined(__AVX512F__) && !defined(GATUN_PLAIN)
    asm("" : "+v"(vec.v));
#elif defined(__AVX2__) && !defined(GATUN_PLAIN)
    asm("" : "+x"(vec.a), "+x"(vec.b));
#endif
}

template <int O, int P>
[[gnu::always_inline]] inline void multiply(Vec (&chain)[O][P], const float* const (&x)[P], int64_t at,
                                            const float* w) {
    Vec weight[O];
#pragma GCC unroll 16
    for (int o = 0; o < O; ++o) weight[o] = set(w[o]);
#pragma GCC unroll 16
    for (int p = 0; p < P; ++p) {
        Vec value = load(x[p] + at);
        if (O > 1) in_register(value);
#pragma GCC unroll 16
        for (int o = 0; o < O; ++o) chain[o][p] = fma(value, weight[o], chain[o][p]);
    }
}

// One vector's outputs.
template <int O>
void write(const FewTile& t, const Vec (&sum)[O], float* y, int live) {
    if (O == 1 && t.y_step == 1) return store(y, t.accumulate ? load(y, live) + sum[0] : sum[0], live);
    float sums[O][kLanes];
    for (int o = 0; o < O; ++o) store(sums[o], sum[o]);
    for (int i = 0; i < live; ++i, y += t.y_step) {
        for (int o = 0; o < O; ++o) y[o] = t.accumulate ? y[o] + sums[o][i] : sums[o][i];
    }
}

// P vectors from the first on.
template <int O, int P>
void run_tile(const FewTile& t, int64_t first) {
    const int64_t in_row = (t.columns + kLanes - 1) / kLanes;
    const float* x[P];
    Vec even[O][P], odd[O][P];
#pragma GCC unroll 16
    for (int p = 0; p < P; ++p) {
        x[p] = t.x + (first + p) / in_row * t.x_row + (first + p) % in_row * kLanes;
#pragma GCC unroll 16
        for (int o = 0; o < O; ++o) {
            even[o][p] = set(t.bias == nullptr ? 0.0f : t.bias[o]);
            odd[o][p] = set(0.0f);
        }
    }
    const float* w = t.weights;
    bool at_odd = false;
    const float* next = t.next;
    for (int32_t tap = 0; tap < t.taps; ++tap) {
        int64_t at = t.offsets[tap];
        int32_t left = tap + 1 < t.taps ? t.inputs : t.last;
        if (at_odd && left > 0) {
            multiply(odd, x, at, w);
            at += t.width, w += O, --left;
            at_odd = false;
        }
        for (; left >= 2; left -= 2, w += 2 * O, next += kLanes) {
            __builtin_prefetch(next);
            multiply(even, x, at, w);
            multiply(odd, x, at + t.width, w + O);
            at += 2 * t.width;
        }
        if (left == 1) {
            multiply(even, x, at, w);
            w += O;
            at_odd = true;
        }
    }
    for (int p = 0; p < P; ++p) {
        const int64_t row = (first + p) / in_row, column = (first + p) % in_row * kLanes;
        Vec sum[O];
#pragma GCC unroll 16
        for (int o = 0; o < O; ++o) sum[o] = even[o][p] + odd[o][p];
        write<O>(t, sum, t.y + row * t.y_row + column * t.y_step,
                 static_cast<int>(std::min<int64_t>(t.columns - column, kLanes)));
    }
}

template <int O, int P>
void run_vectors(const FewTile& t, int64_t first, int64_t count) {
    if constexpr (P > 1) {
        if (count < P) return run_vectors<O, P - 1>(t, first, count);
    }
    run_tile<O, P>(t, first);
}

void run(const FewTile& t, int64_t first, int64_t count) {
    if (t.outputs == 1) return run_vectors<1, kVectors[0]>(t, first, count);
    if (t.outputs == 2) return run_vectors<2, kVectors[1]>(t, first, count);
    run_vectors<3, kVectors[2]>(t, first, count);
}

}  // namespace

extern const FewKernels few_kernels;
const FewKernels few_kernels = {{kVectors[0], kVectors[1], kVectors[2]}, turn, run};

}  // namespace gatun::GATUN_ISA_LEVEL
