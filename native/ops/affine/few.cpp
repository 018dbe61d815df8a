// Which affine operations have few outputs, and how their positions are shared out: in bands of rows, for which what
// they read is turned row by row, just before the first vectors that want it.
#include "ops/affine/few.h"

#include <limits>

#include "core/maps.h"
#include "ops/affine/pieces.h"

namespace gatun {
namespace {

constexpr int64_t kLanes = GATUN_LANES;
// What is turned for a band lies in the L1 cache; in the L2 cache where too many rows would be turned for two bands.
constexpr int64_t kNearFloats = 8 << 10, kBandFloats = 96 << 10;
constexpr int64_t kSpans = 6;      // a band's rows in place of those that two bands turn
constexpr int64_t kLongest = 128;  // positions of a row that go together
constexpr int64_t kShares = 2;     // of a thread

int64_t whole_vectors(int64_t positions) { return (positions + kLanes - 1) / kLanes * kLanes; }

// Taps as they are clamped where the grid ends (core/taps.h).
gatun_tap clamped(const gatun_tap& tap, const gatun_map& x) {
    return {std::clamp(tap.row, -x.rows, x.rows), std::clamp(tap.column, -x.columns, x.columns)};
}

// The rows and columns that a position's taps are in, and the memory that this takes.
struct Extent {
    Extent(const gatun_affine& affine, const gatun_map& x, const gatun_map& y)
        : columns(std::min<int64_t>(y.columns, kLongest)) {
        for (int32_t k = 0; k < affine.tap_count; ++k) {
            const gatun_tap tap = clamped(affine.taps[k], x);
            top = std::min<int64_t>(top, tap.row);
            bottom = std::max<int64_t>(bottom, tap.row);
            left = std::min<int64_t>(left, tap.column);
            right = std::max<int64_t>(right, tap.column);
        }
        width = whole_vectors(whole_vectors(columns) + right - left);
        row_floats = width * affine.inputs;
    }

    int64_t columns;  // of a piece
    int64_t top = std::numeric_limits<int32_t>::max(), bottom = std::numeric_limits<int32_t>::min();
    int64_t left = top, right = bottom;
    int64_t width;       // of a turned row, in positions
    int64_t row_floats;  // of all inputs
};

class Few {
public:
    Few(gatun_context& context, const gatun_affine& affine, const gatun_map& x, const gatun_map& y, bool accumulate)
        : context_(context),
          kernels_(GATUN_PICK(context.isa, few_kernels)),
          affine_(affine),
          x_(x),
          y_(y),
          accumulate_(accumulate),
          extent_(affine, x, y),
          span_(extent_.bottom - extent_.top) {
        pieces_ = (y.columns + extent_.columns - 1) / extent_.columns;
        const int64_t most = std::min(kBandFloats / extent_.row_floats - span_,
                                      std::max(kNearFloats / extent_.row_floats, kSpans * span_));
        const int64_t band = std::clamp<int64_t>(most, 1, y.rows);
        bands_ = (y.rows + band - 1) / band;
        band_floats_ = ((y.rows + bands_ - 1) / bands_ + span_) * extent_.row_floats;
    }

    void run() {
        thread_local Scratch memory, tables;  // for all tasks before any begins: a task has no way to fail
        const int64_t units = y_.examples * bands_ * pieces_;
        const int64_t shares = std::min<int64_t>(units, kShares * context_.pool.threads());
        auto* turned = static_cast<float*>(memory.bytes(sizeof(float) * static_cast<size_t>(shares * band_floats_)));
        const int64_t flat = flat_inputs(affine_);
        auto* offsets =
            static_cast<int64_t*>(tables.bytes(sizeof(int64_t) * static_cast<size_t>(affine_.tap_count) +
                                               sizeof(float) * static_cast<size_t>(flat * affine_.outputs)));
        set_offsets(offsets);
        set_weights(reinterpret_cast<float*>(offsets + affine_.tap_count), flat);
        context_.pool.run(shares, [&](int64_t share) {
            const int64_t end = units * (share + 1) / shares;
            // Lanes behind a row's end multiply what is there.
            std::fill_n(turned + share * band_floats_, band_floats_, 0.0f);
            for (int64_t unit = units * share / shares; unit < end; ++unit) {
                make(band_of(unit), turned + share * band_floats_);
            }
        });
    }

private:
    struct Band : AffinePiece {
        int64_t rows;
    };

    Band band_of(int64_t unit) const {
        const int64_t piece = unit % pieces_, band = unit / pieces_ % bands_;
        const int64_t row = y_.rows * band / bands_, column = piece * extent_.columns;
        return {{unit / pieces_ / bands_, row, column, std::min(extent_.columns, y_.columns - column)},
                y_.rows * (band + 1) / bands_ - row};
    }

    void set_offsets(int64_t* offsets) {
        for (int32_t k = 0; k < affine_.tap_count; ++k) {
            const gatun_tap tap = clamped(affine_.taps[k], x_);
            offsets[k] = (tap.row - extent_.top) * extent_.row_floats + tap.column - extent_.left;
        }
        offsets_ = offsets;
    }

    // One input's of all outputs behind the other's.
    void set_weights(float* weights, int64_t flat) {
        weights_ = weights;
        for (int64_t r = 0; r < flat; ++r) {
            weights = std::copy_n(affine_.weights + r * kLanes, affine_.outputs, weights);
        }
    }

    void make(const Band& band, float* turned) const {
        FewTile tile = tile_of(band, turned);
        const int64_t in_row = (band.columns + kLanes - 1) / kLanes, vectors = in_row * band.rows;
        const int64_t together = kernels_.vectors[affine_.outputs - 1];
        const int64_t tiles = (vectors + together - 1) / together;
        int64_t ready = 0;
        for (int64_t i = 0; i < tiles; ++i) {
            const int64_t first = vectors * i / tiles, end = vectors * (i + 1) / tiles;
            for (; ready <= (end - 1) / in_row + span_; ++ready) turn(band, ready, turned);
            tile.next = turned_from(band, ready);
            kernels_.run(tile, first, end - first);
        }
    }

    FewTile tile_of(const Band& band, const float* turned) const {
        FewTile tile{};
        tile.x = turned;
        tile.x_row = extent_.row_floats;
        tile.width = extent_.width;
        tile.offsets = offsets_;
        tile.taps = affine_.tap_count;
        tile.inputs = affine_.inputs;
        tile.last = affine_.inputs - affine_.unseen;
        tile.weights = weights_;
        tile.bias = affine_.bias;
        tile.y = at(y_, band);
        tile.y_row = y_.stride_row;
        tile.y_step = y_.stride_column;
        tile.columns = band.columns;
        tile.outputs = affine_.outputs;
        tile.accumulate = accumulate_;
        return tile;
    }

    // Turns what the band's taps read of the row that is the ready-th from the first one; beside that there may be no
    // memory.
    void turn(const Band& band, int64_t ready, float* turned) const {
        int64_t left = extent_.right, right = extent_.left - 1;
        for (int32_t k = 0; k < affine_.tap_count; ++k) {
            const gatun_tap tap = clamped(affine_.taps[k], x_);
            const int64_t reader = ready + extent_.top - tap.row;
            if (reader < 0 || reader >= band.rows) continue;
            left = std::min<int64_t>(left, tap.column);
            right = std::max<int64_t>(right, tap.column);
        }
        if (right < left) return;
        kernels_.turn({turned_from(band, ready), x_.stride_column, left - extent_.left,
                       right - extent_.left + band.columns, affine_.inputs, turned + ready * extent_.row_floats,
                       extent_.width});
    }

    const float* turned_from(const Band& band, int64_t ready) const {
        return at(x_, band.example, band.row + extent_.top + ready, band.column + extent_.left);
    }

    gatun_context& context_;
    const FewKernels& kernels_;
    const gatun_affine& affine_;
    const gatun_map& x_;
    const gatun_map& y_;
    const bool accumulate_;
    const Extent extent_;
    const int64_t span_;  // rows that a position's taps reach over, the first excepted
    int64_t bands_, pieces_, band_floats_;
    const int64_t* offsets_ = nullptr;
    const float* weights_ = nullptr;
};

}  // namespace

bool few_fits(const gatun_affine& affine, const gatun_map& x, const gatun_map& y) {
    if (affine.outputs < 1 || affine.outputs > kMostFew || flat_inputs(affine) == 0) return false;
    if (y.examples == 0 || y.rows == 0 || y.columns == 0) return false;
    const Extent extent(affine, x, y);
    return (extent.bottom - extent.top + 1) * extent.row_floats <= kBandFloats;
}

// An example's work, as measured, in sevenths of a cycle: an input's at a position with outputs in the lanes, at
// sixteen with positions in the lanes, and turning one number.
bool is_few(const gatun_affine& affine, const gatun_map& x, const gatun_map& y) {
    if (!few_fits(affine, x, y)) return false;
    const Extent extent(affine, x, y);
    const int64_t pieces = (y.columns + extent.columns - 1) / extent.columns;
    const int64_t rows = y.rows + extent.bottom - extent.top;
    const int64_t columns = y.columns + pieces * (extent.right - extent.left);
    const int64_t vectors = y.rows * (whole_vectors(y.columns) / kLanes);
    const int64_t plain = y.rows * y.columns * flat_inputs(affine) * 4;
    const int64_t few = vectors * flat_inputs(affine) * (6 + 2 * affine.outputs) + rows * columns * affine.inputs * 3;
    return few < plain;
}

void few_run(gatun_context& context, const gatun_affine& affine, const gatun_map& x, const gatun_map& y,
             bool accumulate) {
    Few(context, affine, x, y, accumulate).run();
}

}  // namespace gatun
