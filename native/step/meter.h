// How long instructions take, for whoever asks.
#pragma once

#include <chrono>
#include <cstdint>

#include "gatun.h"

namespace gatun {

class Meter {
public:
    // Of the run's first streams: others go by at the same time, and would write to the same places.
    Meter(gatun_meter* to, int64_t first_stream) : to_(first_stream == 0 ? to : nullptr) {}

    // An instruction begins. What lies between instructions is nobody's.
    void begin() {
        if (to_ != nullptr) start_ = now();
    }

    void end(int64_t operation) {
        if (to_ == nullptr) return;
        const int64_t end = now();
        ++to_->calls[operation];
        to_->nanos[operation] += end - start_;
        if (to_->count < to_->room) {
            to_->events[to_->count++] = {start_, end, static_cast<int32_t>(operation), 0};
        }
    }

private:
    static int64_t now() {
        const auto time = std::chrono::steady_clock::now().time_since_epoch();
        return std::chrono::duration_cast<std::chrono::nanoseconds>(time).count();
    }

    gatun_meter* to_;
    int64_t start_ = 0;
};

}  // namespace gatun
