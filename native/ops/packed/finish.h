// What becomes of the sums of a product for steps, while they are in registers.
#pragma once

#include "ops/activation/functions.h"
#include "ops/packed/packed.h"
#include "simd/math.h"

namespace gatun::GATUN_ISA_LEVEL {

// A masked store is not forwarded to the loads behind it, so that whole blocks have none.
[[gnu::always_inline]] inline Vec load_lanes(const float* p, int64_t lanes) {
    return lanes >= kLanes ? load(p) : load(p, static_cast<int>(lanes));
}

// What becomes of the sums of V blocks of a position.
struct Plain {
    static constexpr int kMultiple = 1;

    [[gnu::always_inline]] static void finish_block(const PackedStep& s, Vec sum, int64_t p, int64_t output) {
        float* y = s.y + p * s.y_step + output;
        const int64_t lanes = s.outputs - output;
        if (s.base != nullptr) sum = set(s.scale) * (load_lanes(s.base + p * s.base_step + output, lanes) + sum);
        if (s.activation == GATUN_RELU) sum = Relu::value(sum);
        if (lanes >= kLanes) {
            store(y, sum);
        } else {
            store(y, sum, static_cast<int>(lanes));
        }
    }

    // What finishing will read is on its way while sums are made.
    template <int P, int V>
    static void fetch(const PackedStep& s, int64_t position, int64_t block) {
        if (s.base == nullptr) return;
        for (int p = 0; p < P; ++p) {
            for (int v = 0; v < V; ++v) {
                __builtin_prefetch(s.base + (position + p) * s.base_step + (block + v) * kLanes);
            }
        }
    }

    template <int V>
    [[gnu::always_inline]] static void finish(const PackedStep& s, const Vec (&sum)[V], int64_t p, int64_t block) {
#pragma GCC unroll 16
        for (int v = 0; v < V; ++v) finish_block(s, sum[v], p, (block + v) * kLanes);
    }
};

struct Gated {
    static constexpr int kMultiple = 2;

    template <int P, int V>
    static void fetch(const PackedStep&, int64_t, int64_t) {}

    // A half's sum, with what conditions add.
    [[gnu::always_inline]] static Vec whole(const PackedStep& s, Vec sum, int64_t p, int64_t output) {
        if (s.base != nullptr) sum = sum + load(s.base + p * s.base_step + output);
        if (s.second != nullptr) sum = sum + load(s.second + p * s.base_step + output);
        return sum;
    }

    template <int V>
    [[gnu::always_inline]] static void finish(const PackedStep& s, const Vec (&sum)[V], int64_t p, int64_t block) {
        const int64_t half = s.outputs / 2;
#pragma GCC unroll 16
        for (int v = 0; v + 1 < V; v += 2) {
            const int64_t output = (block + v) / 2 * kLanes;
            store(s.y + p * s.y_step + output,
                  gate(whole(s, sum[v], p, output), whole(s, sum[v + 1], p, half + output)));
        }
    }
};

}  // namespace gatun::GATUN_ISA_LEVEL
