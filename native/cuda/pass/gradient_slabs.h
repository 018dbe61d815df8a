// How the threads of a tile of weights' gradients share a slab of positions: who brings what, and where positions lie.
#pragma once

#include "cuda/pass/products.h"

namespace gatun::GATUN_ISA_LEVEL {

// Of the fours of a slab's rows that one of kThreads threads brings, the i-th's row, and the column of all of them.
template <int kColumns, int kThreads>
GATUN_INLINE int row_of_four(int t, int i) {
    return t / (kColumns / 4) + i * (kThreads / (kColumns / 4));
}
template <int kColumns>
GATUN_INLINE int column_of_four(int t) {
    return t % (kColumns / 4) * 4;
}

// Where the positions of a slab, kDepth of them, lie; of the `count` that begin at `begin`, by a thread each.
template <int kDepth>
GATUN_INLINE void find_positions(const Job& job, int64_t begin, int64_t count, int32_t slab, int t,
                                 const float* (&from_x)[2][kDepth], const float* (&from_dy)[2][kDepth]) {
    const int64_t position = int64_t{slab} * kDepth + t;
    if (t >= kDepth || position >= count) return;
    const gatun_map &x = job.call.maps[0], &dy = job.call.maps[1];
    const Spot spot = spot_of(dy, begin + position);
    from_x[slab & 1][t] = place(x, spot);
    from_dy[slab & 1][t] = place(dy, spot);
}

}  // namespace gatun::GATUN_ISA_LEVEL
