#include "cuda/grid/plan.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "cuda/bf16.h"
#include "cuda/grid/steps.h"
#include "ops/distribution/distribution.h"

namespace gatun::gpu::grids {
namespace {

constexpr int32_t kAlone = 2;

int64_t whole_blocks(int64_t outputs) { return (outputs + GATUN_LANES - 1) / GATUN_LANES; }

int32_t shift_of(int32_t scale) { return scale == INT32_MAX ? 31 : std::countr_zero(static_cast<uint32_t>(scale)); }

int64_t columns_of(const gatun_grid_slot& slot) { return int64_t{slot.left} + slot.columns + slot.right; }

// Flat inputs of an instruction's own taps, and those of all taps that its weights have.
int64_t own_flat(const gatun_grid_operation& op) { return int64_t{op.tap_count} * op.inputs - op.unseen; }
int64_t all_flat(const gatun_grid_operation& op) { return op.before + own_flat(op) + op.behind; }

float weight_of(const gatun_grid_operation& op, int64_t i) {
    if (op.kind != GATUN_STEP_AFFINE || op.precision != GATUN_BF16) return op.weights[i];
    uint16_t half;
    std::memcpy(&half, reinterpret_cast<const char*>(op.weights) + i * int64_t{sizeof half}, sizeof half);
    return std::bit_cast<float>(static_cast<uint32_t>(half) << 16);
}

// Whether a tap reads what the same instruction writes at another place of the row, in the order of columns.
bool reads_own(const gatun_grid_program& program, const gatun_grid_operation& op) {
    const bool cell = op.kind == GATUN_STEP_GRID_CELL;
    if (!cell && (op.input < 0 || op.input != op.output)) return false;
    const gatun_tap& tap = program.taps[op.first_tap + (cell ? 1 : 0)];
    const int32_t shift = shift_of(program.slots[cell ? op.argument : op.input].scale);
    const bool other_row = (op.row >> shift) != ((op.row + tap.row) >> shift);
    return !other_row && (op.column >> shift) != ((int64_t{op.column} + tap.column) >> shift);
}

// The log2 of the places that a task takes, so that all tasks are soonest done by some groups of sixteen threads: a
// task takes as long as reading weights, which is worth two places, and its places.
int32_t best_tile(int64_t blocks, int64_t places, const Launch& launch) {
    const int64_t groups = (launch.threads - kWarp) / GATUN_LANES;
    int32_t best = 0;
    int64_t least = INT64_MAX;
    for (int32_t log = 0; (int32_t{1} << log) <= std::min(launch.tile, kMostTile); ++log) {
        const int64_t tile = int64_t{1} << log;
        if (log > 0 && tile > places) break;
        const int64_t tasks = blocks * ((places + tile - 1) / tile);
        const int64_t time = (tasks + groups - 1) / groups * (tile + 2);
        if (time < least) best = log;
        least = std::min(time, least);
    }
    return best;
}

}  // namespace

bool in_fours(const gatun_grid_program& program, const gatun_grid_operation& op) {
    return op.kind == GATUN_STEP_AFFINE && op.inputs % 4 == 0 && op.first_input % 4 == 0 && op.before % 2 == 0 &&
           program.slots[op.input].features % 4 == 0;
}

std::vector<float> lay_out(const gatun_grid_program& program, const gatun_grid_operation& op, int32_t kept) {
    if (op.kind == GATUN_STEP_ENCODE) return {op.weights, op.weights + program.distribution.levels};
    const bool product = op.kind == GATUN_STEP_AFFINE;
    const int64_t flat = all_flat(op), first = product ? op.before : 0, own = product ? own_flat(op) : flat;
    const int64_t fours = in_fours(program, op) ? own / 4 : 0;
    std::vector<float> all;
    all.reserve(static_cast<size_t>(whole_blocks(op.outputs) * own * GATUN_LANES));
    for (int64_t block = 0; block < whole_blocks(op.outputs); ++block) {
        const int64_t from = (block * flat + first) * GATUN_LANES;
        for (int64_t four = 0; four < fours; ++four) {
            for (int64_t i = 0; i < 4 * GATUN_LANES; ++i) {
                all.push_back(weight_of(op, from + (four * 4 + i % 4) * GATUN_LANES + i / 4));
            }
        }
        for (int64_t i = fours * 4 * GATUN_LANES; i < own * GATUN_LANES; ++i) all.push_back(weight_of(op, from + i));
    }
    return kept == GATUN_BF16 ? upper_halves(all) : all;
}

int32_t precision_of(const gatun_grid_program& program) {
    int32_t precision = GATUN_F32;
    for (int32_t i = 0; i < program.operation_count; ++i) {
        const gatun_grid_operation& op = program.operations[i];
        if (op.kind != GATUN_STEP_AFFINE) continue;
        const int64_t count = whole_blocks(op.outputs) * all_flat(op) * GATUN_LANES;
        if (op.precision != GATUN_BF16 && !are_bf16(op.weights, count)) return GATUN_F32;
        precision = GATUN_BF16;
    }
    return precision;
}

Plan::Plan(const gatun_grid_program& program, const Launch& launch, int64_t most_fast)
    : from_(program), launch_(launch) {
    for (int32_t i = 0; i < program.slot_count; ++i) {
        const gatun_grid_slot& slot = program.slots[i];
        const int64_t pitch = columns_of(slot) * slot.features;
        slots.push_back(
            {slot.offset, pitch, slot.features, slot.left, slot.rows, shift_of(slot.scale), -1, pitch * slot.rows});
    }
    for (int32_t i = 0; i < program.operation_count; ++i) add(program.operations[i]);
    join();
    choose_fast(most_fast);
}

void Plan::add(const gatun_grid_operation& op) {
    whens.push_back({op.every, op.row, op.column, op.sweep == 0 && reads_own(from_, op) ? kAlone : op.sweep, 1});
    Operation to{};
    to.members = 1;
    to.weights = op.weights;
    to.bias = op.bias;
    to.outside = op.outside;
    const bool product = op.kind == GATUN_STEP_AFFINE || op.kind == GATUN_STEP_LOOKUP;
    to.block = (op.kind == GATUN_STEP_AFFINE ? own_flat(op) : product ? all_flat(op) : 0) * GATUN_LANES;
    to.kind = op.kind;
    to.input = op.input;
    to.output = op.output;
    to.chains = op.kind == GATUN_STEP_GRID_CELL ? op.argument : op.chain_use == GATUN_CHAINS_NONE ? -1 : op.chains;
    to.chain_use = op.chain_use;
    to.inputs = op.inputs;
    to.outputs = op.outputs;
    to.first_input = op.first_input;
    to.first_output = op.first_output;
    to.first_tap = op.first_tap;
    to.tap_count = op.tap_count;
    to.unseen = op.unseen;
    to.before = op.before;
    to.argument = op.argument;
    to.every = op.every;
    to.column = op.column;
    to.scale = op.scale;
    to.fours = in_fours(from_, op) ? 1 : 0;
    const bool halves = op.kind == GATUN_STEP_CONCAT_ELU;
    to.blocks = op.kind == GATUN_STEP_DRAW ? 1 : static_cast<int32_t>(whole_blocks(halves ? op.inputs : op.outputs));
    to.all = from_.columns <= op.column ? 0 : (from_.columns - 1 - op.column) / op.every + 1;
    if (op.kind == GATUN_STEP_AFFINE) {
        to.tile = best_tile(to.blocks, launch_.streams, launch_);
        to.wide = best_tile(to.blocks, int64_t{to.all} * launch_.streams, launch_);
    }
    to.taps = op.kind == GATUN_STEP_GRID_CELL ? 1 : op.input < 0 ? 0 : op.tap_count;
    to.channels = op.kind == GATUN_STEP_LOOKUP ? from_.slots[op.input].features : 0;
    operations.push_back(to);
}

bool Plan::may_join(int32_t first, int32_t next) const {
    // What goes from column to column has steps of its own.
    const auto sweep = [&](int32_t i) { return whens[static_cast<size_t>(i)].sweep; };
    return sweep(first) == 0 && sweep(next) == 0 && joins(from_, first, next);
}

// Instructions that follow each other in a section and may be a step.
void Plan::join() {
    for (int32_t section = 0, i = 0; section < from_.channels + 2; ++section) {
        const int32_t end = from_.section_ends[section];
        while (i < end) {
            int32_t members = 1;
            while (members < kMostMembers && i + members < end && may_join(i, i + members)) ++members;
            operations[static_cast<size_t>(i)].members = whens[static_cast<size_t>(i)].members = members;
            i += members;
        }
    }
}

// The smallest first: what a pixel alone reads has one place.
void Plan::choose_fast(int64_t most) {
    std::vector<size_t> order(slots.size());
    for (size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return slots[a].floats < slots[b].floats; });
    for (const size_t i : order) {
        const int64_t lines = whole_blocks(slots[i].floats) * GATUN_LANES;
        if (fast_floats + lines > most) return;
        slots[i].fast = fast_floats;
        fast_floats += lines;
    }
}

Program Plan::program() const {
    Program p{};
    p.whens = whens.data();
    p.operations = operations.data();
    p.slots = slots.data();
    p.taps = from_.taps;
    p.section_ends = from_.section_ends;
    p.distribution = from_.distribution;
    p.state_floats = from_.state_floats;
    p.fast_floats = fast_floats;
    p.scratch_floats = whole_blocks(distribution_scratch(from_.distribution)) * GATUN_LANES;
    p.operation_count = from_.operation_count;
    p.slot_count = from_.slot_count;
    p.tap_count = from_.tap_count;
    for (const Operation& op : operations) p.most_taps = std::max(p.most_taps, op.tap_count);
    p.rows = from_.rows;
    p.columns = from_.columns;
    p.channels = from_.channels;
    return p;
}

}  // namespace gatun::gpu::grids
