// Refuses step programs that do not fit together, so that the interpreter need not look: whatever passes here reads and
// writes inside of its state, its weights (which have the sizes that the operation states) and its values.
#include <algorithm>
#include <vector>

#include "ops/distribution/distribution.h"
#include "step/step.h"

namespace gatun {
namespace {

// More than any memory holds; below it, no product of sizes here overflows.
constexpr int64_t kMostFloats = int64_t{1} << 44;

class Checker {
public:
    explicit Checker(const gatun_step_program& program) : program_(program) {}

    std::string run() {
        check_counts();
        check_distribution();
        for (int32_t i = 0; i < program_.slot_count && problem_.empty(); ++i) check_slot(i);
        if (problem_.empty()) check_overlaps();
        if (problem_.empty()) find_levels();
        for (int32_t i = 0; i < program_.operation_count && problem_.empty(); ++i) check_operation(i);
        if (draws_ != 1) fail(std::to_string(draws_) + " draws, not 1");
        return problem_;
    }

private:
    void check_counts() {
        if (std::min({program_.operation_count, program_.slot_count, program_.distance_count}) < 0) {
            fail("a negative count");
        }
        if (program_.state_floats < 0 || program_.state_floats > kMostFloats) {
            fail("a state of " + std::to_string(program_.state_floats) + " floats");
        }
    }

    void check_distribution() {
        const gatun_distribution& d = program_.distribution;
        const std::string name = "distribution " + std::to_string(d.type) + " of " + std::to_string(d.levels) +
                                 " levels and " + std::to_string(d.components) + " components";
        if (d.type < GATUN_BERNOULLI || d.type > GATUN_LOGISTIC_MIXTURE) return fail(name + ": no such type");
        const bool mixture = d.type == GATUN_LOGISTIC_MIXTURE;
        if (real() ? d.levels != 0 : d.levels < 2) fail(name + ": the levels do not fit");
        if (d.type == GATUN_BERNOULLI && d.levels != 2) fail(name + ": the levels do not fit");
        if (mixture ? d.components < 1 : d.components != 0) fail(name + ": the components do not fit");
    }

    void check_slot(int32_t i) {
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
    void check_overlaps() {
        std::vector<int32_t> order(static_cast<size_t>(program_.slot_count));
        for (int32_t i = 0; i < program_.slot_count; ++i) order[static_cast<size_t>(i)] = i;
        std::sort(order.begin(), order.end(), [&](int32_t a, int32_t b) { return slot(a).offset < slot(b).offset; });
        for (size_t i = 1; i < order.size(); ++i) {
            const gatun_step_slot& before = slot(order[i - 1]);
            if (slot(order[i]).offset - before.offset < floats(before)) {
                return fail("slots " + std::to_string(order[i - 1]) + " and " + std::to_string(order[i]) +
                            " share memory");
            }
        }
    }

    void check_operation(int32_t i) {
        const gatun_step_operation& op = program_.operations[i];
        name_ = "operation " + std::to_string(i) + " (kind " + std::to_string(op.kind) + ")";
        if (op.kind < GATUN_STEP_AFFINE || op.kind > GATUN_STEP_CLASS) return fail(name_ + ": no such kind");
        const bool reads = op.kind <= GATUN_STEP_COPY || op.kind == GATUN_STEP_DRAW || op.kind == GATUN_STEP_GATE ||
                           op.kind == GATUN_STEP_SUM;
        const bool writes = op.kind != GATUN_STEP_DRAW;
        if (reads && !is_slot(op.input)) return fail(name_ + ": no input slot " + std::to_string(op.input));
        if (writes && !is_slot(op.output)) return fail(name_ + ": no output slot " + std::to_string(op.output));
        if (op.inputs < 0 || op.outputs < 0 || op.argument < 0) return fail(name_ + ": a negative size or argument");
        if (op.every < 1 || (op.every > 1 && (!writes || slot(op.output).depth != 1))) {
            return fail(name_ + ": a draw or a ring of what is not computed at each position");
        }
        if (op.tap_count < 0 || op.first_distance < 0 || op.tap_count > program_.distance_count - op.first_distance) {
            return fail(name_ + ": taps outside of the table of distances");
        }
        for (int32_t k = 0; k < op.tap_count; ++k) {
            const int32_t distance = program_.distances[op.first_distance + k];
            if (!reads || distance < 0 || distance >= slot(op.input).depth) {
                return fail(name_ + ": a distance of " + std::to_string(distance) + " in a ring too short for it");
            }
            if (distance == 0 && writes && op.kind != GATUN_STEP_ACTIVATION && op.input == op.output) {
                return fail(name_ + ": reads what it writes");
            }
        }
        check_sizes(op);
    }

    void check_sizes(const gatun_step_operation& op) {
        switch (op.kind) {
            case GATUN_STEP_AFFINE:
                check_weights(op);
                require(reads_floats(op) && slot(op.input).features == op.inputs, "inputs");
                break;
            case GATUN_STEP_LOOKUP:
                check_weights(op);
                // A level that is drawn, or a class, must have a row in the weights.
                require(slot(op.input).levels == 1 && op.inputs % slot(op.input).features == 0 &&
                            op.inputs / slot(op.input).features >= levels_[static_cast<size_t>(op.input)],
                        "inputs");
                break;
            case GATUN_STEP_ACTIVATION:
                require(op.tap_count == 1 && op.argument <= GATUN_SIGMOID, "kind or tap");
                require(reads_floats(op) && writes_floats(op), "slots");
                require(slot(op.input).features == op.outputs && slot(op.output).features == op.outputs, "features");
                break;
            case GATUN_STEP_COPY:
                require(op.tap_count == 1 && slot(op.input).features == op.inputs, "inputs");
                require(reads_floats(op) && writes_floats(op), "slots");
                require(op.inputs <= slot(op.output).features - op.argument, "outputs");
                break;
            case GATUN_STEP_BROADCAST:
                require(op.bias != nullptr && writes_floats(op), "slots");
                require(slot(op.output).features == op.outputs && slot(op.output).depth == 1, "outputs");
                break;
            case GATUN_STEP_DRAW:
                ++draws_;
                require(op.tap_count == 1 && reads_floats(op) &&
                            slot(op.input).features == distribution_outputs(program_.distribution),
                        "outputs of the distribution");
                break;
            case GATUN_STEP_GATE:
                require(op.tap_count == 1 && reads_floats(op) && writes_floats(op), "slots");
                require(slot(op.input).features == op.inputs && op.inputs == 2 * int64_t{op.outputs}, "inputs");
                require(slot(op.output).features == op.outputs, "outputs");
                break;
            case GATUN_STEP_SUM:
                require(op.tap_count == 1 && reads_floats(op) && writes_floats(op), "slots");
                require(slot(op.input).features == op.outputs && slot(op.output).features == op.outputs, "features");
                break;
            case GATUN_STEP_FRAME:
                require(writes_floats(op) && slot(op.output).features == op.outputs, "slots");
                if (frame_ < 0) frame_ = op.outputs;
                require(op.outputs == frame_, "the condition's features");
                break;
            case GATUN_STEP_CLASS:
                require(slot(op.output).features == 1 && slot(op.output).levels == 1, "slots");
                require(op.argument >= 1, "classes");
                break;
            default:
                check_value(op);
        }
    }

    void check_weights(const gatun_step_operation& op) {
        require(op.weights != nullptr, "weights");
        require(writes_floats(op) && slot(op.output).features == op.outputs, "outputs");
        const int64_t flat = int64_t{op.tap_count} * op.inputs;
        const int64_t lanes = (int64_t{op.outputs} + GATUN_LANES - 1) / GATUN_LANES * GATUN_LANES;
        require(flat == 0 || lanes <= kMostFloats / flat, "weights");
    }

    // Kinds that take the value drawn: what it is depends on the distribution, and there is none before the draw.
    void check_value(const gatun_step_operation& op) {
        require(draws_ > 0, "a value that is not drawn yet, and its use,");
        require(slot(op.output).features == 1, "features");
        if (op.kind == GATUN_STEP_LEVEL) {
            require(slot(op.output).levels == 1 && !real(), "levels");
        } else {
            require(writes_floats(op) && (op.weights == nullptr) == real(), "table");
        }
    }

    // How many levels each slot may come to hold: those of the data, or a condition's classes. What nobody fills holds
    // -1.
    void find_levels() {
        levels_.assign(static_cast<size_t>(program_.slot_count), 0);
        for (int32_t i = 0; i < program_.operation_count; ++i) {
            const gatun_step_operation& op = program_.operations[i];
            if (!is_slot(op.output)) continue;
            int32_t& levels = levels_[static_cast<size_t>(op.output)];
            if (op.kind == GATUN_STEP_LEVEL) levels = std::max(levels, program_.distribution.levels);
            if (op.kind == GATUN_STEP_CLASS) levels = std::max(levels, op.argument);
        }
    }

    bool real() const { return program_.distribution.type == GATUN_GAUSSIAN; }
    bool is_slot(int32_t i) const { return i >= 0 && i < program_.slot_count; }
    const gatun_step_slot& slot(int32_t i) const { return program_.slots[i]; }
    bool reads_floats(const gatun_step_operation& op) const { return slot(op.input).levels == 0; }
    bool writes_floats(const gatun_step_operation& op) const { return slot(op.output).levels == 0; }
    static int64_t floats(const gatun_step_slot& slot) { return int64_t{slot.features} * slot.depth; }
    void require(bool holds, const char* what) {
        if (!holds) fail(name_ + ": " + what + " do not fit");
    }
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

}  // namespace

std::string why_invalid(const gatun_step_program& program) { return Checker(program).run(); }

}  // namespace gatun
