#include "ops/affine/panels.h"

#include <vector>

#include "ops/affine/pieces.h"

namespace gatun {
namespace {

constexpr int64_t kLanes = GATUN_LANES;

// Positions of a panel: their inputs, and their dy for a few blocks of outputs, fit an L1 cache of 32 KB. dy of several
// panels is gathered at once, for the L2 cache, so that threads seldom wait for each other.
constexpr int64_t kPanel = 128, kGathered = 512;

// Taps that read the same panel lie no more columns apart, and no more than half a piece: what they read besides the
// positions is no more than those, and a piece.
constexpr int64_t kMostSpan = 8, kMostPlaces = 3 * kPanel;

// Taps first .. end - 1: the leftmost reads at `start`, the rightmost `span` columns further.
struct TapGroup {
    int64_t first, end, start, span;
};

class Panels {
public:
    Panels(gatun_context& context, const gatun_affine& affine, const gatun_map& x, const gatun_map& dy, float* weights,
           float* bias)
        : context_(context),
          kernels_(GATUN_PICK(context.isa, panel_kernels)),
          lines_(GATUN_PICK(context.isa, affine_kernels)),
          affine_(affine),
          x_(x),
          dy_(dy),
          offsets_(offsets_of(affine, x)),
          blocks_(blocks_of(affine.outputs)),
          parts_((affine.inputs + kLanes - 1) / kLanes),
          pieces_(dy, kPanel),
          weights_(weights),
          bias_(bias),
          shifts_(static_cast<size_t>(affine.tap_count)) {
        for (int64_t tap = 0; tap < affine.tap_count; tap = groups_.back().end) {
            groups_.push_back(group_from(tap));
            const TapGroup& group = groups_.back();
            for (int64_t k = tap; k < group.end; ++k) shift(k) = static_cast<int32_t>(columns(group.start, k) * kLanes);
        }
    }

    void run() {
        thread_local Scratch memory;  // for all tasks before any begins: they have no way to fail
        const int64_t floats = blocks_ * kLanes * std::min(kGathered, pieces_.positions());
        auto* gathered = static_cast<float*>(memory.bytes(sizeof(float) * static_cast<size_t>(floats)));
        each_run(pieces_, {0, pieces_.count, 0}, kGathered, [&](const PieceRun& run) {
            context_.pool.run(blocks_, [&](int64_t block) { gather(run, block, gathered); });
            context_.pool.run(static_cast<int64_t>(groups_.size()) * parts_, [&](int64_t task) {
                add(run, groups_[static_cast<size_t>(task / parts_)], task % parts_ * kLanes, gathered);
            });
        });
    }

private:
    int32_t& shift(int64_t tap) { return shifts_[static_cast<size_t>(tap)]; }

    int64_t columns(int64_t start, int64_t tap) const {
        return start == offsets_[tap] ? 0 : (offsets_[tap] - start) / x_.stride_column;
    }

    // As many taps from one on as may go together, and leave tasks for all threads. The last may see fewer inputs.
    TapGroup group_from(int64_t first) const {
        const int64_t tasks = int64_t{affine_.tap_count} * parts_;
        const int64_t end = std::min<int64_t>(affine_.tap_count - (affine_.unseen > 0 ? 1 : 0),
                                              first + std::max<int64_t>(tasks / (8 * context_.pool.threads()), 1));
        const int64_t most = std::min(kMostSpan, pieces_.length / 2);
        TapGroup group{first, first + 1, offsets_[first], 0};
        int64_t last = group.start;
        for (; group.end < end; ++group.end) {
            const int64_t offset = offsets_[group.end], low = std::min(group.start, offset);
            const int64_t high = std::max(last, offset);
            if (x_.stride_column <= 0 || (offset - group.start) % x_.stride_column != 0) break;
            if (high - low > most * x_.stride_column) break;
            group.start = low, last = high;
            group.span = (high - low) / x_.stride_column;
        }
        return group;
    }

    void gather(const PieceRun& run, int64_t block, float* gathered) const {
        const int live = static_cast<int>(std::min<int64_t>(kLanes, affine_.outputs - block * kLanes));
        float* to = gathered + block * run.positions * kLanes;
        for (int64_t i = run.first; i < run.end; ++i) {
            const AffinePiece piece = pieces_[i];
            lines_.gather(at(dy_, piece) + block * kLanes, dy_.stride_column, piece.columns, live, to,
                          bias_ == nullptr ? nullptr : bias_ + block * kLanes);
            to += piece.columns * kLanes;
        }
    }

    // 16 inputs from one on, for a group of taps.
    void add(const PieceRun& run, const TapGroup& group, int64_t input, const float* gathered) const {
        const int64_t seen = group.end == affine_.tap_count ? affine_.inputs - affine_.unseen : affine_.inputs;
        if (input >= seen) return;
        alignas(64) float x[kMostPlaces * kLanes];  // of the stack, as are the places
        int32_t places[kPanel];
        GradientPanel panel{};
        panel.x = x;
        panel.places = places;
        panel.shifts = shifts_.data() + group.first;
        panel.taps = group.end - group.first;
        panel.live = static_cast<int>(std::min(kLanes, seen - input));
        panel.dy = gathered;
        panel.dy_block = run.positions * kLanes;
        panel.blocks = blocks_;
        panel.weights = weights_ + (group.first * affine_.inputs + input) * kLanes;
        panel.tap_stride = affine_.inputs * kLanes;
        panel.block_stride = flat_inputs(affine_) * kLanes;
        each_run(pieces_, run, kPanel, [&](const PieceRun& some) {
            lay_out(some, group.start + input, group.span, panel.live, x, places);
            panel.positions = some.positions;
            kernels_.gradient(panel);
            panel.dy += some.positions * kLanes;
        });
    }

    // Inputs of pieces and of `span` columns behind each.
    void lay_out(const PieceRun& run, int64_t offset, int64_t span, int live, float* x, int32_t* places) const {
        int64_t place = 0;
        for (int64_t i = run.first; i < run.end; ++i) {
            const AffinePiece piece = pieces_[i];
            const int64_t columns = piece.columns + span;
            lines_.gather(at(x_, piece) + offset, x_.stride_column, columns, live, x + place * kLanes, nullptr);
            for (int64_t k = 0; k < piece.columns; ++k) *places++ = static_cast<int32_t>((place + k) * kLanes);
            place += columns;
        }
    }

    gatun_context& context_;
    const PanelKernels& kernels_;
    const AffineKernels& lines_;
    const gatun_affine& affine_;
    const gatun_map& x_;
    const gatun_map& dy_;
    const int64_t* offsets_;
    const int64_t blocks_;
    const int64_t parts_;
    const AffinePieces pieces_;
    float* weights_;
    float* bias_;
    std::vector<int32_t> shifts_;
    std::vector<TapGroup> groups_;
};

}  // namespace

void add_panels(gatun_context& context, const gatun_affine& affine, const gatun_map& x, const gatun_map& dy,
                float* weights, float* bias) {
    Panels(context, affine, x, dy, weights, bias).run();
}

}  // namespace gatun
