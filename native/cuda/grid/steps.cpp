#include "cuda/grid/steps.h"

namespace gatun::gpu::grids {
namespace {

// Feature by feature, each lane by itself: what reads a feature and writes it, or two.
bool by_lane(int32_t kind) {
    return kind == GATUN_STEP_ACTIVATION || kind == GATUN_STEP_SUM || kind == GATUN_STEP_COPY ||
           kind == GATUN_STEP_CONCAT_ELU;
}

bool takes_value(int32_t kind) { return kind == GATUN_STEP_ENCODE || kind == GATUN_STEP_LEVEL; }

bool begins(int32_t kind) {
    return by_lane(kind) || kind == GATUN_STEP_AFFINE || kind == GATUN_STEP_LOOKUP || kind == GATUN_STEP_GATE ||
           kind == GATUN_STEP_LINEAR_GATE;
}

bool is_double(const gatun_grid_operation& op) { return op.kind == GATUN_STEP_CONCAT_ELU; }

// Features that its tasks go through.
int32_t lanes_of(const gatun_grid_operation& op) { return is_double(op) ? op.inputs : op.outputs; }

bool reads_here(const gatun_grid_program& program, const gatun_grid_operation& op) {
    const gatun_tap& tap = program.taps[op.first_tap];
    return op.tap_count == 1 && tap.row == 0 && tap.column == 0;
}

bool same_places(const gatun_grid_operation& a, const gatun_grid_operation& b) {
    return a.every == b.every && a.row == b.row && a.column == b.column && a.sweep == 0 && b.sweep == 0;
}

// Whether `next` reads and writes of a member's slots what the same lanes have there.
bool fits(const gatun_grid_program& program, const gatun_grid_operation& member, const gatun_grid_operation& next) {
    if (next.input == member.output && (is_double(member) || next.first_input != member.first_output)) return false;
    if (next.output == member.output &&
        (is_double(member) || is_double(next) || next.first_output != member.first_output)) {
        return false;
    }
    if (member.chain_use != GATUN_CHAINS_NONE && (next.output == member.chains || next.input == member.chains)) {
        return false;
    }
    if (next.output != member.input) return true;
    return by_lane(member.kind) && reads_here(program, member) && !is_double(next) &&
           member.first_input == next.first_output;
}

}  // namespace

bool joins(const gatun_grid_program& program, int32_t first, int32_t next) {
    const gatun_grid_operation& begin = program.operations[first];
    const gatun_grid_operation& op = program.operations[next];
    if (!same_places(begin, op)) return false;
    if (begin.kind == GATUN_STEP_DRAW) return takes_value(op.kind) && op.output != begin.input;
    if (!begins(begin.kind) || !by_lane(op.kind) || lanes_of(op) != lanes_of(begin)) return false;
    if (!reads_here(program, op)) return false;
    for (int32_t i = first; i < next; ++i) {
        if (!fits(program, program.operations[i], op)) return false;
    }
    return true;
}

}  // namespace gatun::gpu::grids
