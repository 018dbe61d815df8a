// Streams of a program of a grid, what they are by definition, and what a run left of them.
#pragma once

#include <doctest/doctest.h>

#include <array>

#include "grid_reference.h"
#include "halves.h"

namespace gatun::check {

// What a run is given, and what it leaves.
struct GridStreams {
    int64_t count;
    gatun_noise noise;
    std::vector<int32_t> levels;  // one of the two is empty
    std::vector<float> reals;
    std::vector<uint8_t> known;  // empty: none
    std::vector<float> log_prob;
    std::vector<int32_t> classes;
    std::vector<float> state;  // stream by stream

    GridStreams(const GridProgram& program, Random& random)
        : count(std::array{1, 2, 3, 5, 17}[static_cast<size_t>(random.whole(0, 4))]),
          noise{random.bits(), random.bits(), random.whole(0, 1) == 0 ? 1.0f : 0.6f, random.whole(0, 9) == 0 ? 1 : 0} {
        const int64_t values = count * program.positions();
        if (program.real()) {
            reals = random.reals(values, -2, 2);
        } else {
            levels.resize(static_cast<size_t>(values));
            for (int32_t& level : levels) {
                level = static_cast<int32_t>(random.whole(0, program.p.distribution.levels - 1));
            }
        }
        log_prob.resize(static_cast<size_t>(values));
        for (int64_t s = 0; s < count; ++s) {
            classes.push_back(static_cast<int32_t>(random.whole(0, GridProgram::kClasses - 1)));
        }
        if (random.whole(0, 1) == 0) return;
        known.resize(static_cast<size_t>(values));
        for (uint8_t& given : known) given = random.whole(0, 2) == 0 ? 1 : 0;
    }
};

template <class T>
std::vector<T> of_stream(const std::vector<T>& values, int64_t stream, int64_t each) {
    if (values.empty()) return {};
    return {values.begin() + stream * each, values.begin() + (stream + 1) * each};
}

inline GridStreams defined(const GridProgram& program, const GridStreams& start) {
    GridStreams end = start;
    for (int64_t s = 0; s < start.count; ++s) {
        const int64_t each = program.positions();
        std::vector<int32_t> levels = of_stream(start.levels, s, each);
        std::vector<float> reals = of_stream(start.reals, s, each), log_prob = of_stream(start.log_prob, s, each);
        const std::vector<uint8_t> known = of_stream(start.known, s, each);
        GridReference reference(program.p, start.noise, s, start.classes[static_cast<size_t>(s)], levels, reals,
                                log_prob, known);
        reference.run();
        std::copy(levels.begin(), levels.end(), end.levels.begin() + (levels.empty() ? 0 : s * each));
        std::copy(reals.begin(), reals.end(), end.reals.begin() + (reals.empty() ? 0 : s * each));
        std::copy(log_prob.begin(), log_prob.end(), end.log_prob.begin() + s * each);
        end.state.insert(end.state.end(), reference.state.begin(), reference.state.end());
    }
    return end;
}

// The state of one stream of a part, out of [place][streams][features].
inline void append_stream(const GridProgram& program, const float* part, int64_t streams, int64_t stream,
                          std::vector<float>& to) {
    const size_t begin = to.size();
    to.resize(begin + static_cast<size_t>(program.p.state_floats), 0.0f);
    for (const gatun_grid_slot& slot : program.slots) {
        for (int64_t place = 0; place < places_of(slot); ++place) {
            std::copy_n(part + slot.offset * streams + (place * streams + stream) * slot.features, slot.features,
                        to.begin() + static_cast<int64_t>(begin) + slot.offset + place * slot.features);
        }
    }
}

inline void check_halves(gatun_context* context, const gatun_grid_program& program, const gatun_grid_run& run,
                         float* outputs) {
    if (distribution_positions(program.distribution) > 1) return;  // scored with the last of them alone
    check_halves(context, program.distribution, run, run.first_position, outputs);
}

inline void check_same(const GridStreams& a, const GridStreams& b) {
    CHECK(first_difference(a.levels, b.levels) == -1);
    CHECK(first_difference(a.reals, b.reals) == -1);
    CHECK(first_difference(a.log_prob, b.log_prob) == -1);
    CHECK(first_difference(a.state, b.state) == -1);
}

}  // namespace gatun::check
