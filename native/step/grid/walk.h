// The streams of one thread on their way over a grid: a row's beginning, its pixels channel by channel, its end.
#pragma once

#include <string>

#include "gatun.h"
#include "step/half.h"
#include "step/meter.h"

namespace gatun::grid {

struct Kind;

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
    // Streams first .. first + count - 1 of a run, a part of it. scratch: walk_scratch floats, 64-byte aligned.
    Walk(int32_t isa, const gatun_grid_program& program, const gatun_grid_run& run, int64_t first, int64_t count,
         float* scratch);

    // All steps of the run.
    void run_steps(const Half& half);

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
    void prepare_row();
    int64_t tap_offset(const gatun_grid_operation& op, int32_t k, const gatun_grid_slot& slot) const;
    void prepare_input(Prepared& p, const gatun_grid_slot& slot) const;
    void prepare_output(Prepared& p, const gatun_grid_slot& slot) const;
    void prepare_chains(Prepared& p, const gatun_grid_slot& slot) const;
    void sweep(int32_t begin, int32_t end);
    void run_section(int32_t section);
    void run_row(const Prepared& p);
    void run_pixels(int32_t section, const Half& half);
    void copy_outputs(const Prepared& draw, float* to) const;
    void run_at(const Prepared& p, int64_t column);
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
    int64_t position_ = 0;
    int64_t row_ = 0;
    int64_t column_ = 0;
    Meter meter_;
};

// From rows and columns of the data to those of a map of this scale: how many bits to the right.
inline int32_t shift_of(int32_t scale) { return scale == INT32_MAX ? 31 : __builtin_ctz(static_cast<unsigned>(scale)); }

}  // namespace gatun::grid
