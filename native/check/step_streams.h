// Streams of a run of a step program.
#pragma once

#include <array>

#include "step_graph.h"
#include "step_whole.h"

namespace gatun::check {

// What a run is given, and what it leaves.
struct Streams {
    int64_t count, positions;
    gatun_noise noise;
    std::vector<int32_t> levels;  // one of the two is empty
    std::vector<float> reals;
    std::vector<uint8_t> known;  // empty: none
    std::vector<float> log_prob;
    StepCondition condition;

    Streams(const StepGraph& graph, Random& random)
        : count(std::array{1, 2, 3, 5, 17, 21}[static_cast<size_t>(random.whole(0, 5))]),
          positions(random.whole(1, 12)),
          noise{random.bits(), random.bits(), random.whole(0, 1) == 0 ? 1.0f : 0.6f, random.whole(0, 9) == 0 ? 1 : 0},
          condition(graph, count, positions, random) {
        const gatun_distribution& d = graph.d;
        const int64_t values = count * positions;
        if (d.type == GATUN_GAUSSIAN) {
            reals = random.reals(values, -2, 2);
        } else {
            levels.resize(static_cast<size_t>(values));
            for (int32_t& level : levels) level = static_cast<int32_t>(random.whole(0, d.levels - 1));
        }
        log_prob.resize(static_cast<size_t>(values), std::nanf(""));
        if (random.whole(0, 1) == 0) return;
        known.resize(static_cast<size_t>(values));
        for (uint8_t& given : known) given = random.whole(0, 2) == 0 ? 1 : 0;
    }
    // Of a program whose condition nothing reads.
    Streams(const gatun_step_program& program, int64_t length, Random& random)
        : count(std::array{1, 2, 5, 17}[static_cast<size_t>(random.whole(0, 3))]),
          positions(length),
          noise{random.bits(), random.bits(), random.whole(0, 1) == 0 ? 1.0f : 0.6f, random.whole(0, 9) == 0 ? 1 : 0},
          condition() {
        const auto values = static_cast<size_t>(count * positions);
        log_prob.resize(values, std::nanf(""));
        if (program.distribution.type == GATUN_GAUSSIAN) {
            reals = random.reals(count * positions, -2, 2);
        } else {
            levels.resize(values);
        }
    }
    bool given(size_t value) const { return !known.empty() && known[value] != 0; }
};

}  // namespace gatun::check
