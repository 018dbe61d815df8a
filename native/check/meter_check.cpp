// What instructions take is told of each, and of no more events than there is room for.
#include <doctest/doctest.h>

#include <array>

#include "step/meter.h"

namespace gatun::check {

TEST_CASE("meter: counts calls, adds up times, and stops writing events where there is no more room") {
    std::array<int64_t, 3> calls{}, nanos{};
    std::array<gatun_meter_event, 5> events{};
    gatun_meter to{calls.data(), nanos.data(), events.data(), 4, 0};
    Meter meter(&to, 0);
    for (int round = 0; round < 3; ++round) {
        meter.begin();
        meter.end(0);
        meter.begin();
        meter.end(2);
    }
    CHECK(calls == std::array<int64_t, 3>{3, 0, 3});
    CHECK(nanos[1] == 0);
    CHECK(to.count == 4);
    CHECK(events[4].end == 0);
    int64_t sum = 0;
    for (size_t i = 0; i < 4; ++i) {
        CHECK(events[i].operation == (i % 2 == 0 ? 0 : 2));
        CHECK(events[i].start <= events[i].end);
        if (i > 0) CHECK(events[i - 1].end <= events[i].start);
        sum += events[i].end - events[i].start;
    }
    CHECK(sum <= nanos[0] + nanos[2]);
}

TEST_CASE("meter: nothing is told where nobody asks, nor of streams behind the first") {
    std::array<int64_t, 1> calls{}, nanos{};
    gatun_meter to{calls.data(), nanos.data(), nullptr, 0, 0};
    for (Meter meter : {Meter(nullptr, 0), Meter(&to, 1)}) {
        meter.begin();
        meter.end(0);
    }
    CHECK(calls[0] == 0);
}

}  // namespace gatun::check
