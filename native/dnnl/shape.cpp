#include "dnnl/shape.h"

#include <algorithm>
#include <numeric>

namespace gatun::dnnl {
namespace {

constexpr int64_t kLanes = GATUN_LANES;
// Multiplications of a piece: some 20 us of a core.
constexpr int64_t kPieceWork = int64_t{1} << 21;
constexpr int64_t kMostParts = 64;
// Of all parts of a gradient, about.
constexpr int64_t kGradientFloats = int64_t{1} << 18;

// First place, number and spacing of places that cover some values.
struct Line {
    int32_t first = 0, count = 1, step = 1;
};

Line line_of(const std::vector<int32_t>& values) {
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    int32_t step = 0;
    for (const int32_t value : values) step = std::gcd(step, value - *low);
    if (step == 0) return {*low, 1, 1};
    return {*low, (*high - *low) / step + 1, step};
}

int64_t pieces_of(int64_t extent, int64_t parts) { return std::clamp<int64_t>(parts, 1, std::max<int64_t>(extent, 1)); }

}  // namespace

Box box_of(const gatun_affine& affine, const gatun_map& x) {
    Box box{};
    std::vector<int32_t> rows, columns;
    for (int32_t k = 0; k < affine.tap_count; ++k) {
        rows.push_back(std::clamp(affine.taps[k].row, -x.rows, x.rows));
        columns.push_back(std::clamp(affine.taps[k].column, -x.columns, x.columns));
        box.taps.push_back({rows.back(), columns.back()});
    }
    const Line down = line_of(rows), across = line_of(columns);
    box.first_row = down.first;
    box.first_column = across.first;
    box.rows = down.count;
    box.columns = across.count;
    box.row_step = down.step;
    box.column_step = across.step;
    for (const gatun_tap& tap : box.taps) {
        box.places.push_back((tap.row - down.first) / down.step * across.count +
                             (tap.column - across.first) / across.step);
    }
    return box;
}

Box list_of(const gatun_affine& affine, const gatun_map& x) {
    Box box = box_of(affine, x);
    box.rows = 1;
    box.columns = affine.tap_count;
    std::iota(box.places.begin(), box.places.end(), 0);
    return box;
}

std::vector<Piece> cut(const gatun_map& map, int64_t parts) {
    std::vector<Piece> pieces;
    const int64_t in_batch = pieces_of(map.examples, parts);
    const int64_t in_example = pieces_of(map.rows, parts / std::max(map.examples, 1));
    const int64_t in_row = pieces_of(map.columns, parts / std::max<int64_t>(int64_t{map.examples} * map.rows, 1));
    const auto step = [](int32_t extent, int64_t count) { return static_cast<int32_t>((extent + count - 1) / count); };
    const int32_t examples = step(map.examples, in_batch), rows = step(map.rows, in_example),
                  columns = step(map.columns, in_row);
    for (int32_t n = 0; n < map.examples; n += examples) {
        for (int32_t i = 0; i < map.rows; i += rows) {
            for (int32_t j = 0; j < map.columns; j += columns) {
                pieces.push_back({n, std::min(examples, map.examples - n), i, std::min(rows, map.rows - i), j,
                                  std::min(columns, map.columns - j)});
            }
        }
    }
    return pieces;
}

int64_t worth_parts(const gatun_product& p) {
    const int64_t positions = int64_t{p.y->examples} * p.y->rows * p.y->columns;
    const int64_t work = positions * p.affine->tap_count * p.affine->inputs * p.affine->outputs;
    return std::clamp<int64_t>(work / kPieceWork, 1, kMostParts);
}

int64_t gradient_parts(const gatun_product& p, const Box& box) {
    const int64_t most = std::clamp<int64_t>(kGradientFloats / box_floats(*p.affine, box), 4, 16);
    return std::min(worth_parts(p), most);
}

int64_t box_floats(const gatun_affine& affine, const Box& box) {
    return int64_t{box.size()} * affine.inputs * affine.outputs;
}

namespace {

// body(flat index in packed weights, index in a box) of every weight of a tap that is seen.
template <class Body>
void each_weight(const gatun_affine& affine, const Box& box, Body&& body) {
    const int64_t flat = int64_t{affine.tap_count} * affine.inputs - affine.unseen;
    for (int64_t r = 0; r < flat; ++r) {
        const int64_t place = box.places[static_cast<size_t>(r / affine.inputs)];
        const int64_t to = (place * affine.inputs + r % affine.inputs) * affine.outputs;
        for (int64_t o = 0; o < affine.outputs; o += kLanes) {
            body((o / kLanes * flat + r) * kLanes, to + o, std::min<int64_t>(kLanes, affine.outputs - o));
        }
    }
}

}  // namespace

void unpack_box(const gatun_affine& affine, const Box& box, float* to) {
    std::fill_n(to, box_floats(affine, box), 0.0f);
    each_weight(affine, box, [&](int64_t packed, int64_t at, int64_t count) {
        // Two taps that lie just outside may have come to one place, where x is zero.
        for (int64_t i = 0; i < count; ++i) to[at + i] += affine.weights[packed + i];
    });
}

void add_boxes(const gatun_affine& affine, const Box& box, const float* from, int64_t parts, int64_t step, float* to) {
    each_weight(affine, box, [&](int64_t packed, int64_t at, int64_t count) {
        for (int64_t part = 0; part < parts; ++part) {
            for (int64_t i = 0; i < count; ++i) to[packed + i] += from[part * step + at + i];
        }
    });
}

void add_bias(const gatun_map& dy, const Piece& piece, int64_t outputs, float* to) {
    for (int64_t n = 0; n < piece.examples; ++n) {
        for (int64_t i = 0; i < piece.rows; ++i) {
            const float* row = at(dy, piece) + n * dy.stride_example + i * dy.stride_row;
            for (int64_t j = 0; j < piece.columns; ++j) {
                for (int64_t o = 0; o < outputs; ++o) to[o] += row[j * dy.stride_column + o];
            }
        }
    }
}

void add_biases(const gatun_affine& affine, const float* from, int64_t parts, int64_t step, float* to) {
    for (int64_t part = 0; part < parts; ++part) {
        for (int64_t o = 0; o < affine.outputs; ++o) to[o] += from[part * step + o];
    }
}

}  // namespace gatun::dnnl
