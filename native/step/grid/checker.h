// Refuses programs of grids that do not fit together, so that the walk need not look: whatever passes reads and writes
// inside of its state, its weights (which have the sizes that the operations state) and its values.
#pragma once

#include <string>
#include <vector>

#include "gatun.h"
#include "step/checker.h"

namespace gatun::grid {

class Checker {
public:
    explicit Checker(const gatun_grid_program& program) : program_(program) {}

    // What is wrong, or nothing.
    std::string run();

    // For the kinds' own checks, whose operation has the slots that its kind needs, and taps and features inside of
    // them.
    const gatun_grid_program& program() const { return program_; }
    const gatun_grid_slot& slot(int32_t i) const { return program_.slots[i]; }
    bool reads_floats(const gatun_grid_operation& op) const { return slot(op.input).levels == 0; }
    bool writes_floats(const gatun_grid_operation& op) const { return slot(op.output).levels == 0; }
    // Levels that a slot may come to hold: those of the data, or a condition's classes.
    int32_t levels(int32_t slot) const { return levels_[static_cast<size_t>(slot)]; }
    bool real() const { return program_.distribution.type == GATUN_GAUSSIAN; }
    // Complains, where it does not hold, that `what` do not fit.
    void require(bool holds, const char* what) {
        if (!holds) fail(name_ + ": " + what + " do not fit");
    }
    // The value of a channel, as an input: it is there in that channel's section, behind the draw.
    void require_drawn(int32_t channel);
    void count_draw(int32_t channel);
    // All frames are of one width.
    void require_frame(int32_t features);

    // A slot of floats for what a cell keeps, where taps[1] reads c.
    void require_kept(const gatun_grid_operation& op, int64_t features);

private:
    void check_counts();
    void check_sections();
    void check_slot(int32_t i);
    void check_overlaps();
    void check_operation(int32_t i);
    void check_places(const gatun_grid_operation& op);
    void check_input(const gatun_grid_operation& op);
    void check_tap(const gatun_grid_operation& op, int32_t k, const gatun_grid_slot& from);
    void check_output(const gatun_grid_operation& op);
    void check_chains(const gatun_grid_operation& op);
    void find_levels();

    bool is_slot(int32_t i) const { return i >= 0 && i < program_.slot_count; }
    bool is_pixel() const { return section_ > 0 && section_ <= program_.channels; }
    static int64_t floats(const gatun_grid_slot& slot) {
        return (int64_t{slot.left} + slot.columns + slot.right) * slot.rows * slot.features;
    }
    void fail(std::string problem) {
        if (problem_.empty()) problem_ = std::move(problem);
    }

    const gatun_grid_program& program_;
    int32_t section_ = 0;
    int draws_ = 0;                // of this section
    int32_t frame_ = -1;           // features of the condition, where it is read
    std::vector<int32_t> levels_;  // of each slot
    std::string name_;
    std::string problem_;
};

}  // namespace gatun::grid
