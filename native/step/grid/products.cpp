// Affine maps, over numbers and over levels, whole or in parts.
#include <algorithm>

#include "ops/affine/affine.h"
#include "ops/lookup/lookup.h"
#include "step/grid/kinds.h"

namespace gatun::grid {
namespace {

gatun_affine weights_of(const gatun_grid_operation& op) {
    return {op.weights, op.bias, nullptr, op.tap_count, op.inputs, op.outputs, op.unseen};
}

int64_t flat_of(const gatun_grid_operation& op) {
    return op.before + int64_t{op.tap_count} * op.inputs - op.unseen + op.behind;
}

AffinePart part_of(const Walk& walk, const gatun_grid_operation& op, const Places& at) {
    AffinePart part{op.before, flat_of(op), nullptr, nullptr, at.chains_step, 0, op.precision};
    if (op.chain_use == GATUN_CHAINS_NONE) return part;
    part.width = walk.slot(op.chains).features / 2;
    if (op.chain_use == GATUN_CHAINS_CARRY_ON) part.start = at.chains;
    if (op.chain_use == GATUN_CHAINS_LEAVE) part.keep = at.chains;
    return part;
}

// Some of the outputs: those of blocks lie one behind the other in all that there is of them.
void narrow_outputs(const gatun_grid_operation& op, const Cut& cut, gatun_affine& affine, AffineRow& row,
                    AffinePart& part) {
    const int64_t by = cut.first_block * GATUN_LANES;
    const int64_t width = op.precision == GATUN_BF16 ? sizeof(uint16_t) : sizeof(float);
    affine.outputs = static_cast<int32_t>(std::min<int64_t>(op.outputs, cut.end_block * GATUN_LANES) - by);
    affine.weights =
        reinterpret_cast<const float*>(reinterpret_cast<const char*>(affine.weights) + by * part.flat * width);
    if (affine.bias != nullptr) affine.bias += by;
    row.y += by;
    if (part.start != nullptr) part.start += by;
    if (part.keep != nullptr) part.keep += by;
}

// The taps that are multiplied ahead, or those behind them.
void narrow_taps(const Cut& cut, gatun_affine& affine, AffineRow& row, AffinePart& part) {
    const Ahead& ahead = *cut.ahead;
    part.step = ahead.step;
    part.width = ahead.width;
    if (cut.is_rest) {
        part.start = ahead.chains;
        part.before += int64_t{ahead.taps} * affine.inputs;
        row.offsets += ahead.taps;
        affine.tap_count -= ahead.taps;
    } else {
        part.keep = ahead.chains;
        if (ahead.taps < affine.tap_count) affine.unseen = 0;
        affine.tap_count = ahead.taps;
    }
}

[[gnu::noinline]] void run_cut(const Walk& walk, const gatun_grid_operation& op, const Places& at) {
    gatun_affine affine = weights_of(op);
    AffineRow row{at.x, at.offsets, at.x_step, at.y, at.y_step, at.count};
    AffinePart part = part_of(walk, op, at);
    narrow_outputs(op, *at.cut, affine, row, part);
    if (at.cut->ahead != nullptr) narrow_taps(*at.cut, affine, row, part);
    GATUN_PICK(walk.isa(), affine_kernels).run_part(affine, row, part);
}

void check_product(Checker& c, const gatun_grid_operation& op) {
    c.require(op.weights != nullptr && c.writes_floats(op), "weights");
    c.require(op.unseen <= op.inputs && (op.tap_count > 0 || op.unseen == 0), "inputs that are not seen");
    const int64_t flat = flat_of(op);
    const int64_t lanes = (int64_t{op.outputs} + GATUN_LANES - 1) / GATUN_LANES * GATUN_LANES;
    c.require(flat == 0 || lanes <= kMostFloats / flat, "weights");
    if (op.chain_use == GATUN_CHAINS_NONE) return c.require(op.before == 0 && op.behind == 0, "taps before or behind");
    c.require(op.chain_use == GATUN_CHAINS_LEAVE ? op.before == 0 : op.behind == 0, "taps before or behind");
}

}  // namespace

void run_affine(const Walk& walk, const gatun_grid_operation& op, const Places& at) {
    if (at.cut != nullptr) return run_cut(walk, op, at);
    GATUN_PICK(walk.isa(), affine_kernels)
        .run_part(weights_of(op), {at.x, at.offsets, at.x_step, at.y, at.y_step, at.count}, part_of(walk, op, at));
}

void check_affine(Checker& c, const gatun_grid_operation& op) {
    check_product(c, op);
    c.require(op.precision == GATUN_F32 || op.precision == GATUN_BF16, "the precision and what there is");
    c.require(c.reads_floats(op) && op.inputs >= 1, "inputs");
}

void run_lookup(const Walk& walk, const gatun_grid_operation& op, const Places& at) {
    const auto* levels = reinterpret_cast<const int32_t*>(at.x);
    GATUN_PICK(walk.isa(), lookup_kernels)
        .run_part(weights_of(op), op.outside, walk.slot(op.input).features,
                  {levels, at.offsets, at.x_step, at.y, at.y_step, at.count}, part_of(walk, op, at));
}

void check_lookup(Checker& c, const gatun_grid_operation& op) {
    check_product(c, op);
    // A level that is drawn, or a class, must have a row in the weights.
    const gatun_grid_slot& input = c.slot(op.input);
    const int32_t levels = op.inputs / input.features;
    c.require(input.levels == 1 && op.first_input == 0 && op.inputs % input.features == 0 && levels >= 1 &&
                  levels >= c.levels(op.input) && op.unseen % levels == 0 && op.before % levels == 0,
              "inputs");
}

}  // namespace gatun::grid
