#include "ops/affine/affine.h"

#include <algorithm>

#include "core/context.h"
#include "core/taps.h"

namespace gatun {
namespace {

constexpr int64_t kLanes = GATUN_LANES;

// Positions whose dy is gathered at once: enough to spread the cost of a pass over dW, few enough for the L2 cache.
constexpr int64_t kChunk = 256;

int64_t blocks_of(int64_t outputs) { return (outputs + kLanes - 1) / kLanes; }

int64_t* offsets_of(const gatun_affine& affine, const gatun_map& x) {
    thread_local Scratch scratch;
    auto* offsets = static_cast<int64_t*>(scratch.bytes(sizeof(int64_t) * static_cast<size_t>(affine.tap_count + 1)));
    tap_offsets(affine, x, offsets);
    return offsets;
}

// The same sum with taps whose inputs are neighbours in memory taken together, as those of a kernel's row are: fewer
// taps of more inputs, the last with some that are not seen. All must get the same length; offsets: of these then.
gatun_affine with_longer_taps(const gatun_affine& affine, int64_t* offsets) {
    const auto follows = [&](int32_t k) { return offsets[k] == offsets[k - 1] + affine.inputs; };
    int32_t length = 1;
    while (length < affine.tap_count && follows(length)) ++length;
    for (int32_t k = length; k < affine.tap_count; ++k) {
        if (k % length != 0 && !follows(k)) return affine;
    }
    if (length == 1) return affine;
    gatun_affine longer = affine;
    longer.tap_count = (affine.tap_count + length - 1) / length;
    longer.inputs *= length;
    longer.unseen += (longer.tap_count * length - affine.tap_count) * affine.inputs;
    for (int32_t k = 0; k < longer.tap_count; ++k) offsets[k] = offsets[k * length];
    return longer;
}

// A piece of a row of the grid: what one call of a kernel works on.
struct Piece {
    int64_t example, row, column, columns;
};

// The grid cut into pieces of at most `longest` columns.
struct Pieces {
    Pieces(const gatun_map& map, int64_t longest)
        : columns(map.columns), length(std::min<int64_t>(longest, std::max(map.columns, 1))), rows(map.rows) {
        in_row = (columns + length - 1) / length;
        count = in_row * rows * map.examples;
    }

    Piece operator[](int64_t i) const {
        const int64_t start = i % in_row * length;
        return {i / in_row / rows, i / in_row % rows, start, std::min(length, columns - start)};
    }

    int64_t positions() const { return count == 0 ? 0 : count / in_row * columns; }

    int64_t columns, length, rows, in_row = 0, count = 0;
};

float* at(const gatun_map& map, const Piece& piece) {
    return map.data + piece.example * map.stride_example + piece.row * map.stride_row +
           piece.column * map.stride_column;
}

AffineRow row_of(const gatun_map& x, const gatun_map& y, const int64_t* offsets, const Piece& piece) {
    return {at(x, piece), offsets, x.stride_column, at(y, piece), y.stride_column, piece.columns};
}

int32_t run_affine(gatun_context& context, const gatun_affine& given, const gatun_map& all, int32_t stride,
                   const gatun_map& y, bool accumulate) {
    const AffineKernels& kernels = GATUN_PICK(context.isa, affine_kernels);
    int64_t* offsets = offsets_of(given, all);
    const gatun_affine affine = with_longer_taps(given, offsets);
    const gatun_map x = every(all, stride);
    const int64_t blocks = blocks_of(affine.outputs);
    // A panel's weights stay in the L2 cache while all positions go by; panels and stretches of positions are the
    // tasks.
    const int64_t block_bytes = flat_inputs(affine) * kLanes * 4;
    const int64_t panel = std::clamp<int64_t>((192 << 10) / std::max<int64_t>(block_bytes, 1) / 2 * 2, 2, 64);
    const int64_t panels = (blocks + panel - 1) / panel;
    const Pieces pieces(y, 384);
    if (pieces.count == 0 || blocks == 0) return GATUN_OK;
    const int64_t stretches = std::clamp<int64_t>(4 * context.pool.threads() / panels, 1, pieces.count);
    context.pool.run(panels * stretches, [&](int64_t task) {
        // A thread's tasks are neighbours, and so are the positions of its share.
        const int64_t first = task % panels * panel, stretch = task / panels;
        const int64_t end = pieces.count * (stretch + 1) / stretches;
        for (int64_t i = pieces.count * stretch / stretches; i < end; ++i) {
            kernels.run(affine, row_of(x, y, offsets, pieces[i]), first, std::min(panel, blocks - first), accumulate);
        }
    });
    return GATUN_OK;
}

// So many parts of the positions are added up by themselves, whatever the threads: where a gradient is small, chunks of
// positions are too little work to be shared out, and parts keep each thread to the positions that it has computed.
int64_t most_parts(const gatun_affine& affine) {
    const int64_t floats = flat_inputs(affine) * blocks_of(affine.outputs) * kLanes;
    return std::clamp<int64_t>((64 << 10) / std::max<int64_t>(floats, 1), 1, 8);
}

// Gathers dy and x of a chunk of positions into dense panels, then adds their products into the gradient, 16 flat
// inputs (tap, input) and all outputs at a time. Parts have gradients of their own, which are added up in their order.
// One part alone has its chunks shared out by flat inputs: each place of the gradient has one writer and one order.
class Gradient {
public:
    Gradient(gatun_context& context, const gatun_affine& affine, const gatun_map& x, int32_t stride,
             const gatun_map& dy, float* weights, float* bias)
        : context_(context),
          kernels_(GATUN_PICK(context.isa, affine_kernels)),
          affine_(affine),
          x_(every(x, stride)),
          dy_(dy),
          offsets_(offsets_of(affine, x)),
          pieces_(dy, kChunk),
          blocks_(blocks_of(affine.outputs)),
          flat_(flat_inputs(affine)),
          weights_(weights),
          bias_(bias) {}

    void run() {
        thread_local Scratch scratch;  // for all parts before any begins: a task has no way to fail
        const int64_t chunks = (pieces_.positions() + kChunk - 1) / kChunk;
        const int64_t parts = std::clamp<int64_t>(chunks, 1, most_parts(affine_));
        scratch_ = static_cast<float*>(scratch.bytes(sizeof(float) * static_cast<size_t>(parts * part_floats())));
        if (parts <= 1) {
            const auto share = [&](int64_t tasks, auto&& body) { context_.pool.run(tasks, body); };
            run_pieces(0, pieces_.count, {scratch_, weights_, bias_}, share);
            return;
        }
        context_.pool.run(parts, [&](int64_t part) { run_part(part, parts); });
        add_up(parts);
    }

private:
    // Where a sum over positions goes, and what its dy is gathered into.
    struct Sums {
        float* gathered;
        float* weights;
        float* bias;
    };

    Sums sums_of(int64_t part) const {
        float* gathered = scratch_ + part * part_floats();
        float* weights = gathered + gathered_floats();
        return {gathered, weights, bias_ == nullptr ? nullptr : weights + weight_floats()};
    }

    int64_t gathered_floats() const { return blocks_ * kLanes * kChunk; }
    int64_t part_floats() const { return gathered_floats() + weight_floats() + blocks_ * kLanes; }
    int64_t weight_floats() const { return blocks_ * flat_ * kLanes; }

    void run_part(int64_t part, int64_t parts) const {
        const Sums sums = sums_of(part);
        std::fill_n(sums.weights, weight_floats() + blocks_ * kLanes, 0.0f);
        const auto alone = [](int64_t tasks, auto&& body) {
            for (int64_t task = 0; task < tasks; ++task) body(task);
        };
        run_pieces(pieces_.count * part / parts, pieces_.count * (part + 1) / parts, sums, alone);
    }

    void add_up(int64_t parts) const {
        for (int64_t part = 0; part < parts; ++part) {
            const Sums sums = sums_of(part);
            for (int64_t i = 0; i < weight_floats(); ++i) weights_[i] += sums.weights[i];
            if (bias_ == nullptr) continue;
            for (int64_t i = 0; i < affine_.outputs; ++i) bias_[i] += sums.bias[i];
        }
    }

    template <class Share>
    void run_pieces(int64_t first, int64_t last, const Sums& sums, Share&& share) const {
        while (first < last) {
            int64_t positions = 0, end = first;
            while (end < last && positions + pieces_[end].columns <= kChunk) positions += pieces_[end++].columns;
            run_chunk(first, end, positions, sums, share);
            first = end;
        }
    }

    template <class Share>
    void run_chunk(int64_t first, int64_t end, int64_t positions, const Sums& to, Share&& share) const {
        share(blocks_, [&](int64_t block) { gather_dy(first, end, positions, block, to); });
        const int64_t tiles = (flat_ + kGradientInputs - 1) / kGradientInputs;
        share(tiles, [&](int64_t tile) {
            const int64_t start = tile * kGradientInputs;
            const int live = static_cast<int>(std::min<int64_t>(kGradientInputs, flat_ - start));
            GradientTile sums{nullptr,        0,   0, to.gathered, positions, blocks_, to.weights + start * kLanes,
                              flat_ * kLanes, live};
            // Inputs of one tap are neighbours in memory. Others are brought together first, and so are those that
            // many blocks of outputs pass over.
            if (blocks_ <= kGradientBlocks && live == kGradientInputs &&
                start % affine_.inputs + kGradientInputs <= affine_.inputs) {
                add_neighbours(first, end, start, sums);
            } else {
                add_gathered(first, end, start, sums);
            }
        });
    }

    void add_neighbours(int64_t first, int64_t end, int64_t start, GradientTile& sums) const {
        GradientRow rows[kChunk];  // of the stack: a task has no way to fail
        const int64_t offset = offsets_[start / affine_.inputs] + start % affine_.inputs;
        for (int64_t i = first; i < end; ++i) rows[i - first] = {at(x_, pieces_[i]) + offset, pieces_[i].columns};
        sums.rows = rows;
        sums.row_count = end - first;
        sums.step = x_.stride_column;
        kernels_.gradient(sums);
    }

    void add_gathered(int64_t first, int64_t end, int64_t start, GradientTile& sums) const {
        alignas(64) float x[kChunk * kGradientInputs];
        float* to = x;
        for (int64_t i = first; i < end; ++i) {
            const AffineRow row = row_of(x_, dy_, offsets_, pieces_[i]);
            kernels_.gather(affine_, row, start, sums.live, to);
            to += row.positions * kGradientInputs;
        }
        const GradientRow row{x, sums.positions};
        sums.rows = &row;
        sums.row_count = 1;
        sums.step = kGradientInputs;
        kernels_.gradient(sums);
    }

    void gather_dy(int64_t first, int64_t end, int64_t positions, int64_t block, const Sums& sums) const {
        float* to = sums.gathered + block * positions * kLanes;
        const int live = static_cast<int>(std::min<int64_t>(kLanes, affine_.outputs - block * kLanes));
        for (int64_t i = first; i < end; ++i) {
            const Piece piece = pieces_[i];
            kernels_.gather_block(at(dy_, piece) + block * kLanes, dy_.stride_column, piece.columns, live, to,
                                  sums.bias == nullptr ? nullptr : sums.bias + block * kLanes);
            to += piece.columns * kLanes;
        }
    }

    gatun_context& context_;
    const AffineKernels& kernels_;
    const gatun_affine& affine_;
    const gatun_map x_;
    const gatun_map& dy_;
    const int64_t* offsets_;
    const Pieces pieces_;
    const int64_t blocks_;
    const int64_t flat_;
    float* weights_;
    float* bias_;
    float* scratch_ = nullptr;
};

}  // namespace

int32_t own_product(gatun_context& context, const gatun_product& p) {
    if (p.kind == GATUN_PRODUCT_RUN) return run_affine(context, *p.affine, *p.x, p.stride, *p.y, p.accumulate != 0);
    Gradient(context, *p.affine, *p.x, p.stride, *p.y, p.weights, p.bias).run();
    return GATUN_OK;
}

namespace {

int32_t compute(gatun_context& context, const gatun_product& product) {
    if (context.products != nullptr && context.products->compute(product)) return GATUN_OK;
    return own_product(context, product);
}

}  // namespace
}  // namespace gatun

extern "C" {

int32_t gatun_affine_run(gatun_context* context, const gatun_affine* affine, const gatun_map* x, const gatun_map* y,
                         int32_t accumulate) {
    return gatun_affine_strided_run(context, affine, x, 1, y, accumulate);
}

int32_t gatun_affine_strided_run(gatun_context* context, const gatun_affine* affine, const gatun_map* x, int32_t stride,
                                 const gatun_map* y, int32_t accumulate) {
    return gatun::recordable(
        context, GATUN_CALL_AFFINE,
        [&](gatun::Record& r) { r.affine(*affine).maps(x, y).argument(stride).accumulate(accumulate); },
        [&] {
            return gatun::compute(*context, {affine, x, y, nullptr, nullptr, GATUN_PRODUCT_RUN, stride, accumulate, 0});
        });
}

int32_t gatun_affine_gradient(gatun_context* context, const gatun_affine* affine, const gatun_map* x,
                              const gatun_map* dy, float* weights, float* bias) {
    return gatun_affine_strided_gradient(context, affine, x, 1, dy, weights, bias);
}

int32_t gatun_affine_strided_gradient(gatun_context* context, const gatun_affine* affine, const gatun_map* x,
                                      int32_t stride, const gatun_map* dy, float* weights, float* bias) {
    return gatun::recordable(
        context, GATUN_CALL_AFFINE_GRADIENT,
        [&](gatun::Record& r) { r.affine(*affine).maps(x, dy).writes(weights, bias).argument(stride); },
        [&] {
            return gatun::compute(*context, {affine, x, dy, weights, bias, GATUN_PRODUCT_GRADIENT, stride, 0, 0});
        });
}
}
