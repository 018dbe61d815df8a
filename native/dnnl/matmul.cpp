// Products as oneDNN's products of matrices, one for each tap, on maps as they lie.
#include <algorithm>
#include <array>

#include "dnnl/pieces.h"

namespace gatun::dnnl {
namespace {

using onednn::memory;
using Dims = memory::dims;

// Less in a line of positions is too little for a call of oneDNN.
constexpr int64_t kLeastLine = int64_t{1} << 17;

// Positions of a piece in two maps: as few lines as their strides allow.
struct Lines {
    Dims extents, x, y;  // the outermost first

    Lines(const gatun_product& p, const Piece& piece) {
        add(piece.examples, p.x->stride_example, p.y->stride_example);
        add(piece.rows, p.stride * p.x->stride_row, p.y->stride_row);
        add(piece.columns, p.stride * p.x->stride_column, p.y->stride_column);
        if (extents.empty()) push(1, p.stride * p.x->stride_column, p.y->stride_column);
    }

    int64_t length() const { return extents.back(); }
    // How many groups of the innermost `inner` dimensions there are.
    int64_t count(size_t inner) const {
        int64_t groups = 1;
        for (size_t i = 0; i + inner < extents.size(); ++i) groups *= extents[i];
        return groups;
    }
    // Where group i begins.
    int64_t start(const Dims& strides, size_t inner, int64_t i) const {
        int64_t at = 0;
        if (extents.size() <= inner) return at;
        for (size_t d = extents.size() - inner; d-- > 0; i /= extents[d]) at += i % extents[d] * strides[d];
        return at;
    }
    // The innermost dimensions of extents or strides.
    static Dims innermost(const Dims& dims, size_t inner) {
        return {dims.end() - static_cast<std::ptrdiff_t>(std::min(inner, dims.size())), dims.end()};
    }

private:
    void add(int64_t extent, int64_t in_x, int64_t in_y) {
        if (extent == 1) return;
        if (!extents.empty() && x.back() == extent * in_x && y.back() == extent * in_y) {
            extents.back() *= extent;
            x.back() = in_x;
            y.back() = in_y;
            return;
        }
        push(extent, in_x, in_y);
    }
    void push(int64_t extent, int64_t in_x, int64_t in_y) {
        extents.push_back(extent);
        x.push_back(in_x);
        y.push_back(in_y);
    }
};

// Lines of positions in one call. Not lines of lines: oneDNN 3.11 computes products of two dimensions of batches wrong
// where those of y lie together and those of x do not.
constexpr size_t kTogether = 2;

Dims with(Dims dims, int64_t last) {
    dims.push_back(last);
    return dims;
}

memory::desc of(const Dims& extents, const Dims& strides) { return {extents, memory::data_type::f32, strides}; }

onednn::primitive_attr how(bool accumulate) {
    onednn::primitive_attr attributes;
    attributes.set_scratchpad_mode(onednn::scratchpad_mode::user);
    if (accumulate) {
        onednn::post_ops sum;
        sum.append_sum();
        attributes.set_post_ops(sum);
    }
    return attributes;
}

// [1, ..., inputs, outputs] for positions of so many dimensions.
Dims weights_dims(const gatun_affine& affine, size_t dimensions) {
    Dims dims(dimensions - 1, 1);
    dims.push_back(affine.inputs);
    dims.push_back(affine.outputs);
    return dims;
}

onednn::matmul::primitive_desc product(const gatun_product& p, const Lines& lines, bool first) {
    const Dims positions = Lines::innermost(lines.extents, kTogether);
    const size_t dimensions = positions.size();
    const memory::desc x = of(with(positions, p.affine->inputs), with(Lines::innermost(lines.x, kTogether), 1)),
                       y = of(with(positions, p.affine->outputs), with(Lines::innermost(lines.y, kTogether), 1)),
                       weights(weights_dims(*p.affine, dimensions), memory::data_type::f32, memory::format_tag::any);
    const bool accumulate = !first || p.accumulate != 0;
    if (!first || p.affine->bias == nullptr) return {engine(), x, weights, y, how(accumulate)};
    Dims strides(dimensions + 1, p.affine->outputs), extents(dimensions, 1);
    strides.back() = 1;
    return {engine(), x, weights, of(with(extents, p.affine->outputs), strides), y, how(accumulate)};
}

// A tap's weights, [inputs][outputs].
memory::desc plain_weights(const gatun_affine& affine, size_t dimensions) {
    Dims strides(dimensions - 1, int64_t{affine.inputs} * affine.outputs);
    strides.push_back(affine.outputs);
    strides.push_back(1);
    return of(weights_dims(affine, dimensions), strides);
}

// What is computed of a piece of one extent: the first tap, then the others.
struct Run {
    Run(const gatun_product& p, const Piece& piece)
        : extent(piece),
          lines(p, piece),
          desc{product(p, lines, true), product(p, lines, false)},
          primitive{onednn::matmul(desc[0]), onednn::matmul(desc[1])} {
        for (size_t i = 0; i < 2; ++i) {
            const size_t dimensions = std::min(lines.extents.size(), kTogether);
            weights[i] = Reorder(plain_weights(*p.affine, dimensions), desc[i].weights_desc());
            scratch_at[i] = layout.add(desc[i].scratchpad_desc());
        }
    }

    Piece extent;
    Lines lines;
    std::array<onednn::matmul::primitive_desc, 2> desc;
    std::array<onednn::matmul, 2> primitive;
    std::array<Reorder, 2> weights;
    Layout layout;
    std::array<int64_t, 2> scratch_at{};
};

class MatmulRun final : public Plan {
public:
    explicit MatmulRun(const gatun_product& p)
        : taps_(list_of(*p.affine, *p.x)),
          pieces_(cut(*p.y, worth_parts(p)), [&](const Piece& piece) { return Run(p, piece); }) {
        plain_ = int64_t{p.affine->inputs} * p.affine->outputs;
        box_at_ = shared_.add(box_floats(*p.affine, taps_));
        for (const Run& run : pieces_.made()) {
            for (int32_t tap = 0; tap < p.affine->tap_count; ++tap)
                weights_at_.push_back(shared_.add(run.desc[tap != 0].weights_desc()));
        }
    }

    void run(const gatun_product_host& host, const gatun_product& p) const override {
        float* shared = scratch(kRun, shared_.floats());
        unpack_box(*p.affine, taps_, shared + box_at_);
        const onednn::stream stream(engine());
        std::vector<const float*> weights;
        for (size_t i = 0; i < weights_at_.size(); ++i) {
            const size_t tap = i % taps_.taps.size();
            const Reorder& order = pieces_.made()[i / taps_.taps.size()].weights[tap != 0];
            const float* plain = shared + box_at_ + static_cast<int64_t>(tap) * plain_;
            if (order.needed()) order.run(stream, plain, shared + weights_at_[i]);
            weights.push_back(order.needed() ? shared + weights_at_[i] : plain);
        }
        share(host, pieces_.count(), [&](int64_t i) {
            run_piece(p, pieces_.piece(i), pieces_.of(i), &weights[pieces_.which(i) * taps_.taps.size()]);
        });
    }

    std::string kernel() const override { return pieces_.made().front().desc[0].impl_info_str(); }

private:
    void run_piece(const gatun_product& p, const Piece& piece, const Run& run, const float* const* weights) const {
        const onednn::stream stream(engine());
        float* own = scratch(kTask, run.layout.floats());
        for (int64_t group = 0; group < run.lines.count(kTogether); ++group) {
            const float* x = at(*p.x, piece, p.stride) + run.lines.start(run.lines.x, kTogether, group);
            float* y = at(*p.y, piece) + run.lines.start(run.lines.y, kTogether, group);
            for (size_t tap = 0; tap < taps_.taps.size(); ++tap) {
                const gatun_tap& t = taps_.taps[tap];
                const float* from = x + t.row * p.x->stride_row + t.column * p.x->stride_column;
                run_tap(p, run, stream, tap != 0, from, weights[tap], y, own);
            }
        }
    }

    static void run_tap(const gatun_product& p, const Run& run, const onednn::stream& stream, size_t which,
                        const float* x, const float* weights, float* y, float* own) {
        const auto& desc = run.desc[which];
        std::unordered_map<int, memory> arguments = {
            {DNNL_ARG_SRC, gatun::dnnl::memory(desc.src_desc(), x)},
            {DNNL_ARG_WEIGHTS, gatun::dnnl::memory(desc.weights_desc(), weights)},
            {DNNL_ARG_DST, gatun::dnnl::memory(desc.dst_desc(), y)},
            {DNNL_ARG_SCRATCHPAD, gatun::dnnl::memory(desc.scratchpad_desc(), own + run.scratch_at[which])}};
        if (which == 0 && p.affine->bias != nullptr) {
            arguments.emplace(DNNL_ARG_BIAS,
                              gatun::dnnl::memory(desc.query_md(onednn::query::weights_md, 1), p.affine->bias));
        }
        run.primitive[which].execute(stream, arguments);
    }

    const Box taps_;
    const Pieces<Run> pieces_;
    std::vector<int64_t> weights_at_;  // of each extent and tap
    Layout shared_;
    int64_t plain_ = 0, box_at_ = 0;
};

// The gradient of a tap's weights over a line of positions: x^T dy, added to what is there.
struct Gradient {
    Gradient(const gatun_product& p, const Piece& piece)
        : extent(piece), lines(p, piece), desc(product(p, lines)), primitive(desc) {
        scratch_at = layout.add(desc.scratchpad_desc());
    }

    static onednn::matmul::primitive_desc product(const gatun_product& p, const Lines& lines) {
        const int64_t inputs = p.affine->inputs, outputs = p.affine->outputs;
        if (lines.count(1) > 1 && lines.length() * inputs * outputs < kLeastLine) {
            throw Refused("positions lie in lines of " + std::to_string(lines.length()) +
                          ", too short for a call each");
        }
        return {engine(), of({inputs, lines.length()}, {1, lines.x.back()}),
                of({lines.length(), outputs}, {lines.y.back(), 1}), of({inputs, outputs}, {outputs, 1}), how(true)};
    }

    Piece extent;
    Lines lines;
    onednn::matmul::primitive_desc desc;
    onednn::matmul primitive;
    Layout layout;
    int64_t scratch_at;
};

class MatmulGradient final : public GradientPlan {
public:
    explicit MatmulGradient(const gatun_product& p)
        : GradientPlan(p, list_of(*p.affine, *p.x)),
          pieces_(cut(*p.y, gradient_parts(p, box())), [&](const Piece& piece) { return Gradient(p, piece); }) {}

    std::string kernel() const override { return pieces_.made().front().desc.impl_info_str(); }

private:
    int64_t parts() const override { return pieces_.count(); }
    const Piece& piece(int64_t i) const override { return pieces_.piece(i); }

    void run_piece(const gatun_product& p, int64_t i, float* to) const override {
        const Gradient& run = pieces_.of(i);
        const onednn::stream stream(engine());
        float* own = scratch(kTask, run.layout.floats());
        std::fill_n(to, box_floats(), 0.0f);
        for (int64_t line = 0; line < run.lines.count(1); ++line) {
            const float* dy = at(*p.y, piece(i)) + run.lines.start(run.lines.y, 1, line);
            for (size_t tap = 0; tap < box().taps.size(); ++tap) {
                const float* x = at(*p.x, piece(i), p.stride, box().taps[tap].row, box().taps[tap].column) +
                                 run.lines.start(run.lines.x, 1, line);
                float* sums = to + static_cast<int64_t>(tap) * p.affine->inputs * p.affine->outputs;
                run.primitive.execute(
                    stream,
                    {{DNNL_ARG_SRC, gatun::dnnl::memory(run.desc.src_desc(), x)},
                     {DNNL_ARG_WEIGHTS, gatun::dnnl::memory(run.desc.weights_desc(), dy)},
                     {DNNL_ARG_DST, gatun::dnnl::memory(run.desc.dst_desc(), sums)},
                     {DNNL_ARG_SCRATCHPAD, gatun::dnnl::memory(run.desc.scratchpad_desc(), own + run.scratch_at)}});
            }
        }
    }

    const Pieces<Gradient> pieces_;
};

}  // namespace

std::unique_ptr<Plan> matmul_run(const gatun_product& product) { return std::make_unique<MatmulRun>(product); }

std::unique_ptr<Plan> matmul_gradient(const gatun_product& product) {
    return std::make_unique<MatmulGradient>(product);
}

}  // namespace gatun::dnnl
