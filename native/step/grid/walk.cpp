#include "step/grid/walk.h"

#include <algorithm>

#include "core/lines.h"
#include "ops/affine/pieces.h"
#include "ops/distribution/distribution.h"
#include "step/grid/kinds.h"
#include "step/grid/team.h"

namespace gatun::grid {
namespace {

int64_t lines(int64_t bytes) { return whole_lines(bytes) / static_cast<int64_t>(sizeof(float)); }

// Each operation has offsets of its own, also where several read by the same taps: their maps differ.
int64_t offsets_floats(const gatun_grid_program& program) {
    int64_t taps = 0;
    for (int32_t i = 0; i < program.operation_count; ++i) taps += program.operations[i].tap_count;
    return lines(static_cast<int64_t>(sizeof(int64_t)) * taps);
}

int64_t prepared_floats(const gatun_grid_program& program) {
    return lines(static_cast<int64_t>(sizeof(Prepared)) * program.operation_count);
}

}  // namespace

int64_t walk_scratch(const gatun_grid_program& program) {
    // Whole lines: distributions want theirs aligned, and threads no line of the cache that others write.
    return offsets_floats(program) + prepared_floats(program) +
           lines(static_cast<int64_t>(sizeof(float)) * distribution_scratch(program.distribution)) + GATUN_LANES;
}

Walk::Walk(int32_t isa, const gatun_grid_program& program, const gatun_grid_run& run, int64_t first, int64_t count,
           float* scratch, Team* team)
    : isa_(isa),
      program_(program),
      run_(run),
      first_(first),
      count_(count),
      prepared_(reinterpret_cast<Prepared*>(scratch + offsets_floats(program))),
      scratch_(scratch + offsets_floats(program) + prepared_floats(program)),
      team_(team),
      meter_(run.meter, first) {
    auto* offsets = reinterpret_cast<int64_t*>(scratch);
    for (int32_t i = 0; i < program.operation_count; ++i) {
        prepared_[i] = {};
        prepared_[i].op = program.operations + i;
        prepared_[i].offsets = offsets;
        offsets += program.operations[i].tap_count;
    }
}

float* Walk::base_of(const gatun_grid_slot& slot) const {
    return run_.state + program_.state_floats * first_ + (slot.offset + int64_t{slot.left} * slot.features) * count_;
}

// How far from a slot's first row a tap reads, for column 0.
int64_t Walk::tap_offset(const gatun_grid_operation& op, int32_t k, const gatun_grid_slot& slot) const {
    const gatun_tap& tap = program_.taps[op.first_tap + k];
    const int32_t shift = shift_of(slot.scale);
    int64_t place = ((row_ + tap.row) >> shift) % slot.rows;
    if (place < 0) place += slot.rows;  // rows above the grid, which nobody has written
    const int64_t columns = ((int64_t{op.column} + tap.column) >> shift) - (op.column >> shift);
    return place * pitch_of(slot) + columns * slot.features * count_;
}

void Walk::prepare_input(Prepared& p, const gatun_grid_slot& slot) const {
    const gatun_grid_operation& op = *p.op;
    p.x = base_of(slot) + op.first_input;
    p.x_shift = shift_of(slot.scale);
    p.x_column = slot.features * count_;
    const int32_t taps = p.kind->keeps ? 1 : op.tap_count;
    for (int32_t k = 0; k < taps; ++k) p.offsets[k] = tap_offset(op, k, slot);
}

void Walk::prepare_output(Prepared& p, const gatun_grid_slot& slot) const {
    p.y_shift = shift_of(slot.scale);
    p.y_column = slot.features * count_;
    p.y = base_of(slot) + (row_ >> p.y_shift) % slot.rows * pitch_of(slot) + p.op->first_output;
}

void Walk::prepare_chains(Prepared& p, const gatun_grid_slot& slot) const {
    p.chains_shift = shift_of(slot.scale);
    p.chains_column = slot.features * count_;
    const int64_t row = (row_ >> p.chains_shift) % slot.rows * pitch_of(slot);
    p.chains = base_of(slot) + row + p.op->first_output;
    if (p.kind->keeps) p.offsets[1] = tap_offset(*p.op, 1, slot) - row;
}

// Where everything lies on this row: it changes with the row alone.
void Walk::prepare_row() {
    for (int32_t i = 0; i < program_.operation_count; ++i) {
        Prepared& p = prepared_[i];
        const gatun_grid_operation& op = *p.op;
        p.kind = row_ % op.every == op.row ? kind_of(op.kind) : nullptr;
        if (p.kind == nullptr) continue;
        if (op.input >= 0) prepare_input(p, slot(op.input));
        if (op.output >= 0) prepare_output(p, slot(op.output));
        if (p.kind->keeps) prepare_chains(p, slot(op.argument));
        if (op.chain_use != GATUN_CHAINS_NONE) prepare_chains(p, slot(op.chains));
    }
}

void Walk::run_at(const Prepared& p, int64_t column, const Cut* cut) {
    const gatun_grid_operation& op = *p.op;
    column_ = column;
    meter_.begin();
    p.kind->run(*this, op,
                {p.x + (column >> p.x_shift) * p.x_column, p.offsets, p.x_column / count_,
                 p.y + (column >> p.y_shift) * p.y_column, p.y_column / count_,
                 p.chains + (column >> p.chains_shift) * p.chains_column, p.chains_column / count_, count_, cut});
    meter_.end(&op - program_.operations);
}

// All columns that are the instruction's.
void Walk::run_row(int32_t operation) {
    const Prepared& p = prepared_[operation];
    if (team_ != nullptr && team_->cuts(operation)) return run_pieces(operation);
    run_piece(p, Team::all_of(*p.op, columns_of(*p.op)));
}

// Some of them, at once where the places follow each other in even steps.
void Walk::run_piece(const Prepared& p, const Piece& piece) {
    const gatun_grid_operation& op = *p.op;
    const int64_t columns = piece.end_column - piece.first_column;
    const int64_t x_by = op.every >> p.x_shift, y_by = op.every >> p.y_shift;
    const int64_t chains_by = op.every >> p.chains_shift;
    const bool even = op.input < 0 || slot(op.input).scale <= op.every;
    const bool neighbours = count_ == 1 || (x_by == 1 && y_by == 1 && (p.chains == nullptr || chains_by == 1));
    const Cut blocks{piece.first_block, piece.end_block};
    const Cut* cut = piece.first_block > 0 || piece.end_block < blocks_of(op.outputs) ? &blocks : nullptr;
    if (columns > 1 && even && neighbours && !p.kind->by_column) {
        const int64_t column = op.column + piece.first_column * op.every;
        column_ = column;
        const int64_t x_step = p.x_column / count_, y_step = p.y_column / count_;
        meter_.begin();
        p.kind->run(*this, op,
                    {p.x + (column >> p.x_shift) * p.x_column, p.offsets, x_step * x_by,
                     p.y + (column >> p.y_shift) * p.y_column, y_step * y_by,
                     p.chains + (column >> p.chains_shift) * p.chains_column, p.chains_column / count_ * chains_by,
                     columns * count_, cut});
        return meter_.end(&op - program_.operations);
    }
    for (int64_t k = piece.first_column; k < piece.end_column; ++k) run_at(p, op.column + k * op.every, cut);
}

// Operations begin .. end - 1, column by column.
void Walk::sweep(int32_t begin, int32_t end) {
    const int64_t last = program_.columns - 1;
    for (int64_t step = 0; step <= last; ++step) {
        const int64_t column = prepared_[begin].op->sweep > 0 ? step : last - step;
        for (int32_t i = begin; i < end; ++i) {
            if (runs_at(prepared_[i], column)) run_at(prepared_[i], column, nullptr);
        }
    }
}

void Walk::run_section(int32_t section) {
    const int32_t end = program_.section_ends[section];
    for (int32_t i = begin_of(section), next; i < end; i = next) {
        next = i + 1;
        if (prepared_[i].op->sweep == 0) {
            if (prepared_[i].kind != nullptr) run_row(i);
            continue;
        }
        while (next < end && prepared_[next].op->sweep == prepared_[i].op->sweep) ++next;
        sweep(i, next);
    }
}

void Walk::run_pixels(int32_t section, const Half& half) {
    const int64_t column = column_;
    int32_t i = begin_of(section);
    if (half.part == Half::Part::kFromDraw) {
        while (prepared_[i].op->kind != GATUN_STEP_DRAW) ++i;
    }
    for (; i < program_.section_ends[section]; ++i) {
        const Prepared& p = prepared_[i];
        if (p.op->kind == GATUN_STEP_DRAW && half.part == Half::Part::kBeforeDraw) return copy_outputs(p, half.outputs);
        if (!runs_at(p, column)) continue;
        if (team_ != nullptr) {
            run_pixel(i);
        } else {
            run_at(p, column, nullptr);
        }
    }
}

// What a draw reads at this pixel.
void Walk::copy_outputs(const Prepared& draw, float* to) const {
    const int64_t width = draw.op->inputs, step = draw.x_column / count_;
    const float* from = draw.x + (column_ >> draw.x_shift) * draw.x_column + draw.offsets[0];
    for (int64_t s = 0; s < count_; ++s) std::copy_n(from + s * step, width, to + (first_ + s) * width);
}

Walk::Place Walk::go_to(int64_t position) {
    const int64_t in_row = int64_t{program_.columns} * program_.channels;
    const int64_t in = position % in_row, row = position / in_row;
    position_ = position;
    if (row != row_) {
        row_ = row;
        prepare_row();
    }
    return {in / program_.channels, static_cast<int32_t>(1 + in % program_.channels), in == 0, in == in_row - 1};
}

void Walk::run_steps(const Half& half) {
    const int64_t end = run_.first_position + run_.positions;
    for (int64_t position = run_.first_position; position < end; ++position) {
        const Place place = go_to(position);
        if (place.begins && half.part != Half::Part::kFromDraw) run_section(0);
        column_ = place.column;
        if (team_ != nullptr) team_->reach(position, program_.section_ends[0]);
        run_pixels(place.section, half);
        if (place.ends && half.part != Half::Part::kBeforeDraw) run_section(program_.channels + 1);
    }
}

}  // namespace gatun::grid
