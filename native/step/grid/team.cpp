#include "step/grid/team.h"

#include <algorithm>
#include <new>

#include "core/lines.h"
#include "ops/affine/pieces.h"
#include "step/grid/kinds.h"

namespace gatun::grid {
namespace {

int64_t columns_of(const gatun_grid_program& program, const gatun_grid_operation& op) {
    return program.columns <= op.column ? 0 : (int64_t{program.columns} - 1 - op.column) / op.every + 1;
}

bool writes(const gatun_grid_operation& op, int32_t slot) {
    return op.output == slot || (kind_of(op.kind)->keeps && op.argument == slot);
}

// The pixel's last operation that writes a slot, or -1.
int32_t last_writer(const gatun_grid_program& program, int32_t slot) {
    for (int32_t i = program.section_ends[program.channels] - 1; i >= program.section_ends[0]; --i) {
        if (writes(program.operations[i], slot)) return i;
    }
    return -1;
}

// Whether a tap reads what is written before its pixel is begun: places on the left, or on rows above.
bool is_early(const gatun_grid_operation& op, const gatun_tap& tap, int32_t shift) {
    const int64_t row = int64_t{op.row} + tap.row, column = int64_t{op.column} + tap.column;
    return row >> shift < op.row >> shift || (row >> shift == op.row >> shift && column >> shift < op.column >> shift);
}

// First taps of a pixel's product that can be multiplied ahead.
int32_t early_taps(const gatun_grid_program& program, const gatun_grid_operation& op) {
    if (op.kind != GATUN_STEP_AFFINE || op.chain_use == GATUN_CHAINS_LEAVE) return 0;
    // Chains to carry on must have been left before the pixels.
    if (op.chain_use == GATUN_CHAINS_CARRY_ON && last_writer(program, op.chains) >= 0) return 0;
    const int32_t scale = program.slots[op.input].scale;
    if (scale > op.every || scale == INT32_MAX) return 0;
    int32_t taps = 0;
    while (taps < op.tap_count && is_early(op, program.taps[op.first_tap + taps], shift_of(scale))) ++taps;
    return taps;
}

// Columns that do not wait for each other.
bool are_apart(const gatun_grid_program& program, const gatun_grid_operation& op) {
    const Kind& kind = *kind_of(op.kind);
    if (op.sweep != 0 || kind.by_column || kind.keeps) return false;
    if (op.input < 0 || op.input != op.output) return true;
    const gatun_tap& tap = program.taps[op.first_tap];
    return tap.row == 0 && tap.column == 0;
}

// Weights stay in the cores' own memory where their outputs are shared out; a piece of few blocks would be too uneven.
bool is_by_outputs(const gatun_grid_operation& op, int64_t members) {
    const int64_t blocks = blocks_of(op.outputs);
    return op.kind == GATUN_STEP_AFFINE && (blocks % members == 0 || blocks >= 4 * members);
}

// Chains of what is multiplied ahead lie as those do that it carries on.
int64_t chain_step(const gatun_grid_program& program, const gatun_grid_operation& op) {
    if (op.chain_use == GATUN_CHAINS_CARRY_ON) return program.slots[op.chains].features;
    return 2 * blocks_of(op.outputs) * GATUN_LANES;
}

bool is_pixels(const gatun_grid_program& program, int32_t operation) {
    return operation >= program.section_ends[0] && operation < program.section_ends[program.channels];
}

// What is shared of a program that so many members run.
struct Shares {
    const gatun_grid_program& program;
    const int64_t streams, members;
    const Worth& worth;
    int64_t items = 0, chains = 0;  // of all operations

    Shares(const gatun_grid_program& of, int64_t its_streams, int64_t its_members, const Worth& its_worth)
        : program(of), streams(its_streams), members(its_members), worth(its_worth) {
        for (int32_t i = 0; i < program.operation_count; ++i) {
            if (taps_ahead(i) > 0) {
                ++items;
                chains += streams * chain_step(program, program.operations[i]);
            } else if (is_cut(i)) {
                items += members - 1;
            }
        }
    }

    // Of a pixel's product.
    int32_t taps_ahead(int32_t i) const {
        if (!is_pixels(program, i)) return 0;
        const gatun_grid_operation& op = program.operations[i];
        const int32_t taps = early_taps(program, op);
        return streams * taps * op.inputs * op.outputs >= worth.ahead ? taps : 0;
    }

    // Whether an operation over a row is cut into pieces.
    bool is_cut(int32_t i) const {
        const gatun_grid_operation& op = program.operations[i];
        if (is_pixels(program, i) || !are_apart(program, op)) return false;
        const int64_t numbers = columns_of(program, op) * streams * op.outputs;
        if (op.kind != GATUN_STEP_AFFINE) return numbers >= members * worth.numbers;
        return numbers * op.tap_count * op.inputs >= members * worth.row;
    }
};

}  // namespace

int64_t Team::members(const gatun_grid_program& program, int64_t streams, int64_t threads, const Worth& worth) {
    const int64_t most = std::min(threads, kMost);
    return most > 1 && Shares(program, streams, most, worth).items > 0 ? most : 1;
}

int64_t Team::bytes(const gatun_grid_program& program, int64_t streams, int64_t members, const Worth& worth) {
    const Shares shares(program, streams, members, worth);
    return whole_lines(program.operation_count * static_cast<int64_t>(sizeof(Plan))) +
           shares.items * static_cast<int64_t>(sizeof(Item)) + shares.chains * static_cast<int64_t>(sizeof(float));
}

Team::Team(const gatun_grid_program& program, const gatun_grid_run& run, int64_t streams, int64_t members,
           const Worth& worth, char* memory)
    : program_(program),
      members_(members),
      patience_(worth.patience),
      plans_(reinterpret_cast<Plan*>(memory)),
      progress_(time_of(run.first_position, 0)) {
    const Shares shares(program, streams, members, worth);
    auto* item =
        reinterpret_cast<Item*>(memory + whole_lines(program.operation_count * static_cast<int64_t>(sizeof(Plan))));
    for (int64_t i = 0; i < shares.items; ++i) new (item + i) Item();
    auto* chains = reinterpret_cast<float*>(item + shares.items);
    int64_t number = 0;
    for (int32_t i = 0; i < program.operation_count; ++i) {
        Plan& plan = *new (plans_ + i) Plan();
        plan.items = item;
        if (const int32_t taps = shares.taps_ahead(i); taps > 0) {
            const int64_t step = chain_step(program, program.operations[i]);
            plan.ahead = {taps, chains, step, step / 2};
            plan.helper = 1 + number++ % (members - 1);
            chains += streams * step;
            ++item;
        } else if (shares.is_cut(i)) {
            plan.how = is_by_outputs(program.operations[i], members) ? How::kOutputs : How::kColumns;
            item += members - 1;
        }
    }
    for (int32_t i = 0; i < program.operation_count; ++i) {
        if (plans_[i].ahead.taps > 0) find_inputs(i);
    }
}

// What is multiplied ahead waits until its taps' places are written, and until the chains of the pixel before are read.
void Team::find_inputs(int32_t operation) {
    Plan& plan = plans_[operation];
    plan.after = std::max(operation, last_writer(program_, program_.operations[operation].input));
    plan.section = section_of(operation);
    plan.back = program_.channels + plan.section - section_of(plan.after);
    plans_[plan.after].tells = true;
}

int32_t Team::section_of(int32_t operation) const {
    int32_t section = 0;
    while (program_.section_ends[section] <= operation) ++section;
    return section;
}

void Team::await_inputs(int64_t position, int64_t column, int32_t operation) const {
    const Plan& plan = plans_[operation];
    const int64_t time = column == 0 ? time_of(position - plan.section + 1, program_.section_ends[0])
                                     : time_of(position - plan.back, plan.after + 1);
    spin_until([&] { return progress_.load(std::memory_order_acquire) >= time; });
}

Piece Team::all_of(const gatun_grid_operation& op, int64_t columns) { return {0, columns, 0, blocks_of(op.outputs)}; }

Piece Team::piece(int32_t operation, int64_t member, int64_t columns) const {
    Piece piece = all_of(program_.operations[operation], columns);
    if (plans_[operation].how == How::kOutputs) {
        const int64_t blocks = piece.end_block;
        piece.first_block = blocks * member / members_;
        piece.end_block = blocks * (member + 1) / members_;
    } else {
        piece.first_column = columns * member / members_;
        piece.end_column = columns * (member + 1) / members_;
    }
    return piece;
}

bool Team::take(int32_t operation, int64_t member, int64_t position) {
    const std::atomic<int64_t>& claimed = item(operation, member).claimed;
    for (int64_t i = 0; i < patience_ && claimed.load(std::memory_order_relaxed) <= position; ++i) {
        std::this_thread::yield();
    }
    return claim(operation, member, position);
}

bool Team::claim(int32_t operation, int64_t member, int64_t position) {
    std::atomic<int64_t>& claimed = item(operation, member).claimed;
    int64_t last = claimed.load(std::memory_order_relaxed);
    return last <= position && claimed.compare_exchange_strong(last, position + 1, std::memory_order_relaxed);
}

void Team::await_piece(int32_t operation, int64_t member, int64_t position) {
    const std::atomic<int64_t>& done = item(operation, member).done;
    spin_until([&] { return done.load(std::memory_order_acquire) > position; });
}

}  // namespace gatun::grid
