// The LSTMs of PixelRNN (van den Oord et al. 2016b) over the places of a grid. A place's gates have a part x from the
// input and a part s = W h from the states of neighbours, an affine operation; what is left is the cell:
//
//   o, f, i = sigmoid(x + s), g = tanh(x + s), in the order o, f, i, g; c = f c_before + i g; h = o tanh(c)
//
// Outside of the grid h and c are zero. A place is computed after the neighbours that it reads, line by line:
//
//   GATUN_GRID_DOWN   lines are rows; c_before is that of the place above
//   GATUN_GRID_RIGHT  lines are the diagonals i + j = 0, 1, ..., from the top down; c_before is that on the left
//   GATUN_GRID_LEFT   the same of the grid seen in a mirror; c_before is that on the right
//
// Places of a line lie a fixed step apart in every map, diagonals too, so that a line is one product with the state's
// weights and nothing is skewed. Backwards, lines are taken in turn from the last; gradients reach a place by the taps
// negated, from places that have been done.
#pragma once

#include <algorithm>
#include <cstdint>

#include "gatun.h"

namespace gatun {

// Places (row + p*down, column + p*right), p < count.
struct GridLine {
    int64_t row, column;
    int64_t down, right;
    int64_t count;
    int64_t slot;  // of its first place in memory that holds a line; a place has the slot of the one that c comes from
};

class GridWalk {
public:
    GridWalk(int32_t way, int64_t rows, int64_t columns) : way_(way), rows_(rows), columns_(columns) {}

    int64_t lines() const {
        if (rows_ == 0 || columns_ == 0) return 0;
        return way_ == GATUN_GRID_DOWN ? rows_ : rows_ + columns_ - 1;
    }
    // The most slots that a line has.
    int64_t slots() const { return way_ == GATUN_GRID_DOWN ? columns_ : rows_; }
    GridLine line(int64_t k) const {
        if (way_ == GATUN_GRID_DOWN) return {k, 0, 0, 1, columns_, 0};
        const int64_t top = std::max<int64_t>(0, k - columns_ + 1), end = std::min(rows_, k + 1);
        if (way_ == GATUN_GRID_RIGHT) return {top, k - top, 1, -1, end - top, top};
        return {top, columns_ - 1 - (k - top), 1, 1, end - top, top};
    }
    // Where c comes from, relative to a place.
    gatun_tap before() const {
        return way_ == GATUN_GRID_DOWN    ? gatun_tap{-1, 0}
               : way_ == GATUN_GRID_RIGHT ? gatun_tap{0, -1}
                                          : gatun_tap{0, 1};
    }

private:
    const int32_t way_;
    const int64_t rows_, columns_;
};

namespace scalar {

// The definition, place by place in an order in which neighbours come first: h [rows][columns][hidden] of one example
// from x [rows][columns][4 * hidden] and weights [4 * hidden][taps][hidden].
void grid_lstm(int32_t way, const gatun_tap* taps, int64_t tap_count, const double* weights, const double* x,
               int64_t rows, int64_t columns, int64_t hidden, double* h);

}  // namespace scalar
}  // namespace gatun
