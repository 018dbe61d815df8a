#include "step/waves.h"

#include <algorithm>

#include "step/packed_steps.h"

namespace gatun {
namespace {

// How the features of a slot are shared out: not at all, to whoever reads all of them; or by the blocks of a product.
constexpr int32_t kAll = -1;

class Waves {
public:
    Waves(const gatun_step_program& program, int32_t* slots) : program_(program), touched_(slots) {
        std::fill_n(slots, int64_t{4} * program.slot_count, 0);
    }

    bool meets(const gatun_step_operation& op) {
        const bool shared = is_packed(op);
        if (!shared && only_first_) return false;  // the first thread goes on by itself
        const bool needed = !shared || only_first_ || conflicts(op);
        if (needed) ++wave_;
        only_first_ = !shared;
        if (shared) touch(op);
        return needed;
    }

private:
    // Outputs of a gate are dealt out block by block, those of others two by two.
    static int32_t sharing(const gatun_step_operation& op) {
        return 2 * op.outputs + (op.kind == GATUN_STEP_PACKED_GATE ? 1 : 0);
    }
    // What is added lies as the outputs do, but for a gate's, which has both halves.
    static int32_t sharing_of_added(const gatun_step_operation& op) {
        return op.kind == GATUN_STEP_PACKED_GATE ? kAll : sharing(op);
    }
    bool reads_now(const gatun_step_operation& op) const {
        const int32_t* distances = program_.distances + op.first_distance;
        return std::find(distances, distances + op.tap_count, 0) != distances + op.tap_count;
    }

    int32_t* written(int32_t slot) const { return touched_ + int64_t{4} * slot; }
    int32_t* read(int32_t slot) const { return written(slot) + 2; }

    // Whether somebody else touched it in this wave.
    bool is_apart(const int32_t* touch, int32_t how) const {
        return touch[0] == wave_ && (how == kAll || touch[1] != how);
    }
    bool conflicts(const gatun_step_operation& op) const {
        const int32_t added = sharing_of_added(op);
        return (reads_now(op) && is_apart(written(op.input), kAll)) ||
               (op.base >= 0 && is_apart(written(op.base), added)) ||
               (op.second >= 0 && is_apart(written(op.second), added)) || is_apart(written(op.output), sharing(op)) ||
               is_apart(read(op.output), sharing(op));
    }
    void mark(int32_t* touch, int32_t how) const {
        touch[1] = touch[0] == wave_ && touch[1] != how ? kAll : how;
        touch[0] = wave_;
    }
    void touch(const gatun_step_operation& op) const {
        if (reads_now(op)) mark(read(op.input), kAll);
        if (op.base >= 0) mark(read(op.base), sharing_of_added(op));
        if (op.second >= 0) mark(read(op.second), sharing_of_added(op));
        mark(written(op.output), sharing(op));
    }

    const gatun_step_program& program_;
    int32_t* touched_;  // of each slot: the wave in which it was written last, and how; the same of reading
    int32_t wave_ = 1;
    bool only_first_ = false;
};

}  // namespace

int32_t find_meetings(const gatun_step_program& program, uint8_t* meets, int32_t* slots) {
    Waves waves(program, slots);
    int32_t count = 0;
    for (int32_t i = 0; i < program.operation_count; ++i) {
        meets[i] = waves.meets(program.operations[i]) ? 1 : 0;
        count += meets[i];
    }
    return count;
}

}  // namespace gatun
