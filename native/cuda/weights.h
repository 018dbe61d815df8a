// Weights on their way to a device.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "cuda/entries.h"

namespace gatun::gpu {

template <class T>
std::vector<T> copied(const T* from, int64_t count) {
    return std::vector<T>(from, from + count);
}

// Runs of floats one behind the other, each on a line of its own.
class Weights {
public:
    // Where `count` floats come to lie.
    int64_t add(std::vector<float> from) {
        const int64_t at = floats_;
        const auto count = static_cast<int64_t>(from.size());
        parts_.push_back({std::move(from), at});
        floats_ += (count + kLine - 1) / kLine * kLine;
        return at;
    }
    float* copy(Memory& memory) const {
        float* to = memory.room_for<float>(std::max<int64_t>(floats_, 1), "memory for a program's weights");
        for (const Run& run : parts_) {
            check(cudaMemcpy(to + run.to, run.from.data(), sizeof(float) * run.from.size(), cudaMemcpyHostToDevice),
                  "copying weights");
        }
        return to;
    }

private:
    struct Run {
        std::vector<float> from;
        int64_t to;
    };
    static constexpr int64_t kLine = 32;  // floats of a line of the cache

    std::vector<Run> parts_;
    int64_t floats_ = 0;
};

}  // namespace gatun::gpu
