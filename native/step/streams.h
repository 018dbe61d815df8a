// Which streams of a run are on their way.
#pragma once

#include <algorithm>
#include <cstdint>

#include "gatun.h"

namespace gatun {

inline bool is_idle(const gatun_step_run& run, int64_t stream) {
    return run.each != nullptr && run.each[stream].idle != 0;
}

inline int64_t active_streams(const gatun_step_run& run) {
    int64_t active = 0;
    for (int64_t s = 0; s < run.streams; ++s) active += is_idle(run, s) ? 0 : 1;
    return active;
}

// Whether a stream would go on behind the end of the program's chain.
inline bool is_behind_chain(const gatun_step_program& program, const gatun_step_run& run) {
    if (program.chain == 0 || run.positions == 0) return false;
    for (int64_t s = 0; s < run.streams; ++s) {
        const int64_t start = run.each == nullptr ? 0 : run.each[s].start;
        if (!is_idle(run, s) && run.positions > program.chain - (run.first_position - start)) return true;
    }
    return false;
}

// body(first, count) for streams that lie side by side, of those that are the first-th to the (end-1)-th active one.
template <class Body>
void each_range(const gatun_step_run& run, int64_t first, int64_t end, Body&& body) {
    int64_t active = 0;
    for (int64_t s = 0; s < run.streams && active < end;) {
        int64_t count = 0;
        while (s + count < run.streams && !is_idle(run, s + count)) ++count;
        const int64_t from = std::max(first, active), to = std::min(end, active + count);
        if (from < to) body(s + from - active, to - from);
        active += count;
        s += count + 1;
    }
}

}  // namespace gatun
