// Where things lie: positions of maps, blocks of features. Index arithmetic that the device and the checker share.
#pragma once

#include "cuda/pass/job.h"
#include "cuda/sixteen.h"
#include "simd/math.h"

namespace gatun::GATUN_ISA_LEVEL {

using gpu::Job;

struct Spot {
    int32_t example, row, column;
};

// The position-th place of a grid, example by example, row by row. There are fewer than 2^31.
template <class Map>
GATUN_INLINE Spot spot_of(const Map& map, int64_t position) {
    const auto at = static_cast<uint32_t>(position);
    const auto columns = static_cast<uint32_t>(map.columns), rows = static_cast<uint32_t>(map.rows);
    const uint32_t row = at / columns;
    return {static_cast<int32_t>(row / rows), static_cast<int32_t>(row % rows), static_cast<int32_t>(at % columns)};
}

template <class Map>
GATUN_INLINE auto* place(const Map& map, const Spot& s) {
    return map.data + s.example * map.stride_example + s.row * map.stride_row + s.column * map.stride_column;
}

// The spot behind.
template <class Map>
GATUN_INLINE void move_on(const Map& map, Spot& s) {
    if (++s.column < map.columns) return;
    s.column = 0;
    if (++s.row < map.rows) return;
    s.row = 0;
    ++s.example;
}

template <class Body>
GATUN_INLINE void each_sixteen(int32_t features, Body&& body) {
    for (int32_t block = 0; block * kLanes < features; ++block) body(Sixteen(block, features));
}

// The first of `chunks` equal parts of a count, and so on.
GATUN_INLINE int64_t chunk_start(int64_t count, int32_t chunks, int64_t chunk) { return count * chunk / chunks; }

}  // namespace gatun::GATUN_ISA_LEVEL
