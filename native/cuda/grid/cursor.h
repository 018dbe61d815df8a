// Which instruction runs when: from row to row, pixel to pixel, as step/grid/walk.h goes.
#pragma once

#include "cuda/grid/plan.h"
#include "cuda/grid/run.h"
#include "simd/inline.h"

namespace gatun::GATUN_ISA_LEVEL::grids {

using gpu::grids::Half;
using gpu::grids::Program;
using gpu::grids::Run;
using gpu::grids::When;

class Cursor {
public:
    // The steps of a run.
    GATUN_INLINE Cursor(const Program& program, const Run& run)
        : program_(program), half_(run.half), position_(run.first_position), end_(run.first_position + run.positions) {
        const int64_t in_row = int64_t{program.columns} * program.channels, in = position_ % in_row;
        row_ = static_cast<int32_t>(position_ / in_row);
        pixel_ = static_cast<int32_t>(in / program.channels);
        enter(in == 0 && half_ != Half::kFromDraw ? 0 : static_cast<int32_t>(1 + in % program.channels));
        if (half_ == Half::kFromDraw) at_ = draw();
    }

    // The next step that runs; false: there is none.
    GATUN_INLINE bool next() {
        while (true) {
            if (at_ == section_end_) {
                if (!next_section()) return false;
            } else if (at_pixel()) {
                take();
                all = false;
                column = pixel_;
                if (due(column)) return true;
            } else if (program_.whens[at_].sweep == 0) {
                take();
                const When& when = program_.whens[operation];
                all = true;
                column = when.column;
                if (row_ % when.every == when.row && column < program_.columns) return true;
            } else if (next_of_sweep()) {
                return true;
            }
        }
    }

    GATUN_INLINE int64_t position() const { return position_; }
    GATUN_INLINE int32_t row() const { return row_; }

    int32_t operation = 0;  // the first of the step
    int32_t column = 0;     // of the data, the first one
    bool all = false;       // at all columns from there on that are its own

private:
    GATUN_INLINE bool at_pixel() const { return section_ > 0 && section_ <= program_.channels; }

    // The section's.
    GATUN_INLINE int32_t draw() const {
        int32_t at = at_;
        while (program_.operations[at].kind != GATUN_STEP_DRAW) ++at;
        return at;
    }

    GATUN_INLINE void take() {
        operation = at_;
        at_ += program_.whens[at_].members;
    }

    GATUN_INLINE bool due(int32_t of) const {
        const When& when = program_.whens[operation];
        return row_ % when.every == when.row && of % when.every == when.column;
    }

    GATUN_INLINE void enter(int32_t section) {
        section_ = section;
        at_ = section == 0 ? 0 : program_.section_ends[section - 1];
        const bool half = half_ == Half::kBeforeDraw && at_pixel();
        section_end_ = half ? draw() + program_.whens[draw()].members : program_.section_ends[section];
        step_ = inner_ = 0;
    }

    // Behind a pixel's section comes the next position, behind the last of a row that row's end.
    GATUN_INLINE bool next_section() {
        if (section_ == 0) {
            enter(1);
            return true;
        }
        if (section_ <= program_.channels) {
            if (half_ == Half::kBeforeDraw) return false;
            ++position_;
            if (section_ == program_.channels && ++pixel_ == program_.columns) {
                enter(program_.channels + 1);
                return true;
            }
            if (position_ == end_) return false;
            enter(section_ == program_.channels ? 1 : section_ + 1);
            return true;
        }
        if (position_ == end_) return false;
        ++row_;
        pixel_ = 0;
        enter(0);
        return true;
    }

    // Neighbours of the same sweep go from column to column together, what goes by itself does so alone.
    GATUN_INLINE bool next_of_sweep() {
        const int32_t sweep = program_.whens[at_].sweep;
        int32_t end = at_ + 1;
        while (sweep != 2 && end < section_end_ && program_.whens[end].sweep == sweep) ++end;
        all = false;
        for (; step_ < program_.columns; ++step_, inner_ = 0) {
            column = sweep < 0 ? program_.columns - 1 - step_ : step_;
            while (at_ + inner_ < end) {
                operation = at_ + inner_++;
                if (due(column)) return true;
            }
        }
        at_ = end;
        step_ = 0;
        return false;
    }

    const Program& program_;
    const Half half_;
    int64_t position_, end_;
    int32_t row_ = 0, pixel_ = 0;
    int32_t section_ = 0, section_end_ = 0;
    int32_t at_ = 0;     // the next instruction, or the first of a sweep
    int32_t step_ = 0;   // columns that a sweep has behind it
    int32_t inner_ = 0;  // instructions at the next column
};

}  // namespace gatun::GATUN_ISA_LEVEL::grids
