#include "ops/grid_lstm/grid_lstm.h"

#include <vector>

#include "core/context.h"
#include "core/maps.h"
#include "core/slices.h"
#include "core/taps.h"
#include "ops/recurrent/recurrent.h"

namespace gatun {
namespace {

int64_t blocks_of(int64_t outputs) { return (outputs + GATUN_LANES - 1) / GATUN_LANES; }

std::vector<int64_t> offsets_of(const gatun_affine& affine, const gatun_map& x) {
    std::vector<int64_t> offsets(static_cast<size_t>(affine.tap_count));
    tap_offsets(affine, x, offsets.data());
    return offsets;
}

// A line's places in a map of one example: where the first lies, and how far apart they are.
struct Places {
    float* at;
    int64_t step;

    Places(const gatun_map& map, int64_t example, const GridLine& line)
        : at(gatun::at(map, example, line.row, line.column)),
          step(line.down * map.stride_row + line.right * map.stride_column) {}
    Places(float* slots, int64_t features, const GridLine& line) : at(slots + line.slot * features), step(features) {}
};

class Run {
public:
    Run(int32_t isa, int32_t way, const gatun_affine& state, const gatun_map& x, const gatun_map& y,
        const gatun_map* kept)
        : affine_(GATUN_PICK(isa, affine_kernels)),
          recurrent_(GATUN_PICK(isa, recurrent_kernels)),
          walk_(way, y.rows, y.columns),
          state_(state),
          offsets_(offsets_of(state, y)),
          x_(x),
          y_(y),
          kept_(kept),
          hidden_(y.features),
          width_(cell_kept(kGridCell) * hidden_),
          c_at_(cell_gates(kGridCell) * hidden_) {}

    // What is kept where nobody wants it: of one line, each place's in that of the place that c comes from.
    int64_t scratch() const { return kept_ == nullptr ? walk_.slots() * width_ : 0; }

    void example(int64_t n, float* scratch) const {
        std::fill(scratch, scratch + this->scratch(), 0.0f);
        for (int64_t k = 0; k < walk_.lines(); ++k) {
            const GridLine line = walk_.line(k);
            const Places x(x_, n, line), h(y_, n, line);
            const Places own = kept_ == nullptr ? Places(scratch, width_, line) : Places(*kept_, n, line);
            affine_.run(state_, {h.at, offsets_.data(), h.step, own.at, own.step, line.count}, 0,
                        blocks_of(state_.outputs), false);
            recurrent_.run(kGridCell, {x.at, x.step, own.at, own.step, h.at, h.step, own.at + c_at_ + to_c_before(),
                                       own.step, own.at, own.step, h.at, h.step, hidden_, line.count});
        }
    }

private:
    int64_t to_c_before() const {
        const gatun_tap before = walk_.before();
        return kept_ == nullptr ? 0 : before.row * kept_->stride_row + before.column * kept_->stride_column;
    }

    const AffineKernels& affine_;
    const RecurrentKernels& recurrent_;
    const GridWalk walk_;
    const gatun_affine& state_;
    const std::vector<int64_t> offsets_;
    const gatun_map& x_;
    const gatun_map& y_;
    const gatun_map* kept_;
    const int64_t hidden_, width_, c_at_;
};

class Back {
public:
    Back(int32_t isa, int32_t way, const gatun_affine& back, const gatun_map& y, const gatun_map& kept,
         const gatun_map& dy, const gatun_map* dx, bool accumulate)
        : affine_(GATUN_PICK(isa, affine_kernels)),
          recurrent_(GATUN_PICK(isa, recurrent_kernels)),
          walk_(way, y.rows, y.columns),
          back_(back),
          offsets_(offsets_of(back, kept)),
          y_(y),
          kept_(kept),
          dy_(dy),
          dx_(dx),
          hidden_(y.features),
          accumulate_(accumulate) {}

    int64_t scratch() const { return 2 * walk_.slots() * hidden_; }

    // dh of a line's places comes from all places that read them; dc goes from place to place in the slot that they
    // share.
    void example(int64_t n, float* scratch) const {
        std::fill(scratch, scratch + this->scratch(), 0.0f);
        const gatun_tap before = walk_.before();
        const int64_t to_c_before =
            cell_gates(kGridCell) * hidden_ + before.row * kept_.stride_row + before.column * kept_.stride_column;
        for (int64_t k = walk_.lines() - 1; k >= 0; --k) {
            const GridLine line = walk_.line(k);
            const Places h(y_, n, line), kept(kept_, n, line), dy(dy_, n, line);
            const Places dh(scratch, hidden_, line), dc(scratch + walk_.slots() * hidden_, hidden_, line);
            const Places dx(dx_ == nullptr ? kept_ : *dx_, n, line);
            affine_.run(back_, {kept.at, offsets_.data(), kept.step, dh.at, dh.step, line.count}, 0, blocks_of(hidden_),
                        false);
            recurrent_.gradient(
                kGridCell, {h.at, h.step, kept.at + to_c_before, kept.step, dy.at, dy.step, kept.at, kept.step,
                            dx_ == nullptr ? nullptr : dx.at, dx.step, dh.at, dc.at, hidden_, line.count, accumulate_});
        }
    }

private:
    const AffineKernels& affine_;
    const RecurrentKernels& recurrent_;
    const GridWalk walk_;
    const gatun_affine& back_;
    const std::vector<int64_t> offsets_;
    const gatun_map& y_;
    const gatun_map& kept_;
    const gatun_map& dy_;
    const gatun_map* dx_;
    const int64_t hidden_;
    const bool accumulate_;
};

template <class Pass>
int32_t each_example(gatun_context& context, int64_t examples, const Pass& pass) {
    // A slice takes its examples one after the other, in the scratch of one of them.
    each_slice(
        context, examples, [&](int64_t) { return pass.scratch(); },
        [&](int64_t first, int64_t count, float* scratch) {
            for (int64_t n = first; n < first + count; ++n) pass.example(n, scratch);
        });
    return GATUN_OK;
}

}  // namespace
}  // namespace gatun

extern "C" {

int32_t gatun_grid_lstm_run(gatun_context* context, int32_t way, const gatun_affine* state, const gatun_map* x,
                            const gatun_map* y, const gatun_map* kept) {
    return gatun::recordable(
        context, GATUN_CALL_GRID_LSTM, [&](gatun::Record& r) { r.affine(*state).maps(x, y, kept).argument(way); },
        [&] {
            return gatun::each_example(*context, y->examples, gatun::Run(context->isa, way, *state, *x, *y, kept));
        });
}

int32_t gatun_grid_lstm_gradient(gatun_context* context, int32_t way, const gatun_affine* back, const gatun_map* y,
                                 const gatun_map* kept, const gatun_map* dy, const gatun_map* dx, int32_t accumulate) {
    return gatun::recordable(
        context, GATUN_CALL_GRID_LSTM_GRADIENT,
        [&](gatun::Record& r) { r.affine(*back).maps(y, kept, dy, dx).argument(way).accumulate(accumulate); },
        [&] {
            return gatun::each_example(*context, y->examples,
                                       gatun::Back(context->isa, way, *back, *y, *kept, *dy, dx, accumulate != 0));
        });
}
}
