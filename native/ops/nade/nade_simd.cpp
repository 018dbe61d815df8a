#include "ops/nade/dot.h"
#include "ops/nade/nade.h"

namespace gatun::GATUN_ISA_LEVEL {
namespace {

void read(const float* states, int64_t width, const float* v, float bias, float* logits, int64_t step,
          int64_t streams) {
    for (int64_t s = 0; s < streams; ++s) logits[s * step] = bias + dot(states + (2 * s + 1) * width, v, width);
}

void push(float* states, int64_t width, const float* w, const float* x, int64_t step, int64_t streams) {
    for (int64_t s = 0; s < streams; ++s) {
        if (x[s * step] == 0.0f) continue;
        float* a = states + 2 * s * width;
        float* h = a + width;
        for (int64_t i = 0; i < width; i += kLanes) take_in(x[s * step], w + i, a + i, h + i);
    }
}

// h of every position for some examples, [example][position][16].
template <int N>
void forward(const NadeGradient& g, int64_t first) {
    Vec a[N], h[N];
    for (int n = 0; n < N; ++n) {
        a[n] = load(g.bias);
        h[n] = sigmoid(a[n]);
    }
    for (int64_t d = 0; d < g.positions; ++d) {
        const Vec w = load(g.input + d * kLanes);
#pragma GCC unroll 4
        for (int n = 0; n < N; ++n) {
            store(g.hidden + (n * g.positions + d) * kLanes, h[n]);
            const float x = g.x[(first + n) * g.x_stride + d];
            if (x != 0.0f) {
                a[n] = fma(set(x), w, a[n]);
                h[n] = sigmoid(a[n]);
            }
        }
    }
}

// From the last position to the first; da[n] is the gradient of a at the positions behind.
template <int N>
void backward(const NadeGradient& g, int64_t first) {
    Vec da[N];
    for (int n = 0; n < N; ++n) da[n] = set(0.0f);
    const Vec one = set(1.0f);
    for (int64_t d = g.positions - 1; d >= 0; --d) {
        const Vec v = load(g.output + d * kLanes);
        Vec dw = load(g.input_gradient + d * kLanes), dv = load(g.output_gradient + d * kLanes);
#pragma GCC unroll 4
        for (int n = 0; n < N; ++n) {
            const Vec h = load(g.hidden + (n * g.positions + d) * kLanes);
            const Vec slope = set(g.dlogits[(first + n) * g.d_stride + d]);
            dw = fma(set(g.x[(first + n) * g.x_stride + d]), da[n], dw);
            dv = fma(slope, h, dv);
            da[n] = fma(slope * v, h * (one - h), da[n]);
        }
        store(g.input_gradient + d * kLanes, dw);
        store(g.output_gradient + d * kLanes, dv);
    }
    Vec dc = load(g.bias_gradient);
    for (int n = 0; n < N; ++n) dc = dc + da[n];
    store(g.bias_gradient, dc);
}

template <int N>
void examples(const NadeGradient& g, int64_t first) {
    forward<N>(g, first);
    backward<N>(g, first);
}

void gradient(const NadeGradient& g) {
    int64_t n = 0;
    for (; n + kNadeExamples <= g.examples; n += kNadeExamples) examples<kNadeExamples>(g, n);
    for (; n < g.examples; ++n) examples<1>(g, n);
}

}  // namespace

extern const NadeKernels nade_kernels;
const NadeKernels nade_kernels = {read, push, gradient};

}  // namespace gatun::GATUN_ISA_LEVEL
