// Gradients of a masked dense layer's weights: summed in packed form by the affine operation's kernels, then added to
// the parameters, where each place has one writer and one order, whatever the number of threads.
#include <algorithm>
#include <cstring>

#include "core/context.h"
#include "ops/dense/dense.h"

namespace gatun {
namespace {

constexpr int64_t kLanes = GATUN_LANES;
constexpr int64_t kChunk = 256;  // examples whose dy is gathered at once

class DenseGradient {
public:
    DenseGradient(gatun_context& context, const gatun_dense& dense, const gatun_map& dy, float* scratch)
        : context_(context),
          kernels_(GATUN_PICK(context.isa, affine_kernels)),
          dense_(dense),
          dy_(dy),
          blocks_(blocks_of_lanes(dense.outputs)),
          packed_(scratch),
          bias_(packed_ + blocks_ * dense.inputs * kLanes),
          gathered_(bias_ + blocks_ * kLanes) {
        std::fill(bias_, bias_ + blocks_ * kLanes, 0.0f);
    }

    void run(const gatun_map& x) {
        clear();
        each_chunk([&](int64_t first, int64_t count) {
            context_.pool.run((dense_.inputs + kGradientInputs - 1) / kGradientInputs,
                              [&](int64_t tile) { run_tile(x, tile * kGradientInputs, first, count); });
        });
    }

    // What an example looked up is one row a position; a task owns a position's rows.
    void run(const gatun_levels& x) {
        clear();
        const int64_t levels = dense_.inputs / std::max(x.columns, 1);
        each_chunk([&](int64_t first, int64_t count) {
            context_.pool.run(x.columns, [&](int64_t column) {
                const int64_t block = first_block(column * levels);
                for (int64_t n = 0; n < count; ++n) {
                    const int64_t level = x.data[(first + n) * x.stride_example + column * x.stride_column];
                    for (int64_t b = block; b < blocks_; ++b) add(b, column * levels + level, n, count);
                }
            });
        });
    }

    void add_to(float* weights, float* bias) {
        context_.pool.run(blocks_, [&](int64_t block) {
            const float* from = packed_ + block * dense_.inputs * kLanes;
            const int64_t first = block * kLanes, end = std::min<int64_t>(first + kLanes, dense_.outputs);
            for (int64_t o = first; o < end; ++o) {
                float* row = weights + dense_.rows[o] * dense_.stride;
                for (int64_t i = 0; i < dense_.seen[o]; ++i) row[dense_.columns[i]] += from[i * kLanes + o - first];
                if (bias != nullptr) bias[dense_.rows[o]] += bias_[o];
            }
        });
    }

private:
    // The first block with an output that sees the input.
    int64_t first_block(int64_t input) const {
        return (std::upper_bound(dense_.seen, dense_.seen + dense_.outputs, static_cast<int32_t>(input)) -
                dense_.seen) /
               kLanes;
    }

    void clear() {
        context_.pool.run(blocks_, [&](int64_t block) {
            const int64_t longest = dense_.seen[std::min<int64_t>((block + 1) * kLanes, dense_.outputs) - 1];
            // Tiles are eight inputs wide and may begin before the end of the longest prefix.
            const int64_t inputs = std::min<int64_t>(dense_.inputs, longest + kGradientInputs);
            std::memset(packed_ + block * dense_.inputs * kLanes, 0,
                        sizeof(float) * static_cast<size_t>(inputs * kLanes));
        });
    }

    template <class Body>
    void each_chunk(Body&& body) {
        for (int64_t first = 0; first < dy_.examples; first += kChunk) {
            const int64_t count = std::min<int64_t>(kChunk, dy_.examples - first);
            context_.pool.run(blocks_, [&](int64_t block) {
                const int live = static_cast<int>(std::min<int64_t>(kLanes, dense_.outputs - block * kLanes));
                kernels_.gather(dy_.data + first * dy_.stride_example + block * kLanes, dy_.stride_example, count, live,
                                gathered_ + block * count * kLanes, bias_ + block * kLanes);
            });
            body(first, count);
        }
    }

    void run_tile(const gatun_map& x, int64_t start, int64_t first, int64_t count) {
        const int64_t block = first_block(start);
        if (block >= blocks_) return;
        alignas(64) float columns[kChunk * kGradientInputs];  // of the stack: a task has no way to fail
        const int live = static_cast<int>(std::min<int64_t>(kGradientInputs, dense_.inputs - start));
        kernels_.gather(x.data + first * x.stride_example + start, x.stride_example, count, live, columns, nullptr);
        const float* dy = gathered_ + block * count * kLanes;
        const GradientRow row{columns, dy, columns, dy, count};
        kernels_.gradient({&row, 1, kNeighbours, live, 0, 0, kGradientInputs, kLanes, count * kLanes,
                           (blocks_ - block) * kLanes, packed_ + (block * dense_.inputs + start) * kLanes,
                           dense_.inputs * kLanes});
    }

    void add(int64_t block, int64_t input, int64_t n, int64_t count) {
        float* to = packed_ + (block * dense_.inputs + input) * kLanes;
        const float* from = gathered_ + (block * count + n) * kLanes;
        for (int64_t lane = 0; lane < kLanes; ++lane) to[lane] += from[lane];
    }

    gatun_context& context_;
    const AffineKernels& kernels_;
    const gatun_dense& dense_;
    const gatun_map& dy_;
    const int64_t blocks_;
    float* packed_;
    float* bias_;
    float* gathered_;
};

}  // namespace
}  // namespace gatun

extern "C" {

int64_t gatun_dense_scratch(const gatun_dense* dense) {
    const int64_t lanes = gatun::blocks_of_lanes(dense->outputs) * GATUN_LANES;
    return lanes * (dense->inputs + 1 + gatun::kChunk);
}

int32_t gatun_dense_gradient(gatun_context* context, const gatun_dense* dense, const gatun_map* x, const gatun_map* dy,
                             float* weights, float* bias, float* scratch) {
    return gatun::recordable(
        context, GATUN_CALL_DENSE_GRADIENT,
        [&](gatun::Record& r) { r.dense(*dense).maps(x, dy).writes(weights, bias); },
        [&] {
            gatun::DenseGradient gradient(*context, *dense, *dy, scratch);
            gradient.run(*x);
            gradient.add_to(weights, bias);
            return GATUN_OK;
        });
}

int32_t gatun_dense_lookup_gradient(gatun_context* context, const gatun_dense* dense, const gatun_levels* x,
                                    const gatun_map* dy, float* weights, float* bias, float* scratch) {
    return gatun::recordable(
        context, GATUN_CALL_DENSE_LOOKUP_GRADIENT,
        [&](gatun::Record& r) { r.dense(*dense).maps(nullptr, dy).writes(weights, bias)->levels = *x; },
        [&] {
            gatun::DenseGradient gradient(*context, *dense, *dy, scratch);
            gradient.run(*x);
            gradient.add_to(weights, bias);
            return GATUN_OK;
        });
}
}
