// The gradient of an affine operation's weights.
#include "ops/affine/pieces.h"

namespace gatun {
namespace {

constexpr int64_t kLanes = GATUN_LANES;

// A gradient of so many floats is small: its chunks of positions are too little work to be shared out.
constexpr int64_t kSmallGradient = 64 << 10;
constexpr int64_t kMostParts = 8;

// Positions that go together: enough to spread the cost of a pass over dW, few enough that a small gradient's stay in
// the L1 cache while its inputs go by; a large one's dy, gathered, stays in the L2 cache.
constexpr int64_t kSmallChunk = 128, kLargeChunk = 256;

// Where each flat input lies from a position, in floats; good until the thread's next call.
const int64_t* inputs_of(const gatun_affine& affine, const gatun_map& x, int64_t flat) {
    thread_local Scratch scratch;
    const int64_t* offsets = offsets_of(affine, x);
    auto* inputs = static_cast<int64_t*>(scratch.bytes(sizeof(int64_t) * static_cast<size_t>(flat + 1)));
    for (int64_t r = 0; r < flat; ++r) inputs[r] = offsets[r / affine.inputs] + r % affine.inputs;
    return inputs;
}

// Adds products of x and dy into the gradient, a chunk of positions, 16 flat inputs (tap, input) and all outputs at a
// time. Positions of a small gradient are cut into parts, whatever the threads, so that each thread keeps to those that
// it has computed; parts have gradients of their own, which are added up in their order. A large one's chunks are
// gathered into dense panels, and shared out by flat inputs: each place of the gradient has one writer and one order.
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
          inputs_(inputs_of(affine, x, flat_)),
          tiles_((flat_ + kGradientInputs - 1) / kGradientInputs),
          small_(blocks_ * flat_ * kLanes <= kSmallGradient),
          pieces_(join(), small_ ? kSmallChunk : kLargeChunk),
          weights_(weights),
          bias_(bias) {}

    void run() const {
        thread_local Scratch memory;  // for all parts before any begins: a task has no way to fail
        const int64_t chunks = (pieces_.positions() + kLargeChunk - 1) / kLargeChunk;
        const int64_t parts = small_ ? std::clamp<int64_t>(kSmallGradient / std::max<int64_t>(weight_floats(), 1), 1,
                                                           std::min(kMostParts, std::max<int64_t>(chunks, 1)))
                                     : 1;
        const int64_t floats = small_ ? parts * part_floats() : blocks_ * kLanes * kLargeChunk;
        auto* scratch = static_cast<float*>(memory.bytes(sizeof(float) * static_cast<size_t>(floats)));
        if (!small_) {
            each_chunk(0, pieces_.count, [&](const Chunk& chunk) { add_gathered(chunk, scratch); });
        } else if (parts == 1) {
            add_part(0, pieces_.count, weights_, bias_);
        } else {
            add_parts(parts, scratch);
        }
    }

private:
    // Pieces first .. end - 1, of so many positions.
    struct Chunk {
        int64_t first, end, positions;
    };

    const gatun_map& join() {
        join_rows(x_, dy_);
        return dy_;
    }

    int64_t weight_floats() const { return blocks_ * flat_ * kLanes; }
    int64_t part_floats() const { return weight_floats() + blocks_ * kLanes; }

    template <class Body>
    void each_chunk(int64_t first, int64_t last, Body&& body) const {
        const int64_t longest = small_ ? kSmallChunk : kLargeChunk;
        while (first < last) {
            Chunk chunk{first, first, 0};
            while (chunk.end < last && chunk.positions + pieces_[chunk.end].columns <= longest) {
                chunk.positions += pieces_[chunk.end++].columns;
            }
            body(chunk);
            first = chunk.end;
        }
    }

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
        each_chunk(first, last, [&](const Chunk& chunk) {
            for (int64_t block = 0; bias != nullptr && block < blocks_; ++block) {
                gather(chunk, dy_, block * kLanes, live_outputs(block), nullptr, bias + block * kLanes);
            }
            GradientRow rows[kSmallChunk];  // of the stack: a task has no way to fail
            for (int64_t i = chunk.first; i < chunk.end; ++i) {
                const AffinePiece piece = pieces_[i];
                const AffinePiece next = pieces_[std::min(i + chunk.end - chunk.first, last - 1)];
                rows[i - chunk.first] = {at(x_, piece), at(dy_, piece), at(x_, next), at(dy_, next), piece.columns};
            }
            for (int64_t tile = 0; tile < tiles_; ++tile) {
                GradientTile sums = tile_of(tile, weights);
                sums.rows = rows;
                sums.row_count = chunk.end - chunk.first;
                sums.share_x = (tile + 1) * kLanes <= x_.stride_column ? tile : 0;
                sums.share_dy = tile < blocks_ ? tile : 0;
                kernels_.gradient(sums);
            }
        });
    }

    void add_gathered(const Chunk& chunk, float* gathered) const {
        context_.pool.run(blocks_, [&](int64_t block) {
            gather(chunk, dy_, block * kLanes, live_outputs(block), gathered + block * chunk.positions * kLanes,
                   bias_ == nullptr ? nullptr : bias_ + block * kLanes);
        });
        context_.pool.run(tiles_, [&](int64_t tile) {
            GradientTile sums = tile_of(tile, weights_);
            sums.dy_step = kLanes;
            sums.dy_block = chunk.positions * kLanes;
            GradientRow rows[kLargeChunk];
            sums.rows = rows;
            if (together(sums)) {
                alignas(64) float x[kLargeChunk * kGradientInputs];
                gather(chunk, x_, sums.inputs[0], kGradientInputs, x, nullptr);
                rows[sums.row_count++] = {x, gathered, x, gathered, chunk.positions};
                sums.inputs = kNeighbours;
                sums.x_step = kGradientInputs;
                kernels_.gradient(sums);
                return;
            }
            const float* dy = gathered;
            for (int64_t i = chunk.first; i < chunk.end; ++i) {
                const AffinePiece piece = pieces_[i];
                rows[sums.row_count++] = {at(x_, piece), dy, at(x_, piece), dy, piece.columns};
                dy += piece.columns * kLanes;
            }
            kernels_.gradient(sums);
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

    // Whether there are 16 flat inputs, neighbours in memory.
    static bool together(const GradientTile& tile) {
        const int64_t* inputs = tile.inputs;
        const auto apart = [](int64_t a, int64_t b) { return b != a + 1; };
        return tile.live == kGradientInputs &&
               std::adjacent_find(inputs, inputs + kGradientInputs, apart) == inputs + kGradientInputs;
    }

    int live_outputs(int64_t block) const {
        return static_cast<int>(std::min<int64_t>(kLanes, affine_.outputs - block * kLanes));
    }

    // Up to 16 numbers of each position of a chunk.
    void gather(const Chunk& chunk, const gatun_map& map, int64_t first, int live, float* to, float* sums) const {
        for (int64_t i = chunk.first; i < chunk.end; ++i) {
            const AffinePiece piece = pieces_[i];
            kernels_.gather(at(map, piece) + first, map.stride_column, piece.columns, live, to, sums);
            if (to != nullptr) to += piece.columns * kLanes;
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
    const bool small_;
    const AffinePieces pieces_;
    float* weights_;
    float* bias_;
};

}  // namespace

void add_gradient(gatun_context& context, const gatun_affine& affine, const gatun_map& x, int32_t stride,
                  const gatun_map& dy, float* weights, float* bias) {
    Gradient(context, affine, x, stride, dy, weights, bias).run();
}

}  // namespace gatun
