#include "ops/recurrent/recurrent.h"

#include <algorithm>
#include <cstring>

#include "core/context.h"
#include "core/maps.h"
#include "core/slices.h"

namespace gatun {
namespace {

constexpr int64_t kNone = 0;  // the offset of the one tap of a product over what lies in scratch

int64_t blocks_of(int64_t outputs) { return (outputs + GATUN_LANES - 1) / GATUN_LANES; }

void product(const AffineKernels& kernels, const gatun_affine& affine, const float* x, int64_t x_step, float* y,
             int64_t y_step, int64_t count, bool accumulate) {
    kernels.run(affine, {x, &kNone, x_step, y, y_step, count}, 0, blocks_of(affine.outputs), accumulate);
}

void gather(const gatun_map& map, int64_t first, int64_t count, int64_t column, int64_t feature, int64_t features,
            float* to, int64_t to_step) {
    for (int64_t n = 0; n < count; ++n) {
        std::memcpy(to + n * to_step, at(map, first + n, 0, column) + feature,
                    sizeof(float) * static_cast<size_t>(features));
    }
}

void scatter(const float* from, int64_t from_step, const gatun_map& map, int64_t first, int64_t count, int64_t column,
             int64_t feature, int64_t features) {
    for (int64_t n = 0; n < count; ++n) {
        std::memcpy(at(map, first + n, 0, column) + feature, from + n * from_step,
                    sizeof(float) * static_cast<size_t>(features));
    }
}

// The examples of a slice are the positions of the product with the state's weights, so that these are read once for
// all of them.
class Run {
public:
    Run(int32_t isa, int32_t cell, const gatun_affine& state, const gatun_map& x, const gatun_map& y,
        const gatun_map& kept)
        : affine_(GATUN_PICK(isa, affine_kernels)),
          recurrent_(GATUN_PICK(isa, recurrent_kernels)),
          cell_(cell),
          state_(state),
          x_(x),
          y_(y),
          kept_(kept),
          hidden_(y.features),
          width_(kept.features),
          c_at_(cell_gates(cell) * hidden_),
          all_(kept.columns == x.columns) {}

    static int64_t scratch(const gatun_map& y, const gatun_map& kept) { return int64_t{y.features} + kept.features; }

    // h, and what is kept where that is not wanted of every position, lie together in scratch.
    void slice(int64_t first, int64_t count, float* scratch) const {
        float* h = scratch;
        float* own = scratch + count * hidden_;
        gather(y_, first, count, -1, 0, hidden_, h, hidden_);
        if (has_c()) gather(kept_, first, count, -1, c_at_, hidden_, own + c_at_, width_);
        for (int64_t t = 0; t < x_.columns; ++t) {
            product(affine_, state_, h, hidden_, own, width_, count, false);
            const float* x = at(x_, first, 0, t);
            float* kept = all_ ? at(kept_, first, 0, t) : own;
            const int64_t kept_step = all_ ? kept_.stride_example : width_;
            const float* c = !has_c() ? kept : all_ ? at(kept_, first, 0, t - 1) + c_at_ : own + c_at_;
            recurrent_.run(cell_, {x, x_.stride_example, own, width_, h, hidden_, c, kept_step, kept, kept_step, h,
                                   hidden_, hidden_, count});
            scatter(h, hidden_, y_, first, count, t, 0, hidden_);
        }
        if (!all_ && has_c()) scatter(own + c_at_, width_, kept_, first, count, 0, c_at_, hidden_);
    }

private:
    bool has_c() const { return cell_ == GATUN_CELL_LSTM; }

    const AffineKernels& affine_;
    const RecurrentKernels& recurrent_;
    const int32_t cell_;
    const gatun_affine& state_;
    const gatun_map& x_;
    const gatun_map& y_;
    const gatun_map& kept_;
    const int64_t hidden_, width_, c_at_;
    const bool all_;  // every position's is kept
};

class Back {
public:
    Back(int32_t isa, int32_t cell, const gatun_affine& back, const gatun_map& y, const gatun_map& kept,
         const gatun_map& dy, const gatun_map* dx, bool accumulate)
        : affine_(GATUN_PICK(isa, affine_kernels)),
          recurrent_(GATUN_PICK(isa, recurrent_kernels)),
          cell_(cell),
          back_(back),
          y_(y),
          kept_(kept),
          dy_(dy),
          dx_(dx),
          accumulate_(accumulate) {}

    static int64_t scratch(const gatun_map& y) { return int64_t{2} * y.features; }

    void slice(int64_t first, int64_t count, float* scratch) const {
        const int64_t hidden = y_.features, c_at = cell_gates(cell_) * hidden;
        float* dh = scratch;
        float* dc = scratch + count * hidden;
        std::fill(scratch, scratch + 2 * count * hidden, 0.0f);
        for (int64_t t = y_.columns - 1; t >= 0; --t) {
            float* kept = at(kept_, first, 0, t);
            const float* c = cell_ == GATUN_CELL_LSTM ? at(kept_, first, 0, t - 1) + c_at : kept;
            recurrent_.gradient(cell_, {at(y_, first, 0, t - 1), y_.stride_example, c, kept_.stride_example,
                                        at(dy_, first, 0, t), dy_.stride_example, kept, kept_.stride_example,
                                        dx_ == nullptr ? nullptr : at(*dx_, first, 0, t),
                                        dx_ == nullptr ? 0 : dx_->stride_example, dh, dc, hidden, count, accumulate_});
            if (t > 0) product(affine_, back_, kept, kept_.stride_example, dh, hidden, count, true);
        }
    }

private:
    const AffineKernels& affine_;
    const RecurrentKernels& recurrent_;
    const int32_t cell_;
    const gatun_affine& back_;
    const gatun_map& y_;
    const gatun_map& kept_;
    const gatun_map& dy_;
    const gatun_map* dx_;
    const bool accumulate_;
};

}  // namespace

void cell_step(int32_t isa, const gatun_affine& state, const CellStep& s) {
    const int64_t hidden = state.inputs, width = cell_kept(s.cell) * hidden;
    product(GATUN_PICK(isa, affine_kernels), state, s.h_before, hidden, s.kept, width, s.count, false);
    const float* c = s.cell == GATUN_CELL_LSTM ? s.kept + cell_gates(s.cell) * hidden : s.kept;
    GATUN_PICK(isa, recurrent_kernels)
        .run(s.cell, {s.x, s.x_step, s.kept, width, s.h_before, hidden, c, width, s.kept, width, s.h_after, hidden,
                      hidden, s.count});
}

}  // namespace gatun

extern "C" {

int32_t gatun_recurrent_run(gatun_context* context, int32_t cell, const gatun_affine* state, const gatun_map* x,
                            const gatun_map* y, const gatun_map* kept) {
    return gatun::recordable(
        context, GATUN_CALL_RECURRENT, [&](gatun::Record& r) { r.affine(*state).maps(x, y, kept).argument(cell); },
        [&] {
            const gatun::Run run(context->isa, cell, *state, *x, *y, *kept);
            gatun::each_slice(
                *context, x->examples, [&](int64_t count) { return count * gatun::Run::scratch(*y, *kept); },
                [&](int64_t first, int64_t count, float* scratch) { run.slice(first, count, scratch); });
            return GATUN_OK;
        });
}

int32_t gatun_recurrent_gradient(gatun_context* context, int32_t cell, const gatun_affine* back, const gatun_map* y,
                                 const gatun_map* kept, const gatun_map* dy, const gatun_map* dx, int32_t accumulate) {
    return gatun::recordable(
        context, GATUN_CALL_RECURRENT_GRADIENT,
        [&](gatun::Record& r) { r.affine(*back).maps(y, kept, dy, dx).argument(cell).accumulate(accumulate); },
        [&] {
            const gatun::Back run(context->isa, cell, *back, *y, *kept, *dy, dx, accumulate != 0);
            gatun::each_slice(
                *context, y->examples, [&](int64_t count) { return count * gatun::Back::scratch(*y); },
                [&](int64_t first, int64_t count, float* scratch) { run.slice(first, count, scratch); });
            return GATUN_OK;
        });
}
}
