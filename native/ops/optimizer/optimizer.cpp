// The entries of training. An update is elementwise, so it is cut into chunks for the threads; a sum is cut into blocks
// whose sums are added in their order, so that neither threads nor instruction sets change it.
#include "ops/optimizer/optimizer.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "core/context.h"

namespace {

using gatun::kSumBlock;
using gatun::OptimizerFactors;

constexpr int64_t kChunk = 16384;  // floats of a task: long enough to be worth handing out

int64_t pieces(int64_t count, int64_t piece) { return (count + piece - 1) / piece; }

// Calls body(first, length) for the chunks of 0..count-1.
template <class Body>
void chunked(gatun_context* context, int64_t count, Body&& body) {
    context->pool.run(pieces(count, kChunk), [&](int64_t task) {
        const int64_t first = task * kChunk;
        body(first, std::min(kChunk, count - first));
    });
}

int32_t fail_kind(gatun_context* context, int32_t kind) noexcept {
    try {
        return context->fail(GATUN_INVALID_ARGUMENT, "optimizer kind " + std::to_string(kind) + ", expected 0..3");
    } catch (...) {
        return GATUN_INVALID_ARGUMENT;
    }
}

// A state that an optimiser does not use may be NULL.
float* at(float* state, int64_t first) { return state == nullptr ? nullptr : state + first; }

}  // namespace

extern "C" {

int32_t gatun_optimizer_step(gatun_context* context, const gatun_optimizer* optimizer, int64_t count, float* parameters,
                             const float* gradient, float* first, float* second) {
    if (optimizer->kind < GATUN_SGD || optimizer->kind > GATUN_ADAMAX) {
        return fail_kind(context, optimizer->kind);
    }
    const auto record = [&](gatun::Record& r) {
        r.reads(gradient).writes(parameters, first, second)->optimizer = *optimizer;
        r->count = count;
    };
    return gatun::recordable(context, GATUN_CALL_OPTIMIZER_STEP, record, [&]() -> int32_t {
        const OptimizerFactors factors = gatun::factors_of(*optimizer);
        const gatun::OptimizerKernels& kernels = GATUN_PICK(context->isa, optimizer_kernels);
        chunked(context, count, [&](int64_t i, int64_t n) {
            float* const p = parameters + i;
            const float* const g = gradient + i;
            switch (optimizer->kind) {
                case GATUN_SGD:
                    return kernels.sgd(factors, n, p, g, at(first, i));
                case GATUN_RMSPROP:
                    return kernels.rmsprop(factors, n, p, g, at(first, i), second + i);
                case GATUN_ADAM:
                    return kernels.adam(factors, n, p, g, first + i, second + i);
                default:
                    return kernels.adamax(factors, n, p, g, first + i, second + i);
            }
        });
        return GATUN_OK;
    });
}

int32_t gatun_sum_of_squares(gatun_context* context, int64_t count, const float* values, double* sum) {
    const auto record = [&](gatun::Record& r) { r.reads(values).writes(reinterpret_cast<float*>(sum))->count = count; };
    return gatun::recordable(context, GATUN_CALL_SUM_OF_SQUARES, record, [&]() -> int32_t {
        thread_local gatun::Scratch scratch;
        const int64_t blocks = pieces(count, kSumBlock);
        auto* const sums = static_cast<double*>(scratch.bytes(static_cast<size_t>(blocks) * sizeof(double)));
        const gatun::OptimizerKernels& kernels = GATUN_PICK(context->isa, optimizer_kernels);
        constexpr int64_t per_task = kChunk / kSumBlock;
        context->pool.run(pieces(blocks, per_task), [&](int64_t task) {
            const int64_t end = std::min((task + 1) * per_task, blocks);
            for (int64_t block = task * per_task; block < end; ++block) {
                const int64_t first = block * kSumBlock;
                sums[block] = kernels.sum_of_squares(std::min(kSumBlock, count - first), values + first);
            }
        });
        double total = 0;
        for (int64_t block = 0; block < blocks; ++block) total += sums[block];
        *sum = total;
        return GATUN_OK;
    });
}

int32_t gatun_scale(gatun_context* context, int64_t count, float factor, float* values) {
    const auto record = [&](gatun::Record& r) {
        r.writes(values)->count = count;
        r->scale = factor;
    };
    return gatun::recordable(context, GATUN_CALL_SCALE, record, [&]() -> int32_t {
        const gatun::OptimizerKernels& kernels = GATUN_PICK(context->isa, optimizer_kernels);
        chunked(context, count, [&](int64_t i, int64_t n) { kernels.scale(n, factor, values + i); });
        return GATUN_OK;
    });
}

int32_t gatun_clear(gatun_context* context, int64_t count, float* values) {
    return gatun::recordable(
        context, GATUN_CALL_CLEAR, [&](gatun::Record& r) { r.writes(values)->count = count; },
        [&] {
            std::memset(values, 0, sizeof(float) * static_cast<size_t>(count));
            return GATUN_OK;
        });
}

int32_t gatun_average(gatun_context* context, int64_t count, double decay, const float* values, float* average) {
    const float weight = static_cast<float>(1.0 - decay);
    const auto record = [&](gatun::Record& r) {
        r.reads(values).writes(average)->count = count;
        r->scale = weight;
    };
    return gatun::recordable(context, GATUN_CALL_AVERAGE, record, [&]() -> int32_t {
        const gatun::OptimizerKernels& kernels = GATUN_PICK(context->isa, optimizer_kernels);
        chunked(context, count, [&](int64_t i, int64_t n) { kernels.average(n, weight, values + i, average + i); });
        return GATUN_OK;
    });
}
}
