#include "ops/dense/dense.h"

#include <algorithm>

#include "core/context.h"
#include "ops/lookup/lookup.h"

namespace gatun {
namespace {

constexpr int64_t kLanes = GATUN_LANES;
constexpr int64_t kNoOffset = 0;  // of the one tap

int64_t blocks_of(const gatun_dense& dense) { return blocks_of_lanes(dense.outputs); }

// The longest prefix among a block's outputs.
int32_t prefix_of(const gatun_dense& dense, int64_t block) { return longest_prefix(dense, block, 1); }

int32_t live_of(int64_t units, int64_t block, int64_t blocks = 1) {
    return static_cast<int32_t>(std::min<int64_t>(blocks * kLanes, units - block * kLanes));
}

// The first output that sees an input.
int64_t first_output(const gatun_dense& dense, int64_t input) {
    return std::upper_bound(dense.seen, dense.seen + dense.outputs, static_cast<int32_t>(input)) - dense.seen;
}

// Where there are so many examples for each thread, it has some for its own, through all layers: what it wrote is near
// to it. With fewer it would read the weights of all blocks for too little.
constexpr int64_t kOwnExamples = 64;

// body(block, first example, examples): blocks, and where those are few, stretches of examples too; or all blocks for
// each thread's own examples. The longest blocks come first, so that no thread is left with one at the end.
template <class Body>
void each_block(gatun_context& context, int64_t blocks, int64_t examples, Body&& body) {
    if (examples == 0) return;
    const int64_t threads = context.pool.threads();
    const bool own = examples >= kOwnExamples * threads;
    const int64_t wanted = own ? threads : (4 * threads + blocks - 1) / blocks;
    const int64_t stretches = std::clamp<int64_t>(wanted, 1, (examples + 11) / 12);
    context.pool.run(blocks * stretches, [&](int64_t task) {
        const int64_t block = own ? task % blocks : task / stretches;
        const int64_t part = own ? task / blocks : task % stretches;
        const int64_t first = examples * part / stretches, end = examples * (part + 1) / stretches;
        body(block, first, end - first);
    });
}

void run_dense(gatun_context& context, const gatun_dense& dense, const float* packed, const float* packed_bias,
               const gatun_map& x, const gatun_map& y) {
    const AffineKernels& kernels = GATUN_PICK(context.isa, affine_kernels);
    // Two blocks go together, which halves the reading of x: the shorter one goes on with weights of zero.
    const int64_t pairs = (blocks_of(dense) + kPaired - 1) / kPaired;
    each_block(context, pairs, y.examples, [&](int64_t task, int64_t first, int64_t count) {
        const int64_t block = (pairs - 1 - task) * kPaired;
        const int32_t outputs = live_of(dense.outputs, block, kPaired);
        const gatun_affine affine = {packed + block * dense.inputs * kLanes,
                                     packed_bias + block * kLanes,
                                     nullptr,
                                     1,
                                     longest_prefix(dense, block, kPaired),
                                     outputs,
                                     0};
        const AffinePart whole{0, dense.inputs, nullptr, nullptr, 0, 0, GATUN_F32};
        kernels.run_part(affine,
                         {x.data + first * x.stride_example, &kNoOffset, x.stride_example,
                          y.data + first * y.stride_example + block * kLanes, y.stride_example, count},
                         whole);
    });
}

// A column is a tap: an output sees whole positions of the data.
void run_lookup(gatun_context& context, const gatun_dense& dense, const float* packed, const float* packed_bias,
                const gatun_levels& x, const gatun_map& y) {
    const LookupKernels& kernels = GATUN_PICK(context.isa, lookup_kernels);
    const int64_t blocks = blocks_of(dense);
    const int32_t levels = dense.inputs / std::max(x.columns, 1);
    thread_local Scratch memory;
    auto* offsets = static_cast<int64_t*>(memory.bytes(sizeof(int64_t) * static_cast<size_t>(x.columns + 1)));
    for (int32_t k = 0; k < x.columns; ++k) offsets[k] = k * x.stride_column;
    each_block(context, blocks, y.examples, [&](int64_t task, int64_t first, int64_t count) {
        const int64_t block = blocks - 1 - task;
        const gatun_affine affine = {packed + block * dense.inputs * kLanes,
                                     packed_bias + block * kLanes,
                                     nullptr,
                                     prefix_of(dense, block) / levels,
                                     levels,
                                     live_of(dense.outputs, block),
                                     0};
        kernels.run(affine, nullptr, 1,
                    {x.data + first * x.stride_example, offsets, x.stride_example,
                     y.data + first * y.stride_example + block * kLanes, y.stride_example, count});
    });
}

// dx of 16 inputs is a product with the outputs that see one of them.
void run_input_gradient(gatun_context& context, const gatun_dense& dense, const float* transposed, const gatun_map& dy,
                        const gatun_map& dx, bool accumulate) {
    const AffineKernels& kernels = GATUN_PICK(context.isa, affine_kernels);
    each_block(context, blocks_of_lanes(dense.inputs), dy.examples, [&](int64_t block, int64_t first, int64_t count) {
        const int64_t from = first_output(dense, block * kLanes);
        const gatun_affine affine = {transposed + (block * dense.outputs + from) * kLanes,
                                     nullptr,
                                     nullptr,
                                     1,
                                     static_cast<int32_t>(dense.outputs - from),
                                     live_of(dense.inputs, block),
                                     0};
        kernels.run(affine,
                    {dy.data + first * dy.stride_example + from, &kNoOffset, dy.stride_example,
                     dx.data + first * dx.stride_example + block * kLanes, dx.stride_example, count},
                    0, 1, accumulate);
    });
}

}  // namespace
}  // namespace gatun

extern "C" {

int32_t gatun_dense_run(gatun_context* context, const gatun_dense* dense, const float* packed, const float* packed_bias,
                        const gatun_map* x, const gatun_map* y) {
    return gatun::recordable(
        context, GATUN_CALL_DENSE, [&](gatun::Record& r) { r.dense(*dense).maps(x, y).reads(packed, packed_bias); },
        [&] {
            gatun::run_dense(*context, *dense, packed, packed_bias, *x, *y);
            return GATUN_OK;
        });
}

int32_t gatun_dense_lookup(gatun_context* context, const gatun_dense* dense, const float* packed,
                           const float* packed_bias, const gatun_levels* x, const gatun_map* y) {
    return gatun::recordable(
        context, GATUN_CALL_DENSE_LOOKUP,
        [&](gatun::Record& r) { r.dense(*dense).maps(nullptr, y).reads(packed, packed_bias)->levels = *x; },
        [&] {
            gatun::run_lookup(*context, *dense, packed, packed_bias, *x, *y);
            return GATUN_OK;
        });
}

int32_t gatun_dense_input_gradient(gatun_context* context, const gatun_dense* dense, const float* transposed,
                                   const gatun_map* dy, const gatun_map* dx, int32_t accumulate) {
    return gatun::recordable(
        context, GATUN_CALL_DENSE_INPUT_GRADIENT,
        [&](gatun::Record& r) { r.dense(*dense).maps(dy, dx).reads(transposed).accumulate(accumulate); },
        [&] {
            gatun::run_input_gradient(*context, *dense, transposed, *dy, *dx, accumulate != 0);
            return GATUN_OK;
        });
}
}
