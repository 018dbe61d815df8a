#include "cuda/laid.h"

#include "cuda/bf16.h"

namespace gatun::gpu {
namespace {

int64_t whole_blocks(int64_t count) { return (count + GATUN_LANES - 1) / GATUN_LANES; }

bool is_cell(const gatun_step_operation& op) {
    return op.kind >= GATUN_STEP_CELL_TANH && op.kind <= GATUN_STEP_CELL_LSTM;
}

}  // namespace

Extents extents_of(const gatun_step_program& program, const gatun_step_operation& op) {
    const int64_t lanes = whole_blocks(op.outputs) * GATUN_LANES;
    const auto width = [&](int32_t slot) { return int64_t{program.slots[slot].features / 2}; };
    Extents all{0, op.outputs, op.outputs};
    switch (op.kind) {
        case GATUN_STEP_AFFINE:
        case GATUN_STEP_LOOKUP:
            all.weights = lanes * op.tap_count * op.inputs;
            break;
        case GATUN_STEP_ENCODE:
            all.weights = program.distribution.levels;
            break;
        case GATUN_STEP_CELL_TANH:
        case GATUN_STEP_CELL_GRU:
        case GATUN_STEP_CELL_LSTM:
            all.weights = whole_blocks(op.inputs) * GATUN_LANES * op.outputs;
            all.bias = op.inputs;
            break;
        case GATUN_STEP_PUSH_VALUE:
        case GATUN_STEP_PUSH_LEVEL:
        case GATUN_STEP_PUSH_UNITS:
            all.weights = op.inputs * width(op.output);
            break;
        case GATUN_STEP_NADE:
            all.weights = program.chain * width(op.argument == 0 ? op.input : op.output);
            all.bias = program.chain;
            break;
        default:
            break;
    }
    if (op.weights == nullptr) all.weights = 0;
    if (op.bias == nullptr) all.bias = 0;
    if (op.outside == nullptr) all.outside = 0;
    return all;
}

bool multiplies(const gatun_step_operation& op) {
    return op.weights != nullptr && op.kind != GATUN_STEP_LOOKUP && op.kind != GATUN_STEP_ENCODE;
}

int32_t precision_of(const gatun_step_program& program) {
    int32_t precision = GATUN_F32;
    for (int32_t i = 0; i < program.operation_count; ++i) {
        const gatun_step_operation& op = program.operations[i];
        if (!multiplies(op)) continue;
        if (!are_bf16(op.weights, extents_of(program, op).weights)) return GATUN_F32;
        precision = GATUN_BF16;
    }
    return precision;
}

std::vector<float> lay_out(const gatun_step_program& program, const gatun_step_operation& op, int32_t kept) {
    const int64_t count = extents_of(program, op).weights;
    std::vector<float> all(op.weights, op.weights + count);
    const bool product = op.kind == GATUN_STEP_AFFINE || is_cell(op);
    if (product && (is_cell(op) ? op.outputs : op.inputs) % 4 == 0) {
        constexpr int64_t kFour = int64_t{4} * GATUN_LANES;
        for (int64_t i = 0; i < count; ++i) {
            const int64_t at = i % kFour;
            all[static_cast<size_t>(i)] = op.weights[i - at + at % 4 * GATUN_LANES + at / 4];
        }
    }
    return kept == GATUN_BF16 ? upper_halves(all) : all;
}

}  // namespace gatun::gpu
