// A batch cut into slices of examples, one for each thread, with scratch of their own: for operations whose positions
// depend on each other, so that slices go through all positions without waiting for each other.
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/context.h"

namespace gatun {

// body(first example, examples, scratch) of each slice; scratch: floats(examples) of them, 64-byte aligned.
template <class Floats, class Body>
void each_slice(gatun_context& context, int64_t examples, Floats&& floats, Body&& body) {
    thread_local Scratch memory;  // for all slices before any starts: a task has no way to fail
    const int64_t slices = std::min<int64_t>(examples, context.pool.threads());
    if (slices == 0) return;
    const int64_t most = (examples + slices - 1) / slices;
    const int64_t each = (floats(most) + 2 * GATUN_LANES - 1) / GATUN_LANES * GATUN_LANES;
    auto* scratch = static_cast<float*>(memory.bytes(sizeof(float) * static_cast<size_t>(each * slices)));
    context.pool.run(slices, [&](int64_t slice) {
        const int64_t first = examples * slice / slices, end = examples * (slice + 1) / slices;
        body(first, end - first, scratch + slice * each);
    });
}

}  // namespace gatun
