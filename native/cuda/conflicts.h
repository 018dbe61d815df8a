// Which parts of a step must wait for which: those that touch the same position of the same slot, unless both only
// read.
#pragma once

#include <vector>

#include "cuda/plan.h"

namespace gatun::gpu {

// What a part touches of a step's newest positions. What it reads of earlier ones nobody writes in that step.
class Touches {
public:
    Touches(const Part& part, const std::vector<Slot>& slots, const int32_t* distances);

    bool conflicts_with(const Touches& other) const;

private:
    struct Range {
        int32_t slot;
        int32_t first, end;  // features
    };
    static constexpr int32_t kValue = -1;  // in place of a slot: the value that is drawn

    void read(int32_t slot) { reads_.push_back({slot, 0, INT32_MAX}); }
    void write(int32_t slot) { writes_.push_back({slot, 0, INT32_MAX}); }
    void read_taps(const Part& part, const int32_t* distances);
    void read_own(const Part& part, const std::vector<Slot>& slots);
    static bool overlap(const std::vector<Range>& a, const std::vector<Range>& b);

    std::vector<Range> reads_, writes_;
};

}  // namespace gatun::gpu
