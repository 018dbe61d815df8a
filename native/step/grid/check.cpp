#include <algorithm>

#include "step/grid/checker.h"
#include "step/grid/kinds.h"
#include "step/grid/walk.h"

namespace gatun::grid {
namespace {

// More than any image has; below it, no number of a row, column or place overflows.
constexpr int32_t kMost = 1 << 24;

bool is_scale(int32_t scale) {
    return scale == INT32_MAX || (scale >= 1 && scale <= kMost && (scale & (scale - 1)) == 0);
}

}  // namespace

std::string Checker::run() {
    check_counts();
    if (problem_.empty()) check_sections();
    fail(why_invalid_distribution(program_.distribution));
    for (int32_t i = 0; i < program_.slot_count && problem_.empty(); ++i) check_slot(i);
    if (problem_.empty()) check_overlaps();
    if (problem_.empty()) find_levels();
    for (section_ = 0; section_ <= program_.channels + 1 && problem_.empty(); ++section_) {
        draws_ = 0;
        const int32_t begin = section_ == 0 ? 0 : program_.section_ends[section_ - 1];
        for (int32_t i = begin; i < program_.section_ends[section_] && problem_.empty(); ++i) check_operation(i);
        if (draws_ != (is_pixel() ? 1 : 0)) {
            fail(std::to_string(draws_) + " draws in section " + std::to_string(section_));
        }
    }
    return problem_;
}

void Checker::check_counts() {
    const gatun_grid_program& p = program_;
    if (std::min({p.operation_count, p.slot_count, p.tap_count}) < 0) fail("a negative count");
    if (p.state_floats < 0 || p.state_floats > kMostFloats) {
        fail("a state of " + std::to_string(p.state_floats) + " floats");
    }
    const bool fits = p.rows >= 1 && p.columns >= 1 && p.channels >= 1 && p.rows <= kMost && p.columns <= kMost &&
                      p.channels <= 16 && int64_t{p.rows} * p.columns * p.channels <= INT32_MAX;
    const bool together = p.distribution.channels == p.channels && p.distribution.type == GATUN_LOGISTIC_MIXTURE;
    if (p.distribution.channels < 0 || (p.distribution.channels > 1 && !together)) {
        fail("a distribution over " + std::to_string(p.distribution.channels) + " channels");
    }
    if (!fits) {
        fail("a grid of " + std::to_string(p.rows) + " x " + std::to_string(p.columns) + " pixels of " +
             std::to_string(p.channels) + " channels");
    }
}

void Checker::check_sections() {
    int32_t before = 0;
    for (int32_t section = 0; section < program_.channels + 2; ++section) {
        const int32_t end = program_.section_ends[section];
        if (end < before || end > program_.operation_count) return fail("sections that do not follow each other");
        before = end;
    }
    if (before != program_.operation_count) fail("operations behind the last section");
}

void Checker::check_slot(int32_t i) {
    const gatun_grid_slot& slot = program_.slots[i];
    const std::string name = "slot " + std::to_string(i);
    if (slot.features < 1 || slot.features > kMost || slot.rows < 1 || slot.rows > kMost) {
        return fail(name + ": no features or no rows");
    }
    if (slot.levels < 0 || slot.levels > 1) return fail(name + ": levels is neither 0 nor 1");
    if (!is_scale(slot.scale)) return fail(name + ": a scale of " + std::to_string(slot.scale));
    const int64_t columns = (int64_t{program_.columns} + slot.scale - 1) / slot.scale;
    if (slot.columns != columns || slot.left < 0 || slot.right < 0 || slot.left > kMost || slot.right > kMost) {
        return fail(name + ": columns do not fit");
    }
    // Two factors at a time, none of which overflows.
    const int64_t row = (int64_t{slot.left} + slot.columns + slot.right) * slot.rows;
    if (slot.offset < 0 || slot.offset > program_.state_floats || slot.offset % GATUN_LANES != 0 ||
        row > kMostFloats / slot.features || floats(slot) > program_.state_floats - slot.offset) {
        fail(name + ": " + std::to_string(slot.features) + " features of " + std::to_string(row) + " places at " +
             std::to_string(slot.offset) + " of a state of " + std::to_string(program_.state_floats));
    }
}

// Maps that shared memory would be overwritten by each other, and floats be taken for levels.
void Checker::check_overlaps() {
    std::vector<int32_t> order(static_cast<size_t>(program_.slot_count));
    for (int32_t i = 0; i < program_.slot_count; ++i) order[static_cast<size_t>(i)] = i;
    std::sort(order.begin(), order.end(), [&](int32_t a, int32_t b) { return slot(a).offset < slot(b).offset; });
    for (size_t i = 1; i < order.size(); ++i) {
        const gatun_grid_slot& before = slot(order[i - 1]);
        if (slot(order[i]).offset - before.offset < floats(before)) {
            return fail("slots " + std::to_string(order[i - 1]) + " and " + std::to_string(order[i]) + " share memory");
        }
    }
}

void Checker::check_operation(int32_t i) {
    const gatun_grid_operation& op = program_.operations[i];
    name_ = "operation " + std::to_string(i) + " (kind " + std::to_string(op.kind) + ")";
    const Kind* kind = kind_of(op.kind);
    if (kind == nullptr) return fail(name_ + ": no such kind");
    if (kind->reads ? !is_slot(op.input) : op.input != -1) return fail(name_ + ": its input is no slot");
    if (kind->writes ? !is_slot(op.output) : op.output != -1) return fail(name_ + ": its output is no slot");
    if (kind->reads && op.input == op.output && !kind->in_place) return fail(name_ + ": reads what it writes");
    require(!kind->drawn || is_pixel(), "kind and section");
    const auto [least, most] = std::minmax({op.inputs, op.outputs, op.first_input, op.first_output, op.unseen,
                                            op.before, op.behind, op.argument, op.tap_count, op.first_tap});
    if (least < 0) return fail(name_ + ": a negative size or argument");
    if (most > kMost) return fail(name_ + ": a size of " + std::to_string(most));
    require(op.sweep == 0 || ((op.sweep == 1 || op.sweep == -1) && !is_pixel()), "sweep");
    check_places(op);
    if (problem_.empty() && kind->reads) check_input(op);
    if (problem_.empty() && kind->writes) check_output(op);
    if (problem_.empty()) check_chains(op);
    if (problem_.empty()) kind->check(*this, op);
}

void Checker::check_places(const gatun_grid_operation& op) {
    if (!is_scale(op.every) || op.row < 0 || op.row >= op.every || op.column < 0 || op.column >= op.every) {
        fail(name_ + ": rows or columns that are none");
    }
    if (op.tap_count > program_.tap_count - op.first_tap) fail(name_ + ": taps outside of the table");
}

void Checker::check_input(const gatun_grid_operation& op) {
    const gatun_grid_slot& from = slot(op.input);
    if (from.levels == 0) require(int64_t{op.first_input} + op.inputs <= from.features, "inputs");
    const int32_t taps = kind_of(op.kind)->keeps ? std::min(op.tap_count, 1) : op.tap_count;
    for (int32_t k = 0; k < taps; ++k) check_tap(op, k, from);
}

void Checker::check_tap(const gatun_grid_operation& op, int32_t k, const gatun_grid_slot& from) {
    const gatun_tap& tap = program_.taps[op.first_tap + k];
    const std::string name = name_ + ": tap (" + std::to_string(tap.row) + ", " + std::to_string(tap.column) + ")";
    if (tap.row > 0 || tap.row < -kMost || tap.column < -kMost || tap.column > kMost) {
        return fail(name + " is too far away");
    }
    if (from.scale > op.every && (tap.row != 0 || tap.column != 0)) return fail(name + " of a coarser map");
    const int32_t shift = shift_of(from.scale);
    const int64_t back = (op.row >> shift) - ((int64_t{op.row} + tap.row) >> shift);
    if (back >= from.rows) return fail(name + " of rows that are not kept");
    if (op.column >= program_.columns) return;  // it never runs
    const int64_t first = op.column >> shift;
    const int64_t last_column = (program_.columns - 1 - op.column) / op.every * int64_t{op.every} + op.column;
    const int64_t by = ((int64_t{op.column} + tap.column) >> shift) - first;
    if (first + by < -from.left || (last_column >> shift) + by >= int64_t{from.columns} + from.right) {
        fail(name + " of columns that are not there");
    }
}

void Checker::check_output(const gatun_grid_operation& op) {
    const gatun_grid_slot& to = slot(op.output);
    require(int64_t{op.first_output} + op.outputs <= to.features && op.outputs >= 1, "outputs");
    // What a pixel alone reads may have one place for all of them.
    require(is_pixel() || to.scale <= op.every, "places and output");
}

void Checker::check_chains(const gatun_grid_operation& op) {
    if (op.chain_use < GATUN_CHAINS_NONE || op.chain_use > GATUN_CHAINS_CARRY_ON) return require(false, "chains");
    if (op.chain_use == GATUN_CHAINS_NONE) return;
    const bool leaves = op.chain_use == GATUN_CHAINS_LEAVE;
    const bool fits =
        kind_of(op.kind)->chains && is_slot(op.chains) && op.chains != op.input && (op.chains == op.output) == leaves;
    if (!fits) return require(false, "chains");
    const gatun_grid_slot& sums = slot(op.chains);
    require(sums.levels == 0 && sums.scale <= op.every && sums.features % (2 * GATUN_LANES) == 0 &&
                int64_t{op.first_output} + op.outputs <= sums.features / 2,
            "chains");
}

void Checker::require_kept(const gatun_grid_operation& op, int64_t features) {
    const bool own = is_slot(op.argument) && op.argument != op.input && op.argument != op.output;
    if (!own || op.tap_count != 2) return require(false, "slot to itself");
    const gatun_grid_slot& kept = slot(op.argument);
    require(kept.levels == 0 && kept.features == features && kept.scale <= op.every, "slot to itself");
    if (problem_.empty()) check_tap(op, 1, kept);
}

void Checker::require_drawn(int32_t channel) {
    require(draws_ > 0 && channel == section_ - 1, "a value that is not drawn yet, and its use,");
}

void Checker::count_draw(int32_t channel) {
    ++draws_;
    require(channel == section_ - 1, "channel and section");
}

void Checker::require_frame(int32_t features) {
    if (frame_ < 0) frame_ = features;
    require(features == frame_, "the condition's features");
}

// What nobody fills holds -1.
void Checker::find_levels() {
    levels_.assign(static_cast<size_t>(program_.slot_count), 0);
    for (int32_t i = 0; i < program_.operation_count; ++i) {
        const gatun_grid_operation& op = program_.operations[i];
        if (!is_slot(op.output)) continue;
        int32_t& levels = levels_[static_cast<size_t>(op.output)];
        if (op.kind == GATUN_STEP_LEVEL) levels = std::max(levels, program_.distribution.levels);
        if (op.kind == GATUN_STEP_CLASS) levels = std::max(levels, op.argument);
    }
}

std::string why_invalid(const gatun_grid_program& program) { return Checker(program).run(); }

}  // namespace gatun::grid
