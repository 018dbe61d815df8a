// Taps of a map in memory, and what sums over them take.
#pragma once

#include <algorithm>
#include <cstdint>

#include "gatun.h"

namespace gatun {

// Where taps lie relative to a position, in values. A tap farther away than the grid is long reads only what lies
// outside of it, as does one just outside: clamped, it needs no more of a halo than that.
template <class Map>
inline void tap_offsets(const gatun_affine& affine, const Map& x, int64_t* offsets) {
    for (int32_t k = 0; k < affine.tap_count; ++k) {
        const gatun_tap& tap = affine.taps[k];
        offsets[k] = std::clamp(tap.row, -x.rows, x.rows) * x.stride_row +
                     std::clamp(tap.column, -x.columns, x.columns) * x.stride_column;
    }
}

// Inputs of all taps together that the sum takes.
inline int64_t flat_inputs(const gatun_affine& affine) {
    return static_cast<int64_t>(affine.tap_count) * affine.inputs - affine.unseen;
}

// The positions of a map that are the first of stride x stride.
inline gatun_map every(const gatun_map& map, int32_t stride) {
    gatun_map some = map;
    some.stride_row *= stride;
    some.stride_column *= stride;
    return some;
}

}  // namespace gatun
