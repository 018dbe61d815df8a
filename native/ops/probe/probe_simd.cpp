#include "ops/probe/probe.h"
#include "simd/vec.h"

namespace gatun::GATUN_ISA_LEVEL {
namespace {

// As many as the registers hold, and more than a multiplication takes cycles.
#if defined(__AVX512F__) && !defined(GATUN_PLAIN)
constexpr int kChains = 24;
#elif defined(__AVX2__) && !defined(GATUN_PLAIN)
constexpr int kChains = 6;
#else
constexpr int kChains = 3;
#endif

float multiply(int64_t rounds) {
    Vec chain[kChains];
    Vec factor = set(0.5f), term = set(0.25f);
    // What the compiler does not know it cannot compute beforehand.
    asm volatile("" : "+m"(factor), "+m"(term));
#pragma GCC unroll 32
    for (int i = 0; i < kChains; ++i) chain[i] = set(static_cast<float>(i));
    for (int64_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 32
        for (int i = 0; i < kChains; ++i) chain[i] = fma(chain[i], factor, term);
    }
    Vec sum = chain[0];
#pragma GCC unroll 32
    for (int i = 1; i < kChains; ++i) sum = sum + chain[i];
    float lanes[kLanes];
    store(lanes, sum);
    return lanes[0];
}

int64_t chains() { return kChains; }

float read(const float* values, int64_t count) {
    Vec sum[4] = {set(0.0f), set(0.0f), set(0.0f), set(0.0f)};
    for (int64_t i = 0; i < count; i += 4 * kLanes) {
#pragma GCC unroll 4
        for (int k = 0; k < 4; ++k) sum[k] = sum[k] + load(values + i + k * kLanes);
    }
    float lanes[kLanes];
    store(lanes, (sum[0] + sum[1]) + (sum[2] + sum[3]));
    float total = 0;
    for (const float lane : lanes) total += lane;
    return total;
}

}  // namespace

extern const ProbeKernels probe_kernels = {multiply, chains, read};

}  // namespace gatun::GATUN_ISA_LEVEL
