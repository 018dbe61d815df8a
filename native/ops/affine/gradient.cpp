// The gradient of an affine operation's weights.
#include "ops/affine/panels.h"
#include "ops/affine/pieces.h"

namespace gatun {
namespace {

constexpr int64_t kLanes = GATUN_LANES;

// A gradient of so many floats is small: its chunks of positions are too little work to be shared out.
constexpr int64_t kSmallGradient = 64 << 10;
constexpr int64_t kMostParts = 8, kLeastPart = 256;

// Positions that go together: enough to spread the cost of a pass over dW, few enough that they stay in the L1 cache
// while the inputs go by.
constexpr int64_t kChunk = 128;

// Adds products of x and dy into a small gradient, a chunk of positions, 16 flat inputs (tap, input) and all outputs at
// a time. Positions are cut into parts, whatever the threads, so that each thread keeps to those that it has computed;
// parts have gradients of their own, which are added up in their order.
class Gradient {
public:
    Gradient(gatun_context& context, const gatun_affine& affine, const gatun_map& x, int32_t stride,
             const gatun_map& dy, float* weights, float* bias)
        : context_(context),
          kernels_(GATUN_PICK(context.isa, affine_kernels)),
          affine_(affine),
          x_(every(x, stride)),
          dy_(dy),
          blocks_(blocks_of(affine.outputs)),
          flat_(flat_inputs(affine)),
          inputs_(inputs_of(affine, x)),
          tiles_((flat_ + kGradientInputs - 1) / kGradientInputs),
          pieces_(join(), kChunk),
          weights_(weights),
          bias_(bias) {}

    void run() const {
        thread_local Scratch memory;  // for all parts before any begins: a task has no way to fail
        const int64_t most = std::min((pieces_.positions() + kLeastPart - 1) / kLeastPart, kMostParts);
        const int64_t parts =
            std::clamp<int64_t>(kSmallGradient / std::max<int64_t>(weight_floats(), 1), 1, std::max<int64_t>(most, 1));
        if (parts == 1) return add_part(0, pieces_.count, weights_, bias_);
        add_parts(parts, static_cast<float*>(memory.bytes(sizeof(float) * static_cast<size_t>(parts * part_floats()))));
    }

private:
    const gatun_map& join() {
        join_rows(x_, dy_);
        return dy_;
    }

    int64_t weight_floats() const { return blocks_ * flat_ * kLanes; }
    int64_t part_floats() const { return weight_floats() + blocks_ * kLanes; }

    void add_parts(int64_t parts, float* scratch) const {
        context_.pool.run(parts, [&](int64_t part) {
            float* weights = scratch + part * part_floats();
            std::fill_n(weights, part_floats(), 0.0f);
            add_part(pieces_.count * part / parts, pieces_.count * (part + 1) / parts, weights,
                     bias_ == nullptr ? nullptr : weights + weight_floats());
        });
        for (int64_t part = 0; part < parts; ++part) {
            const float* weights = scratch + part * part_floats();
            for (int64_t i = 0; i < weight_floats(); ++i) weights_[i] += weights[i];
            if (bias_ == nullptr) continue;
            for (int64_t i = 0; i < affine_.outputs; ++i) bias_[i] += weights[weight_floats() + i];
        }
    }

    // Pieces first .. last - 1, from the maps as they lie.
    void add_part(int64_t first, int64_t last, float* weights, float* bias) const {
        each_run(pieces_, {first, last, 0}, kChunk, [&](const PieceRun& chunk) {
            if (bias != nullptr && tiles_ == 0) add_bias(chunk, bias);
            GradientRow rows[kChunk];  // of the stack: a task has no way to fail
            for (int64_t i = chunk.first; i < chunk.end; ++i) {
                const AffinePiece piece = pieces_[i];
                const AffinePiece next = pieces_[std::min(i + chunk.end - chunk.first, last - 1)];
                rows[i - chunk.first] = {at(x_, piece), at(dy_, piece), at(x_, next), at(dy_, next), piece.columns};
            }
            for (int64_t tile = 0; tile < tiles_; ++tile) {
                GradientTile sums = tile_of(tile, weights);
                sums.bias = tile == 0 ? bias : nullptr;  // dy goes by anyway
                sums.rows = rows;
                sums.row_count = chunk.end - chunk.first;
                sums.share_x = (tile + 1) * kLanes <= x_.stride_column ? tile : 0;
                sums.share_dy = tile < blocks_ ? tile : 0;
                kernels_.gradient(sums);
            }
        });
    }

    GradientTile tile_of(int64_t tile, float* weights) const {
        const int64_t start = tile * kGradientInputs;
        GradientTile sums{};
        sums.inputs = inputs_ + start;
        sums.live = static_cast<int>(std::min<int64_t>(kGradientInputs, flat_ - start));
        sums.x_step = x_.stride_column;
        sums.dy_step = dy_.stride_column;
        sums.dy_block = kLanes;
        sums.outputs = affine_.outputs;
        sums.weights = weights + start * kLanes;
        sums.block_stride = flat_ * kLanes;
        return sums;
    }

    // Where there are no inputs.
    void add_bias(const PieceRun& run, float* bias) const {
        for (int64_t block = 0; block < blocks_; ++block) {
            const int live = static_cast<int>(std::min<int64_t>(kLanes, affine_.outputs - block * kLanes));
            for (int64_t i = run.first; i < run.end; ++i) {
                const AffinePiece piece = pieces_[i];
                kernels_.gather(at(dy_, piece) + block * kLanes, dy_.stride_column, piece.columns, live, nullptr,
                                bias + block * kLanes);
            }
        }
    }

    gatun_context& context_;
    const AffineKernels& kernels_;
    const gatun_affine& affine_;
    gatun_map x_;
    gatun_map dy_;
    const int64_t blocks_;
    const int64_t flat_;
    const int64_t* inputs_;
    const int64_t tiles_;
    const AffinePieces pieces_;
    float* weights_;
    float* bias_;
};

}  // namespace

void add_gradient(gatun_context& context, const gatun_affine& affine, const gatun_map& x, int32_t stride,
                  const gatun_map& dy, float* weights, float* bias) {
    if (blocks_of(affine.outputs) * flat_inputs(affine) * kLanes > kSmallGradient) {
        gatun_map longer = every(x, stride), along = dy;
        join_rows(longer, along);
        return add_panels(context, affine, longer, along, weights, bias);
    }
    Gradient(context, affine, x, stride, dy, weights, bias).run();
}

}  // namespace gatun
