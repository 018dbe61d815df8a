// Refuses step programs that do not fit together, so that the interpreter need not look.
#include "ops/distribution/distribution.h"
#include "step/step.h"

namespace gatun {
namespace {

class Checker {
   public:
    explicit Checker(const gatun_step_program& program) : program_(program) {}

    std::string run() {
        if (program_.operation_count < 0 || program_.slot_count < 0 || program_.distance_count < 0) return "a negative count";
        for (int32_t i = 0; i < program_.slot_count && problem_.empty(); ++i) check_slot(i);
        int draws = 0;
        for (int32_t i = 0; i < program_.operation_count && problem_.empty(); ++i) {
            draws += program_.operations[i].kind == GATUN_STEP_DRAW;
            check_operation(i);
        }
        if (problem_.empty() && draws != 1) problem_ = std::to_string(draws) + " draws, not 1";
        return problem_;
    }

   private:
    void check_slot(int32_t i) {
        const gatun_step_slot& slot = program_.slots[i];
        const std::string name = "slot " + std::to_string(i);
        if (slot.features < 1 || slot.depth < 1) return fail(name + ": no features or no depth");
        const int64_t floats = static_cast<int64_t>(slot.features) * slot.depth;
        if (slot.offset < 0 || slot.offset % GATUN_LANES != 0 || floats > program_.state_floats - slot.offset) {
            fail(name + ": " + std::to_string(floats) + " floats at " + std::to_string(slot.offset) + " of a state of " +
                 std::to_string(program_.state_floats));
        }
    }

    void check_operation(int32_t i) {
        const gatun_step_operation& op = program_.operations[i];
        name_ = "operation " + std::to_string(i) + " (kind " + std::to_string(op.kind) + ")";
        const bool reads = op.kind <= GATUN_STEP_COPY || op.kind == GATUN_STEP_DRAW;
        const bool writes = op.kind != GATUN_STEP_DRAW;
        if (op.kind < GATUN_STEP_AFFINE || op.kind > GATUN_STEP_LEVEL) return fail(name_ + ": no such kind");
        if (reads && !is_slot(op.input)) return fail(name_ + ": no input slot " + std::to_string(op.input));
        if (writes && !is_slot(op.output)) return fail(name_ + ": no output slot " + std::to_string(op.output));
        if (op.inputs < 0 || op.outputs < 0) return fail(name_ + ": a negative size");
        if (op.tap_count < 0 || op.first_distance < 0 || op.tap_count > program_.distance_count - op.first_distance) {
            return fail(name_ + ": taps outside of the table of distances");
        }
        for (int32_t k = 0; k < op.tap_count; ++k) {
            const int32_t distance = program_.distances[op.first_distance + k];
            if (!reads || distance < 0 || distance >= slot(op.input).depth) {
                return fail(name_ + ": a distance of " + std::to_string(distance) + " in a ring too short for it");
            }
        }
        check_sizes(op);
    }

    void check_sizes(const gatun_step_operation& op) {
        switch (op.kind) {
            case GATUN_STEP_AFFINE:
                require(op.weights != nullptr && slot(op.input).features == op.inputs && !slot(op.input).levels, "inputs");
                require(slot(op.output).features == op.outputs && !slot(op.output).levels, "outputs");
                break;
            case GATUN_STEP_LOOKUP:
                require(op.weights != nullptr && slot(op.input).levels && op.inputs % slot(op.input).features == 0, "inputs");
                require(slot(op.output).features == op.outputs && !slot(op.output).levels, "outputs");
                break;
            case GATUN_STEP_ACTIVATION:
                require(op.tap_count == 1 && op.argument >= GATUN_RELU && op.argument <= GATUN_SIGMOID, "kind or tap");
                require(slot(op.input).features == op.outputs && slot(op.output).features == op.outputs, "features");
                break;
            case GATUN_STEP_COPY:
                require(op.tap_count == 1 && op.argument >= 0 && slot(op.input).features == op.inputs, "inputs");
                require(op.inputs <= slot(op.output).features - op.argument, "outputs");
                break;
            case GATUN_STEP_BROADCAST:
                require(op.bias != nullptr && slot(op.output).features == op.outputs && slot(op.output).depth == 1, "outputs");
                break;
            case GATUN_STEP_DRAW:
                require(op.tap_count == 1 && slot(op.input).features == distribution_outputs(program_.distribution),
                        "outputs of the distribution");
                break;
            default:
                require(slot(op.output).features == 1 && (slot(op.output).levels != 0) == (op.kind == GATUN_STEP_LEVEL), "the value's slot");
        }
    }

    bool is_slot(int32_t i) const { return i >= 0 && i < program_.slot_count; }
    const gatun_step_slot& slot(int32_t i) const { return program_.slots[i]; }
    void require(bool holds, const char* what) {
        if (!holds) fail(name_ + ": " + what + " do not fit");
    }
    void fail(std::string problem) {
        if (problem_.empty()) problem_ = std::move(problem);
    }

    const gatun_step_program& program_;
    std::string name_;
    std::string problem_;
};

}  // namespace

std::string why_invalid(const gatun_step_program& program) { return Checker(program).run(); }

}  // namespace gatun
