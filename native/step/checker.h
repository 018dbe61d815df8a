// What the checks of programs share. Refuses step programs that do not fit together, so that the interpreter need not
// look: whatever passes reads and writes inside of its state, its weights (which have the sizes that the operation
// states) and its values.
#pragma once

#include <string>
#include <vector>

#include "gatun.h"

namespace gatun {

// More than any memory holds; below it, no product of sizes here overflows.
inline constexpr int64_t kMostFloats = int64_t{1} << 44;

// Whether it is one of the activations.
inline bool is_activation(int32_t kind) { return kind >= GATUN_RELU && kind <= GATUN_ELU; }

// Demands that an operation reads numbers at one place and writes numbers.
template <class Checker, class Operation>
void require_numbers(Checker& c, const Operation& op) {
    c.require(op.tap_count == 1, "taps");
    c.require(c.reads_floats(op) && c.writes_floats(op), "slots");
}

// What is wrong with a distribution, or nothing.
std::string why_invalid_distribution(const gatun_distribution& distribution);

class Checker {
public:
    explicit Checker(const gatun_step_program& program) : program_(program) {}

    // What is wrong, or nothing.
    std::string run();

    // For the kinds' own checks, whose operation has the slots that its kind needs, and taps inside of their rings.
    const gatun_step_program& program() const { return program_; }
    const gatun_step_slot& slot(int32_t i) const { return program_.slots[i]; }
    bool reads_floats(const gatun_step_operation& op) const { return slot(op.input).levels == 0; }
    bool writes_floats(const gatun_step_operation& op) const { return slot(op.output).levels == 0; }
    // Levels that a slot may come to hold: those of the data, or a condition's classes.
    int32_t levels(int32_t slot) const { return levels_[static_cast<size_t>(slot)]; }
    bool real() const { return program_.distribution.type == GATUN_GAUSSIAN; }
    // Complains, where it does not hold, that `what` do not fit.
    void require(bool holds, const char* what) {
        if (!holds) fail(name_ + ": " + what + " do not fit");
    }
    void require_weights(const gatun_step_operation& op);
    // The value drawn, as an input: there is none before the draw.
    void require_drawn();
    void count_draw() { ++draws_; }
    // All frames are of one width.
    void require_frame(int32_t features);

private:
    void check_counts();
    void check_places();
    void check_slot(int32_t i);
    void check_overlaps();
    void check_operation(int32_t i);
    void check_taps(const gatun_step_operation& op);
    void find_levels();

    bool is_slot(int32_t i) const { return i >= 0 && i < program_.slot_count; }
    static int64_t floats(const gatun_step_slot& slot) { return int64_t{slot.features} * slot.depth; }
    void fail(std::string problem) {
        if (problem_.empty()) problem_ = std::move(problem);
    }

    const gatun_step_program& program_;
    int draws_ = 0;
    int32_t frame_ = -1;           // features of the condition, where it is read
    std::vector<int32_t> levels_;  // of each slot
    std::string name_;
    std::string problem_;
};

}  // namespace gatun
