#include "ops/nade/nade.h"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "core/context.h"
#include "ops/activation/activation.h"

namespace gatun {
namespace {

constexpr int64_t kLanes = GATUN_LANES;
constexpr int64_t kTile = 4;  // examples whose states stay in the L1 cache with a position's weights

void pack(gatun_context& context, const gatun_nade& nade, const float* w, const float* c, const float* v,
          const float* b) {
    const int64_t width = nade_width(nade), hidden = nade.hidden, positions = nade.positions;
    std::fill(nade.start, nade.start + width, 0.0f);
    std::copy(c, c + hidden, nade.start);
    GATUN_PICK(context.isa, activation_kernels).run(GATUN_SIGMOID, nade.start, nade.start + width, width);
    context.pool.run((positions + kLanes - 1) / kLanes, [&](int64_t task) {
        const int64_t first = task * kLanes, end = std::min(first + kLanes, positions);
        for (int64_t h = 0; h < hidden; ++h) {
            for (int64_t d = first; d < end; ++d) nade.input[d * width + h] = w[h * positions + nade.order[d]];
        }
        for (int64_t d = first; d < end; ++d) {
            const float* row = v + nade.order[d] * hidden;
            std::copy(row, row + hidden, nade.output + d * width);
            std::fill(nade.input + d * width + hidden, nade.input + (d + 1) * width, 0.0f);
            std::fill(nade.output + d * width + hidden, nade.output + (d + 1) * width, 0.0f);
            nade.output_bias[d] = b[nade.order[d]];
        }
    });
}

void run_tile(const NadeKernels& kernels, const gatun_nade& nade, const gatun_map& x, const gatun_map& logits,
              int64_t first, int64_t count, float* states) {
    const int64_t width = nade_width(nade);
    for (int64_t n = 0; n < count; ++n) std::copy(nade.start, nade.start + 2 * width, states + 2 * n * width);
    const float* value = x.data + first * x.stride_example;
    float* logit = logits.data + first * logits.stride_example;
    for (int64_t d = 0; d < nade.positions; ++d) {
        kernels.read(states, width, nade.output + d * width, nade.output_bias[d], logit + d * logits.stride_column,
                     logits.stride_example, count);
        kernels.push(states, width, nade.input + d * width, value + d * x.stride_column, x.stride_example, count);
    }
}

void run(gatun_context& context, const gatun_nade& nade, const gatun_map& x, const gatun_map& logits) {
    const NadeKernels& kernels = GATUN_PICK(context.isa, nade_kernels);
    const int64_t width = nade_width(nade), examples = x.examples;
    // One state for each example, so that nothing is allocated in a task.
    thread_local Scratch memory;
    auto* states = static_cast<float*>(memory.bytes(sizeof(float) * static_cast<size_t>(2 * width * examples)));
    context.pool.run((examples + kTile - 1) / kTile, [&](int64_t task) {
        const int64_t first = task * kTile;
        run_tile(kernels, nade, x, logits, first, std::min(kTile, examples - first), states + 2 * first * width);
    });
}

int64_t workers(const gatun_context& context, const gatun_nade& nade) {
    return std::min<int64_t>(context.pool.threads(), nade_width(nade) / kLanes);
}

// Floats of a worker: two weights, their gradients, hidden units of some examples, the bias and its gradient.
int64_t worker_floats(const gatun_nade& nade) { return ((4 + kNadeExamples) * nade.positions + 2) * kLanes; }

// Hidden units do not meet in the gradient: a block of 16 of them is a task of its own, with its part of the weights.
class Gradient {
public:
    Gradient(const NadeKernels& kernels, const gatun_nade& nade, const gatun_map& x, const gatun_map& dlogits)
        : kernels_(kernels), nade_(nade), x_(x), dlogits_(dlogits) {}

    void block(int64_t block, float* memory, float* w, float* c, float* v) const {
        const int64_t width = nade_width(nade_), positions = nade_.positions, size = positions * kLanes;
        float* input = memory;
        float* output = input + size;
        float* dw = output + size;
        float* dv = dw + size;
        float* bias = dv + size;
        float* dc = bias + kLanes;
        std::memset(dw, 0, sizeof(float) * static_cast<size_t>(2 * size));
        std::memset(dc, 0, sizeof(float) * kLanes);
        for (int64_t d = 0; d < positions; ++d) {
            std::memcpy(input + d * kLanes, nade_.input + d * width + block * kLanes, sizeof(float) * kLanes);
            std::memcpy(output + d * kLanes, nade_.output + d * width + block * kLanes, sizeof(float) * kLanes);
        }
        std::memcpy(bias, nade_.start + block * kLanes, sizeof(float) * kLanes);
        kernels_.gradient({input, output, bias, x_.data, x_.stride_example, dlogits_.data, dlogits_.stride_example,
                           x_.examples, positions, dw, dv, dc, dc + kLanes});
        add(block, dw, dc, dv, w, c, v);
    }

private:
    void add(int64_t block, const float* dw, const float* dc, const float* dv, float* w, float* c, float* v) const {
        const int64_t hidden = nade_.hidden, positions = nade_.positions, first = block * kLanes;
        const int64_t live = std::min(kLanes, hidden - first);
        for (int64_t lane = 0; lane < live; ++lane) {
            float* row = w + (first + lane) * positions;
            for (int64_t d = 0; d < positions; ++d) row[nade_.order[d]] += dw[d * kLanes + lane];
            c[first + lane] += dc[lane];
        }
        for (int64_t d = 0; d < positions; ++d) {
            float* row = v + nade_.order[d] * hidden + first;
            for (int64_t lane = 0; lane < live; ++lane) row[lane] += dv[d * kLanes + lane];
        }
    }

    const NadeKernels& kernels_;
    const gatun_nade& nade_;
    const gatun_map& x_;
    const gatun_map& dlogits_;
};

void add_output_bias(const gatun_nade& nade, const gatun_map& dlogits, float* b) {
    for (int64_t n = 0; n < dlogits.examples; ++n) {
        const float* d = dlogits.data + n * dlogits.stride_example;
        for (int64_t k = 0; k < nade.positions; ++k) b[nade.order[k]] += d[k];
    }
}

}  // namespace
}  // namespace gatun

extern "C" {

int32_t gatun_nade_pack(gatun_context* context, const gatun_nade* nade, const float* w, const float* c, const float* v,
                        const float* b) {
    return gatun::recordable(
        context, GATUN_CALL_NADE_PACK, [&](gatun::Record& r) { r.nade(*nade).reads(w, c, v, b); },
        [&] {
            gatun::pack(*context, *nade, w, c, v, b);
            return GATUN_OK;
        });
}

int32_t gatun_nade_run(gatun_context* context, const gatun_nade* nade, const gatun_map* x, const gatun_map* logits) {
    return gatun::recordable(
        context, GATUN_CALL_NADE, [&](gatun::Record& r) { r.nade(*nade).maps(x, logits); },
        [&] {
            gatun::run(*context, *nade, *x, *logits);
            return GATUN_OK;
        });
}

int64_t gatun_nade_scratch(const gatun_context* context, const gatun_nade* nade) {
    return gatun::workers(*context, *nade) * gatun::worker_floats(*nade);
}

int32_t gatun_nade_gradient(gatun_context* context, const gatun_nade* nade, const gatun_map* x,
                            const gatun_map* dlogits, float* w, float* c, float* v, float* b, float* scratch) {
    return gatun::recordable(
        context, GATUN_CALL_NADE_GRADIENT, [&](gatun::Record& r) { r.nade(*nade).maps(x, dlogits).writes(w, c, v, b); },
        [&] {
            const gatun::Gradient gradient(GATUN_PICK(context->isa, nade_kernels), *nade, *x, *dlogits);
            const int64_t blocks = gatun::nade_width(*nade) / GATUN_LANES;
            std::atomic<int64_t> next{0};
            context->pool.run(gatun::workers(*context, *nade), [&](int64_t worker) {
                float* memory = scratch + worker * gatun::worker_floats(*nade);
                for (int64_t block = next++; block < blocks; block = next++) gradient.block(block, memory, w, c, v);
            });
            gatun::add_output_bias(*nade, *dlogits, b);
            return GATUN_OK;
        });
}
}
