#include <algorithm>

#include "step/checker.h"
#include "step/kinds.h"
#include "step/step.h"

namespace gatun {

std::string why_invalid_distribution(const gatun_distribution& d) {
    const std::string name = "distribution " + std::to_string(d.type) + " of " + std::to_string(d.levels) +
                             " levels and " + std::to_string(d.components) + " components";
    if (d.type < GATUN_BERNOULLI || d.type > GATUN_LOGISTIC_MIXTURE) return name + ": no such type";
    const bool mixture = d.type == GATUN_LOGISTIC_MIXTURE;
    if (d.type == GATUN_GAUSSIAN ? d.levels != 0 : d.levels < 2) return name + ": the levels do not fit";
    if (d.type == GATUN_BERNOULLI && d.levels != 2) return name + ": the levels do not fit";
    if (mixture ? d.components < 1 : d.components != 0) return name + ": the components do not fit";
    return {};
}

std::string Checker::run() {
    check_counts();
    fail(why_invalid_distribution(program_.distribution));
    if (program_.distribution.channels < 0 || program_.distribution.channels > 1) {
        fail("a distribution over several positions together");
    }
    check_places();
    for (int32_t i = 0; i < program_.slot_count && problem_.empty(); ++i) check_slot(i);
    if (problem_.empty()) check_overlaps();
    if (problem_.empty()) find_levels();
    for (int32_t i = 0; i < program_.operation_count && problem_.empty(); ++i) check_operation(i);
    if (draws_ != 1) fail(std::to_string(draws_) + " draws, not 1");
    return problem_;
}

void Checker::check_counts() {
    if (std::min({program_.operation_count, program_.slot_count, program_.distance_count}) < 0) {
        fail("a negative count");
    }
    if (program_.state_floats < 0 || program_.state_floats > kMostFloats) {
        fail("a state of " + std::to_string(program_.state_floats) + " floats");
    }
}

// Each position of the data once.
void Checker::check_places() {
    if (program_.chain < 0) return fail("a chain of " + std::to_string(program_.chain) + " positions");
    if (program_.places == nullptr) return;
    std::vector<bool> seen(static_cast<size_t>(program_.chain));
    for (int32_t k = 0; k < program_.chain; ++k) {
        const int32_t place = program_.places[k];
        if (place < 0 || place >= program_.chain || seen[static_cast<size_t>(place)]) {
            return fail("place " + std::to_string(place) + " of position " + std::to_string(k) + " in a chain of " +
                        std::to_string(program_.chain));
        }
        seen[static_cast<size_t>(place)] = true;
    }
}

void Checker::check_slot(int32_t i) {
    const gatun_step_slot& slot = program_.slots[i];
    const std::string name = "slot " + std::to_string(i);
    if (slot.features < 1 || slot.depth < 1) return fail(name + ": no features or no depth");
    if (slot.levels < 0 || slot.levels > 1) return fail(name + ": levels is neither 0 nor 1");
    if (slot.offset < 0 || slot.offset > program_.state_floats || slot.offset % GATUN_LANES != 0 ||
        floats(slot) > program_.state_floats - slot.offset) {
        fail(name + ": " + std::to_string(floats(slot)) + " floats at " + std::to_string(slot.offset) +
             " of a state of " + std::to_string(program_.state_floats));
    }
}

// Rings that shared memory would be overwritten by each other, and floats be taken for levels.
void Checker::check_overlaps() {
    std::vector<int32_t> order(static_cast<size_t>(program_.slot_count));
    for (int32_t i = 0; i < program_.slot_count; ++i) order[static_cast<size_t>(i)] = i;
    std::sort(order.begin(), order.end(), [&](int32_t a, int32_t b) { return slot(a).offset < slot(b).offset; });
    for (size_t i = 1; i < order.size(); ++i) {
        const gatun_step_slot& before = slot(order[i - 1]);
        if (slot(order[i]).offset - before.offset < floats(before)) {
            return fail("slots " + std::to_string(order[i - 1]) + " and " + std::to_string(order[i]) + " share memory");
        }
    }
}

void Checker::check_operation(int32_t i) {
    const gatun_step_operation& op = program_.operations[i];
    name_ = "operation " + std::to_string(i) + " (kind " + std::to_string(op.kind) + ")";
    const StepKind* kind = kind_of(op.kind);
    if (kind == nullptr) return fail(name_ + ": no such kind");
    if (kind->reads && !is_slot(op.input)) return fail(name_ + ": no input slot " + std::to_string(op.input));
    if (kind->writes && !is_slot(op.output)) return fail(name_ + ": no output slot " + std::to_string(op.output));
    if (op.inputs < 0 || op.outputs < 0 || op.argument < 0) return fail(name_ + ": a negative size or argument");
    if (op.every < 1 || (op.every > 1 && (!kind->writes || slot(op.output).depth != 1))) {
        return fail(name_ + ": a draw or a ring of what is not computed at each position");
    }
    check_taps(op);
    if (problem_.empty()) kind->check(*this, op);
}

void Checker::check_taps(const gatun_step_operation& op) {
    const StepKind& kind = *kind_of(op.kind);
    if (op.tap_count < 0 || op.first_distance < 0 || op.tap_count > program_.distance_count - op.first_distance) {
        return fail(name_ + ": taps outside of the table of distances");
    }
    if (kind.table) return;
    for (int32_t k = 0; k < op.tap_count; ++k) {
        const int32_t distance = program_.distances[op.first_distance + k];
        if (!kind.reads || distance < 0 || distance >= slot(op.input).depth) {
            return fail(name_ + ": a distance of " + std::to_string(distance) + " in a ring too short for it");
        }
        if (distance == 0 && kind.writes && !kind.in_place && op.input == op.output) {
            return fail(name_ + ": reads what it writes");
        }
    }
}

void Checker::require_weights(const gatun_step_operation& op) {
    require(op.weights != nullptr, "weights");
    require(writes_floats(op) && slot(op.output).features == op.outputs, "outputs");
    const int64_t flat = int64_t{op.tap_count} * op.inputs;
    const int64_t lanes = (int64_t{op.outputs} + GATUN_LANES - 1) / GATUN_LANES * GATUN_LANES;
    require(flat == 0 || lanes <= kMostFloats / flat, "weights");
}

void Checker::require_drawn() { require(draws_ > 0, "a value that is not drawn yet, and its use,"); }

void Checker::require_frame(int32_t features) {
    if (frame_ < 0) frame_ = features;
    require(features == frame_, "the condition's features");
}

// What nobody fills holds -1.
void Checker::find_levels() {
    levels_.assign(static_cast<size_t>(program_.slot_count), 0);
    for (int32_t i = 0; i < program_.operation_count; ++i) {
        const gatun_step_operation& op = program_.operations[i];
        if (!is_slot(op.output)) continue;
        int32_t& levels = levels_[static_cast<size_t>(op.output)];
        if (op.kind == GATUN_STEP_LEVEL) levels = std::max(levels, program_.distribution.levels);
        if (op.kind == GATUN_STEP_CLASS) levels = std::max(levels, op.argument);
    }
}

std::string why_invalid(const gatun_step_program& program) { return Checker(program).run(); }

}  // namespace gatun
