// A map's positions cut into pieces, and where taps lie: for what goes through maps with the affine kernels.
#pragma once

#include <algorithm>
#include <limits>

#include "core/context.h"
#include "core/taps.h"
#include "ops/affine/affine.h"

namespace gatun {

inline int64_t blocks_of(int64_t outputs) { return (outputs + GATUN_LANES - 1) / GATUN_LANES; }

// Of each tap; good until the thread's next call.
inline int64_t* offsets_of(const gatun_affine& affine, const gatun_map& x) {
    thread_local Scratch scratch;
    auto* offsets = static_cast<int64_t*>(scratch.bytes(sizeof(int64_t) * static_cast<size_t>(affine.tap_count + 1)));
    tap_offsets(affine, x, offsets);
    return offsets;
}

// Where each flat input lies from a position, in floats; good until the thread's next call.
inline int64_t* inputs_of(const gatun_affine& affine, const gatun_map& x) {
    thread_local Scratch scratch;
    const int64_t flat = flat_inputs(affine);
    const int64_t* offsets = offsets_of(affine, x);
    auto* inputs = static_cast<int64_t*>(scratch.bytes(sizeof(int64_t) * static_cast<size_t>(flat + 1)));
    for (int64_t r = 0; r < flat; ++r) inputs[r] = offsets[r / affine.inputs] + r % affine.inputs;
    return inputs;
}

// Positions of both maps as those of longer rows, where rows, or examples too, follow one another in both.
inline void join_rows(gatun_map& x, gatun_map& y) {
    const auto joined = [&](int32_t count, int64_t x_stride, int64_t y_stride) {
        const auto follow = [&](const gatun_map& map, int64_t stride) {
            return y.columns == 1 || stride == y.columns * map.stride_column;
        };
        if (!follow(x, x_stride) || !follow(y, y_stride)) return false;
        if (int64_t{count} * y.columns > std::numeric_limits<int32_t>::max()) return false;
        if (y.columns == 1) x.stride_column = x_stride, y.stride_column = y_stride;
        x.columns = y.columns *= count;
        return true;
    };
    if (!joined(y.rows, x.stride_row, y.stride_row)) return;
    x.rows = y.rows = 1;
    if (joined(y.examples, x.stride_example, y.stride_example)) x.examples = y.examples = 1;
}

// A piece of a row of the grid: what one call of a kernel works on.
struct AffinePiece {
    int64_t example, row, column, columns;
};

// The grid cut into pieces of at most `longest` columns.
struct AffinePieces {
    AffinePieces(const gatun_map& map, int64_t longest)
        : columns(map.columns), length(std::min<int64_t>(longest, std::max(map.columns, 1))), rows(map.rows) {
        in_row = (columns + length - 1) / length;
        count = in_row * rows * map.examples;
    }

    AffinePiece operator[](int64_t i) const {
        const int64_t start = i % in_row * length;
        return {i / in_row / rows, i / in_row % rows, start, std::min(length, columns - start)};
    }

    // The piece behind one.
    AffinePiece after(AffinePiece piece) const {
        piece.column += length;
        if (piece.column >= columns) {
            piece.column = 0;
            if (++piece.row == rows) piece.row = 0, ++piece.example;
        }
        piece.columns = std::min(length, columns - piece.column);
        return piece;
    }

    int64_t positions() const { return count == 0 ? 0 : count / in_row * columns; }

    int64_t columns, length, rows, in_row = 0, count = 0;
};

// Pieces first .. end - 1, of so many positions.
struct PieceRun {
    int64_t first, end, positions;
};

// body(run) for runs of pieces of `all`, each of at most so many positions.
template <class Body>
void each_run(const AffinePieces& pieces, const PieceRun& all, int64_t longest, Body&& body) {
    for (PieceRun run{all.first, all.first, 0}; run.first < all.end; run = {run.end, run.end, 0}) {
        while (run.end < all.end && run.positions + pieces[run.end].columns <= longest) {
            run.positions += pieces[run.end++].columns;
        }
        body(run);
    }
}

inline float* at(const gatun_map& map, const AffinePiece& piece) {
    return map.data + piece.example * map.stride_example + piece.row * map.stride_row +
           piece.column * map.stride_column;
}

// weights (packed) += x dy over all positions, bias += dy (NULL: not).
void add_gradient(gatun_context& context, const gatun_affine& affine, const gatun_map& x, int32_t stride,
                  const gatun_map& dy, float* weights, float* bias);

}  // namespace gatun
