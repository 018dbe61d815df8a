// Sizes and parts of maps that jobs are made of.
#pragma once

#include <cstdint>

#include "gatun.h"
#include "ops/grid_lstm/grid_lstm.h"

namespace gatun::gpu {

inline int64_t parts(int64_t count, int64_t size) { return (count + size - 1) / size; }
inline int32_t blocks_of(int64_t features) { return static_cast<int32_t>(parts(features, GATUN_LANES)); }
inline int64_t positions_of(const gatun_map& map) { return int64_t{map.examples} * map.rows * map.columns; }

inline bool in_fours(const float* data) { return reinterpret_cast<uintptr_t>(data) % (4 * sizeof(float)) == 0; }
inline bool in_fours(const gatun_map& x, int64_t inputs) {
    return in_fours(x.data) && inputs % 4 == 0 && x.stride_example % 4 == 0 && x.stride_row % 4 == 0 &&
           x.stride_column % 4 == 0;
}

// Whether a product has work for blocks of threads.
bool has_product_tile(int64_t positions, int64_t outputs);

// A column of all examples of a map, `features` of its features from `first` on.
inline gatun_map column_of(const gatun_map& map, int64_t column, int64_t first, int64_t features) {
    gatun_map some = map;
    some.data += column * map.stride_column + first;
    some.rows = some.columns = 1;
    some.features = static_cast<int32_t>(features);
    return some;
}

// A line of all examples.
inline gatun_map line_of(const gatun_map& map, const GridLine& line, int64_t first, int64_t features) {
    gatun_map some = map;
    some.data += line.row * map.stride_row + line.column * map.stride_column + first;
    some.stride_column = line.down * map.stride_row + line.right * map.stride_column;
    some.rows = 1;
    some.columns = static_cast<int32_t>(line.count);
    some.features = static_cast<int32_t>(features);
    return some;
}

// [examples][places][features] in scratch.
inline gatun_map plain(float* data, int32_t examples, int64_t places, int64_t features) {
    return {data,
            places * features,
            places * features,
            features,
            examples,
            1,
            static_cast<int32_t>(places),
            static_cast<int32_t>(features)};
}

}  // namespace gatun::gpu
