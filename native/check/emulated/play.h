// How this processor plays a block of a device's threads.
#pragma once

#include <cstdint>
#include <limits>
#include <numeric>
#include <vector>

#include "gatun.h"

namespace gatun::gpu {

// All of so many, in an order that changes from time to time: in steps of a number that has no divisor in common with
// theirs.
template <class Body>
void each_of(int32_t count, Body&& run) {
    static thread_local uint64_t turns = 0;
    ++turns;
    const auto all = static_cast<uint64_t>(count);
    uint64_t step = (turns * 0x9e3779b97f4a7c15u >> 40) % all + 1;
    while (std::gcd(step, all) != 1) ++step;
    uint64_t at = turns % all;
    for (uint64_t i = 0; i < all; ++i, at = (at + step) % all) run(static_cast<int32_t>(at));
}

// Memory of a block's own, which begins as no numbers; aligned as devices' is.
class OwnFloats {
public:
    explicit OwnFloats(int64_t count)
        : memory_(static_cast<size_t>(count) + GATUN_LANES, std::numeric_limits<float>::quiet_NaN()) {}
    float* data() {
        constexpr uintptr_t kLine = sizeof(float) * GATUN_LANES;
        const auto at = reinterpret_cast<uintptr_t>(memory_.data());
        return memory_.data() + (kLine - at % kLine) % kLine / sizeof(float);
    }

private:
    std::vector<float> memory_;
};

}  // namespace gatun::gpu
