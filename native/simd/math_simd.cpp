#include "simd/math.h"
#include "simd/math_kernels.h"
#include "simd/philox.h"

namespace gatun::GATUN_ISA_LEVEL {
namespace {

template <class Function>
void map(const float* x, float* y, int64_t count, Function function) {
    int64_t i = 0;
    for (; i + kLanes <= count; i += kLanes) store(y + i, function(load(x + i)));
    const int rest = static_cast<int>(count - i);
    if (rest > 0) store(y + i, function(load(x + i, rest)), rest);
}

void run_exp(const float* x, float* y, int64_t count) {
    map(x, y, count, [](Vec a) { return exp(a); });
}
void run_expm1(const float* x, float* y, int64_t count) {
    map(x, y, count, [](Vec a) { return expm1(a); });
}
void run_log(const float* x, float* y, int64_t count) {
    map(x, y, count, [](Vec a) { return log(a); });
}
void run_log1p(const float* x, float* y, int64_t count) {
    map(x, y, count, [](Vec a) { return log1p(a); });
}
void run_tanh(const float* x, float* y, int64_t count) {
    map(x, y, count, [](Vec a) { return tanh(a); });
}
void run_sigmoid(const float* x, float* y, int64_t count) {
    map(x, y, count, [](Vec a) { return sigmoid(a); });
}
void run_log_sigmoid(const float* x, float* y, int64_t count) {
    map(x, y, count, [](Vec a) { return log_sigmoid(a); });
}

void run_gate(const float* x, const float* y, float* z, int64_t count) {
    int64_t i = 0;
    for (; i + kLanes <= count; i += kLanes) store(z + i, gate(load(x + i), load(y + i)));
    const int rest = static_cast<int>(count - i);
    if (rest > 0) store(z + i, gate(load(x + i, rest), load(y + i, rest)), rest);
}

double run_ndtri(double p) { return ndtri(p); }
double run_log_double(double x) { return log_double(x); }

void run_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t words[4]) {
    const PhiloxWords result = philox({{counter[0], counter[1], counter[2], counter[3]}}, key[0], key[1]);
    for (int i = 0; i < 4; ++i) words[i] = result.w[i];
}

float run_uniform(uint64_t seed, uint64_t sample, int64_t position, uint32_t k) {
    return uniform(seed, sample, position, k);
}

float run_sum(const float lanes[16]) { return sum(load(lanes)); }
float run_maximum(const float lanes[16]) { return maximum(load(lanes)); }

}  // namespace

extern const MathKernels math_kernels = {run_exp,     run_expm1,       run_log,  run_log1p,  run_tanh,
                                         run_sigmoid, run_log_sigmoid, run_gate, run_ndtri,  run_log_double,
                                         run_philox,  run_uniform,     run_sum,  run_maximum};

}  // namespace gatun::GATUN_ISA_LEVEL
