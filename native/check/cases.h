// What all checks use: the levels of this machine, random numbers that a printed seed repeats, comparison of bits.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "gatun.h"

namespace gatun::check {

// Printed at the start; `--seed=N` repeats a run.
uint64_t seed();

// The levels that this machine can run, slowest first.
const std::vector<int32_t>& levels();

// A level's name, for messages. (doctest prints a plain char pointer as an address.)
std::string level_name(int32_t isa);

// Random numbers of one check: the same for one seed and name, whatever else runs.
class Random {
public:
    explicit Random(const std::string& name) {
        uint64_t mixed = seed() ^ 0xcbf29ce484222325u;
        for (const char c : name) mixed = (mixed ^ static_cast<uint8_t>(c)) * 0x100000001b3u;
        engine_.seed(mixed);
    }
    uint64_t bits() { return engine_(); }
    // low .. high, both included
    int64_t whole(int64_t low, int64_t high) {
        return low + static_cast<int64_t>(engine_() % static_cast<uint64_t>(high - low + 1));
    }
    double real(double low, double high) { return low + (high - low) * static_cast<double>(engine_() >> 11) * 0x1p-53; }
    std::vector<float> reals(int64_t count, double low, double high) {
        std::vector<float> values(static_cast<size_t>(count));
        for (float& value : values) value = static_cast<float>(real(low, high));
        return values;
    }
    // Small whole numbers: sums and products of them are exact, so that results must agree exactly.
    std::vector<float> wholes(int64_t count, int64_t low = -8, int64_t high = 8) {
        std::vector<float> values(static_cast<size_t>(count));
        for (float& value : values) value = static_cast<float>(whole(low, high));
        return values;
    }

private:
    std::mt19937_64 engine_;
};

// A context of one level, destroyed with it.
struct ContextDeleter {
    void operator()(gatun_context* context) const { gatun_context_destroy(context); }
};
using Context = std::unique_ptr<gatun_context, ContextDeleter>;
Context context_of(int32_t isa, int32_t threads = 1);

// The same bits; one not-a-number is like another.
inline bool same_bits(float a, float b) {
    if (std::isnan(a) && std::isnan(b)) return true;
    return std::bit_cast<uint32_t>(a) == std::bit_cast<uint32_t>(b);
}

// The first index where they differ, -1 if there is none; vectors of different length differ at 0.
template <class T>
int64_t first_difference(const std::vector<T>& a, const std::vector<T>& b) {
    if (a.size() != b.size()) return 0;
    for (size_t i = 0; i < a.size(); ++i) {
        bool same;
        if constexpr (std::is_same_v<T, float>) {
            same = same_bits(a[i], b[i]);
        } else {
            same = a[i] == b[i];
        }
        if (!same) return static_cast<int64_t>(i);
    }
    return -1;
}

// The error of y against the true value in units of the last place of a float there; infinity counts as 2^128.
inline double ulps(float y, double truth) {
    const double largest = 0x1p128;
    const double found = std::isinf(y) ? std::copysign(largest, y) : static_cast<double>(y);
    const double wanted = std::fabs(truth) > largest ? std::copysign(largest, truth) : truth;
    int exponent = -126;
    if (wanted != 0) std::frexp(wanted, &exponent);
    exponent = std::max(std::min(exponent, 128), -125);
    return std::fabs(found - wanted) / std::ldexp(1.0, exponent - 24);
}

}  // namespace gatun::check
