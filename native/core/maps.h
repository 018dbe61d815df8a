// Walking maps: stretches of floats that lie together in all of the maps, shared out to the threads of a pool. What a
// body does with one stretch must not depend on other stretches.
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/pool.h"
#include "gatun.h"

namespace gatun {

template <class Map>
inline auto* at(const Map& map, int64_t example, int64_t row, int64_t column) {
    return map.data + example * map.stride_example + row * map.stride_row + column * map.stride_column;
}

// About so many floats make a task: large enough to outweigh handing it to another thread.
inline constexpr int64_t kTaskFloats = 16384;

// Rows, or pieces of long rows, grouped into tasks of about kTaskFloats.
struct Pieces {
    int64_t columns;  // of a piece, the row's last one excepted
    int64_t in_row;
    int64_t count;
    int64_t in_task;

    Pieces(int64_t rows, int64_t row_columns, int64_t features) {
        const int64_t width = std::max<int64_t>(features, 1);
        columns = std::clamp<int64_t>(kTaskFloats / width, 1, std::max<int64_t>(row_columns, 1));
        in_row = (row_columns + columns - 1) / columns;
        count = rows * in_row;
        in_task = std::max<int64_t>(kTaskFloats / (columns * width), 1);
    }
    int64_t tasks() const { return (count + in_task - 1) / in_task; }
};

// body(example, row, first column, columns) for pieces that cover all positions of `shape`.
template <class Map, class Body>
void each_piece(Pool& pool, const Map& shape, Body&& body) {
    const Pieces pieces(int64_t{shape.examples} * shape.rows, shape.columns, shape.features);
    pool.run(pieces.tasks(), [&](int64_t task) {
        const int64_t end = std::min(pieces.count, (task + 1) * pieces.in_task);
        for (int64_t piece = task * pieces.in_task; piece < end; ++piece) {
            const int64_t row = piece / pieces.in_row;
            const int64_t first = piece % pieces.in_row * pieces.columns;
            body(row / shape.rows, row % shape.rows, first, std::min(pieces.columns, shape.columns - first));
        }
    });
}

// body(pointers, count) for stretches of floats that cover the maps, which have the same extents.
template <int kMaps, class Body>
void each_stretch(Pool& pool, const gatun_map* const (&maps)[kMaps], Body&& body) {
    const gatun_map& shape = *maps[0];
    if (shape.features == 0) return;
    bool together = true;
    for (const gatun_map* map : maps) together = together && map->stride_column == map->features;
    each_piece(pool, shape, [&](int64_t example, int64_t row, int64_t first, int64_t columns) {
        float* pointers[kMaps];
        for (int i = 0; i < kMaps; ++i) pointers[i] = at(*maps[i], example, row, first);
        if (together) {
            body(pointers, columns * shape.features);
            return;
        }
        for (int64_t column = 0; column < columns; ++column) {
            body(pointers, static_cast<int64_t>(shape.features));
            for (int i = 0; i < kMaps; ++i) pointers[i] += maps[i]->stride_column;
        }
    });
}

}  // namespace gatun
