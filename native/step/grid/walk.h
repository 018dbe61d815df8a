// The streams of one thread on their way over a grid: a row's beginning, its pixels channel by channel, its end.
#pragma once

#include <string>

#include "gatun.h"
#include "step/half.h"
#include "step/meter.h"

namespace gatun::grid {

struct Kind;
class Team;
struct Piece;

// First taps of a product that are multiplied ahead of the others, and their chains: [streams][step], the odd one
// `width` floats behind the even one.
struct Ahead {
    int32_t taps;
    float* chains;
    int64_t step;
    int64_t width;
};

// Some of a product: blocks of 16 outputs; the taps that are multiplied ahead, or those behind them.
struct Cut {
    int64_t first_block, end_block;
    const Ahead* ahead = nullptr;  // null: all taps
    bool is_rest = false;
};

// The places that an instruction works on at once, at each of which it reads some taps and writes some features.
struct Places {
    const float* x;          // the first place's features that are read, but for the tap
    const int64_t* offsets;  // of each tap, in floats
    int64_t x_step;          // from place to place
    float* y;
    int64_t y_step;
    float* chains;  // or what a cell keeps
    int64_t chains_step;
    int64_t count;
    const Cut* cut;  // of a product, or null
};

// An instruction on its way over a row: where column 0 lies of what it reads and writes.
struct Prepared {
    const gatun_grid_operation* op;
    const Kind* kind;  // null: it does not run on this row
    const float* x;
    float* y;
    float* chains;
    int64_t* offsets;
    int64_t x_column, y_column, chains_column;  // floats of a column, all streams
    int32_t x_shift, y_shift, chains_shift;     // from columns of the data to those of the maps
};

// Floats of scratch that a walk needs.
int64_t walk_scratch(const gatun_grid_program& program);

// What is wrong with a program, or nothing.
std::string why_invalid(const gatun_grid_program& program);

class Walk {
public:
    // Streams first .. first + count - 1 of a run, a part of it. scratch: walk_scratch floats, 64-byte aligned; team:
    // those who share it, or null.
    Walk(int32_t isa, const gatun_grid_program& program, const gatun_grid_run& run, int64_t first, int64_t count,
         float* scratch, Team* team);

    // All steps of the run.
    void run_steps(const Half& half);

    // The same as member 1, 2, ... of a team, whose first runs them: what it can for that one.
    void help(int64_t member);

    int32_t isa() const { return isa_; }
    const gatun_grid_program& program() const { return program_; }
    const gatun_grid_run& run() const { return run_; }
    int64_t first() const { return first_; }
    int64_t count() const { return count_; }
    const gatun_grid_slot& slot(int32_t i) const { return program_.slots[i]; }
    int64_t row() const { return row_; }
    int64_t column() const { return column_; }
    int64_t position() const { return position_; }
    float* scratch() const { return scratch_; }

    // Index of stream s's value of this step.
    int64_t value(int64_t s) const { return (first_ + s) * run_.values.stride_example + position_; }
    // Values of this step from stream s on, with the run's stride; null where the data are of the other sort.
    int32_t* levels(int64_t s) const { return run_.values.levels == nullptr ? nullptr : run_.values.levels + value(s); }
    float* reals(int64_t s) const { return run_.values.reals == nullptr ? nullptr : run_.values.reals + value(s); }

private:
    // Where a position is in its row.
    struct Place {
        int64_t column;
        int32_t section;
        bool begins, ends;  // the row
    };
    Place go_to(int64_t position);
    void prepare_row();
    int64_t tap_offset(const gatun_grid_operation& op, int32_t k, const gatun_grid_slot& slot) const;
    void prepare_input(Prepared& p, const gatun_grid_slot& slot) const;
    void prepare_output(Prepared& p, const gatun_grid_slot& slot) const;
    void prepare_chains(Prepared& p, const gatun_grid_slot& slot) const;
    void sweep(int32_t begin, int32_t end);
    void run_section(int32_t section);
    void run_row(int32_t operation);
    void run_pieces(int32_t operation);
    void run_piece(const Prepared& p, const Piece& piece);
    void run_pixels(int32_t section, const Half& half);
    void run_pixel(int32_t operation);
    void help_row(int32_t section, int64_t member);
    void help_pixel(int32_t section, int64_t member);
    void copy_outputs(const Prepared& draw, float* to) const;
    void run_at(const Prepared& p, int64_t column, const Cut* cut);
    int64_t columns_of(const gatun_grid_operation& op) const {
        return program_.columns <= op.column ? 0 : (int64_t{program_.columns} - 1 - op.column) / op.every + 1;
    }
    bool runs_at(const Prepared& p, int64_t column) const {
        return p.kind != nullptr && (p.op->every == 1 || column % p.op->every == p.op->column);
    }
    int32_t begin_of(int32_t section) const { return section == 0 ? 0 : program_.section_ends[section - 1]; }
    float* base_of(const gatun_grid_slot& slot) const;
    int64_t pitch_of(const gatun_grid_slot& slot) const {
        return (int64_t{slot.left} + slot.columns + slot.right) * slot.features * count_;
    }

    const int32_t isa_;
    const gatun_grid_program& program_;
    const gatun_grid_run& run_;
    const int64_t first_;
    const int64_t count_;
    Prepared* prepared_;
    float* scratch_;
    Team* team_;
    int64_t position_ = 0;
    int64_t row_ = -1;
    int64_t column_ = 0;
    Meter meter_;
};

// From rows and columns of the data to those of a map of this scale: how many bits to the right.
inline int32_t shift_of(int32_t scale) { return scale == INT32_MAX ? 31 : __builtin_ctz(static_cast<unsigned>(scale)); }

}  // namespace gatun::grid
