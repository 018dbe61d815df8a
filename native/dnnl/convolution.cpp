// Products as oneDNN's convolutions, a box of places around each output. Halos are memory in Gatun, and no zeros are
// added here: a piece reads its positions and what is around them, copied together where they do not lie as oneDNN
// wants them.
#include "dnnl/pieces.h"

namespace gatun::dnnl {
namespace {

using onednn::memory;
using Dims = memory::dims;

// More of a box than this must be taps: zeros are multiplied like other weights.
constexpr int32_t kLeastShare = 4;

Box kernel_of(const gatun_product& p) {
    Box box = box_of(*p.affine, *p.x);
    if (box.size() > kLeastShare * p.affine->tap_count) {
        throw Refused(std::to_string(p.affine->tap_count) + " taps of " + std::to_string(box.size()) +
                      " places of a dense kernel");
    }
    return box;
}

// Extents of what a piece reads.
int64_t around(int64_t positions, int64_t stride, int64_t places, int64_t step) {
    return (positions - 1) * stride + (places - 1) * step + 1;
}

struct Extents {
    Dims source, weights, target, strides, dilates;

    Extents(const gatun_product& p, const Box& box, const Piece& piece)
        : source{piece.examples, p.affine->inputs, around(piece.rows, p.stride, box.rows, box.row_step),
                 around(piece.columns, p.stride, box.columns, box.column_step)},
          weights{p.affine->outputs, p.affine->inputs, box.rows, box.columns},
          target{piece.examples, p.affine->outputs, piece.rows, piece.columns},
          strides{p.stride, p.stride},
          dilates{box.row_step - 1, box.column_step - 1} {}
};

memory::desc wanted(const Dims& extents, memory::format_tag order) { return {extents, memory::data_type::f32, order}; }

onednn::primitive_attr own_scratchpad() {
    onednn::primitive_attr how;
    how.set_scratchpad_mode(onednn::scratchpad_mode::user);
    return how;
}

onednn::convolution_forward::primitive_desc forward(const Extents& e, memory::format_tag order, bool bias) {
    const Dims none = {0, 0};
    const memory::desc source = wanted(e.source, order), target = wanted(e.target, order),
                       weights = wanted(e.weights, memory::format_tag::any);
    const auto kind = onednn::prop_kind::forward_training;
    const auto how = onednn::algorithm::convolution_direct;
    if (!bias)
        return {engine(), kind, how, source, weights, target, e.strides, e.dilates, none, none, own_scratchpad()};
    const memory::desc biases = wanted({e.target[1]}, memory::format_tag::x);
    return {engine(), kind, how, source, weights, biases, target, e.strides, e.dilates, none, none, own_scratchpad()};
}

// What is computed of a piece of one extent.
struct Run {
    Run(const gatun_product& p, const Box& box, const Piece& piece, memory::format_tag order)
        : extent(piece), desc(forward(Extents(p, box, piece), order, p.affine->bias != nullptr)), primitive(desc) {
        const Extents e(p, box, piece);
        in = Reorder(desc_of(*p.x, p.affine->inputs, piece.examples, e.source[2], e.source[3]), desc.src_desc());
        out = Reorder(desc.dst_desc(), desc_of(*p.y, p.affine->outputs, piece.examples, piece.rows, piece.columns),
                      p.accumulate != 0);
        weights = Reorder(box_desc(*p.affine, box), desc.weights_desc());
        source_at = layout.add(desc.src_desc());
        target_at = layout.add(desc.dst_desc());
        scratch_at = layout.add(desc.scratchpad_desc());
    }

    Piece extent;
    onednn::convolution_forward::primitive_desc desc;
    onednn::convolution_forward primitive;
    Reorder in, out, weights;
    Layout layout;
    int64_t source_at, target_at, scratch_at;
};

class ConvolutionRun final : public Plan {
public:
    ConvolutionRun(const gatun_product& p, memory::format_tag order)
        : box_(kernel_of(p)),
          pieces_(cut(*p.y, worth_parts(p)), [&](const Piece& piece) { return Run(p, box_, piece, order); }) {
        box_at_ = shared_.add(box_floats(*p.affine, box_));
        for (const Run& run : pieces_.made()) weights_at_.push_back(shared_.add(run.desc.weights_desc()));
    }

    void run(const gatun_product_host& host, const gatun_product& p) const override {
        float* shared = scratch(kRun, shared_.floats());
        unpack_box(*p.affine, box_, shared + box_at_);
        const onednn::stream stream(engine());
        const std::vector<Run>& runs = pieces_.made();
        for (size_t i = 0; i < runs.size(); ++i) {
            if (runs[i].weights.needed()) runs[i].weights.run(stream, shared + box_at_, shared + weights_at_[i]);
        }
        share(host, pieces_.count(), [&](int64_t i) {
            const bool copied = pieces_.of(i).weights.needed();
            run_piece(p, pieces_.piece(i), pieces_.of(i), shared + (copied ? weights_at_[pieces_.which(i)] : box_at_));
        });
    }

    std::string kernel() const override {
        return pieces_.made().empty() ? "" : pieces_.made().front().desc.impl_info_str();
    }

private:
    void run_piece(const gatun_product& p, const Piece& piece, const Run& run, const float* weights) const {
        const onednn::stream stream(engine());
        float* own = scratch(kTask, run.layout.floats());
        float* source = at(*p.x, piece, p.stride, box_.first_row, box_.first_column);
        float* target = at(*p.y, piece);
        if (run.in.needed()) {
            run.in.run(stream, source, own + run.source_at);
            source = own + run.source_at;
        }
        float* sums = run.out.needed() ? own + run.target_at : target;
        std::unordered_map<int, memory> arguments = {
            {DNNL_ARG_SRC, gatun::dnnl::memory(run.desc.src_desc(), source)},
            {DNNL_ARG_WEIGHTS, gatun::dnnl::memory(run.desc.weights_desc(), weights)},
            {DNNL_ARG_DST, gatun::dnnl::memory(run.desc.dst_desc(), sums)},
            {DNNL_ARG_SCRATCHPAD, gatun::dnnl::memory(run.desc.scratchpad_desc(), own + run.scratch_at)}};
        if (p.affine->bias != nullptr)
            arguments.emplace(DNNL_ARG_BIAS, gatun::dnnl::memory(run.desc.bias_desc(), p.affine->bias));
        run.primitive.execute(stream, arguments);
        if (run.out.needed()) run.out.run(stream, sums, target);
    }

    const Box box_;
    const Pieces<Run> pieces_;
    std::vector<int64_t> weights_at_;
    Layout shared_;
    int64_t box_at_ = 0;
};

// The same of the gradient of weights.
struct Gradient {
    Gradient(const gatun_product& p, const Box& box, const Piece& piece, memory::format_tag order)
        : extent(piece), desc(backward(Extents(p, box, piece), order)), primitive(desc) {
        const Extents e(p, box, piece);
        in = Reorder(desc_of(*p.x, p.affine->inputs, piece.examples, e.source[2], e.source[3]), desc.src_desc());
        dy = Reorder(desc_of(*p.y, p.affine->outputs, piece.examples, piece.rows, piece.columns), desc.diff_dst_desc());
        weights = Reorder(desc.diff_weights_desc(), box_desc(*p.affine, box));
        source_at = layout.add(desc.src_desc());
        dy_at = layout.add(desc.diff_dst_desc());
        weights_at = layout.add(desc.diff_weights_desc());
        scratch_at = layout.add(desc.scratchpad_desc());
    }

    static onednn::convolution_backward_weights::primitive_desc backward(const Extents& e, memory::format_tag order) {
        const Dims none = {0, 0};
        return {engine(),
                onednn::algorithm::convolution_direct,
                wanted(e.source, order),
                wanted(e.weights, memory::format_tag::any),
                wanted(e.target, order),
                e.strides,
                e.dilates,
                none,
                none,
                forward(e, order, false),
                own_scratchpad()};
    }

    Piece extent;
    onednn::convolution_backward_weights::primitive_desc desc;
    onednn::convolution_backward_weights primitive;
    Reorder in, dy, weights;
    Layout layout;
    int64_t source_at, dy_at, weights_at, scratch_at;
};

class ConvolutionGradient final : public GradientPlan {
public:
    ConvolutionGradient(const gatun_product& p, memory::format_tag order)
        : GradientPlan(p, kernel_of(p)), pieces_(cut(*p.y, gradient_parts(p, box())), [&](const Piece& piece) {
              return Gradient(p, box(), piece, order);
          }) {}

    std::string kernel() const override {
        return pieces_.made().empty() ? "" : pieces_.made().front().desc.impl_info_str();
    }

private:
    int64_t parts() const override { return pieces_.count(); }
    const Piece& piece(int64_t i) const override { return pieces_.piece(i); }

    void run_piece(const gatun_product& p, int64_t i, float* to) const override {
        const Gradient& run = pieces_.of(i);
        const onednn::stream stream(engine());
        float* own = scratch(kTask, run.layout.floats());
        float* source = at(*p.x, piece(i), p.stride, box().first_row, box().first_column);
        float* dy = at(*p.y, piece(i));
        if (run.in.needed()) {
            run.in.run(stream, source, own + run.source_at);
            source = own + run.source_at;
        }
        if (run.dy.needed()) {
            run.dy.run(stream, dy, own + run.dy_at);
            dy = own + run.dy_at;
        }
        float* sums = run.weights.needed() ? own + run.weights_at : to;
        run.primitive.execute(
            stream, {{DNNL_ARG_SRC, gatun::dnnl::memory(run.desc.src_desc(), source)},
                     {DNNL_ARG_DIFF_DST, gatun::dnnl::memory(run.desc.diff_dst_desc(), dy)},
                     {DNNL_ARG_DIFF_WEIGHTS, gatun::dnnl::memory(run.desc.diff_weights_desc(), sums)},
                     {DNNL_ARG_SCRATCHPAD, gatun::dnnl::memory(run.desc.scratchpad_desc(), own + run.scratch_at)}});
        if (run.weights.needed()) run.weights.run(stream, sums, to);
    }

    const Pieces<Gradient> pieces_;
};

}  // namespace

std::unique_ptr<Plan> convolution_run(const gatun_product& product, memory::format_tag order) {
    return std::make_unique<ConvolutionRun>(product, order);
}

std::unique_ptr<Plan> convolution_gradient(const gatun_product& product, memory::format_tag order) {
    return std::make_unique<ConvolutionGradient>(product, order);
}

}  // namespace gatun::dnnl
