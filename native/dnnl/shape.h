// What a product asks for, as oneDNN sees it: taps on a lattice, positions cut into pieces, weights in a box.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gatun_products.h"

namespace gatun::dnnl {

// Taps are some places of a box of rows x columns, evenly spaced: the kernel of a dilated convolution. Places that are
// no taps have weights of zero.
struct Box {
    int32_t first_row, first_column;  // relative to the output's position
    int32_t rows, columns;
    int32_t row_step, column_step;
    std::vector<int32_t> places;  // of each tap
    std::vector<gatun_tap> taps;  // farther out than the grid: just outside

    int32_t size() const { return rows * columns; }
};
Box box_of(const gatun_affine& affine, const gatun_map& x);
// Each tap a place, one behind the other.
Box list_of(const gatun_affine& affine, const gatun_map& x);

// A part of the positions of a map: what one call of oneDNN works on.
struct Piece {
    int32_t example, examples, row, rows, column, columns;

    int64_t positions() const { return int64_t{examples} * rows * columns; }
    bool same_extent(const Piece& other) const {
        return examples == other.examples && rows == other.rows && columns == other.columns;
    }
};
// About `parts` of them, of one extent but for the last ones. They follow from the sizes alone, so that the bits do not
// depend on the number of threads.
std::vector<Piece> cut(const gatun_map& map, int64_t parts);

// How many pieces a product is worth: enough work in each to outweigh a call.
int64_t worth_parts(const gatun_product& product);
// Of a gradient, each of whose pieces has a sum of its own: fewer where the weights are many.
int64_t gradient_parts(const gatun_product& product, const Box& box);

// The value of a map that a piece's first position reads at a tap.
inline float* at(const gatun_map& map, const Piece& piece, int64_t stride = 1, int64_t row = 0, int64_t column = 0) {
    return map.data + piece.example * map.stride_example + (stride * piece.row + row) * map.stride_row +
           (stride * piece.column + column) * map.stride_column;
}

// Floats of a box of weights.
int64_t box_floats(const gatun_affine& affine, const Box& box);

// Packed weights as [place][input][output], zeros where there is no tap, or what a tap does not see.
void unpack_box(const gatun_affine& affine, const Box& box, float* to);

// Adds gradients [parts][place][input][output] to packed ones, part by part; places that are no taps go nowhere.
void add_boxes(const gatun_affine& affine, const Box& box, const float* from, int64_t parts, int64_t step, float* to);

// dy summed up over a piece's positions; and such sums of parts, in their order.
void add_bias(const gatun_map& dy, const Piece& piece, int64_t outputs, float* to);
void add_biases(const gatun_affine& affine, const float* from, int64_t parts, int64_t step, float* to);

}  // namespace gatun::dnnl
