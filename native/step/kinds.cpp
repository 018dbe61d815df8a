#include "step/kinds.h"

#include <array>

namespace gatun {
namespace {

constexpr StepKind no_input(StepKind kind) {
    kind.reads = false;
    return kind;
}

constexpr StepKind no_output(StepKind kind) {
    kind.writes = false;
    return kind;
}

constexpr StepKind in_place(StepKind kind) {
    kind.in_place = true;
    return kind;
}

constexpr StepKind by_position(StepKind kind) {
    kind.by_position = true;
    return kind;
}

constexpr StepKind with_table(StepKind kind) {
    kind.table = true;
    kind.by_position = true;
    return kind;
}

using Table = std::array<StepKind, 64>;

constexpr Table kinds() {
    using namespace step;
    Table table{};
    table[GATUN_STEP_AFFINE] = {run_affine, check_affine};
    table[GATUN_STEP_LOOKUP] = {run_lookup, check_lookup};
    table[GATUN_STEP_ACTIVATION] = in_place({run_activation, check_activation});
    table[GATUN_STEP_COPY] = {run_copy, check_copy};
    table[GATUN_STEP_BROADCAST] = no_input({run_broadcast, check_broadcast});
    table[GATUN_STEP_DRAW] = by_position(no_output({run_draw, check_draw}));
    table[GATUN_STEP_ENCODE] = no_input({run_encode, check_encode});
    table[GATUN_STEP_LEVEL] = no_input({run_level, check_level});
    table[GATUN_STEP_GATE] = {run_gate, check_gate};
    table[GATUN_STEP_SUM] = {run_sum, check_sum};
    table[GATUN_STEP_FRAME] = by_position(no_input({run_frame, check_frame}));
    table[GATUN_STEP_CLASS] = no_input({run_class, check_class});
    for (const int32_t cell : {GATUN_STEP_CELL_TANH, GATUN_STEP_CELL_GRU, GATUN_STEP_CELL_LSTM}) {
        table[static_cast<size_t>(cell)] = {run_cell, check_cell};
    }
    table[GATUN_STEP_PUSH_VALUE] = with_table({run_push_value, check_push_value});
    table[GATUN_STEP_PUSH_LEVEL] = with_table({run_push_level, check_push_level});
    table[GATUN_STEP_PUSH_UNITS] = with_table({run_push_units, check_push_units});
    table[GATUN_STEP_FINISH] = with_table({run_finish, check_finish});
    table[GATUN_STEP_NADE] = with_table({run_nade, check_nade});
    table[GATUN_STEP_PACKED] = {run_packed, check_packed};
    table[GATUN_STEP_PACKED_GATE] = {run_packed_gate, check_packed_gate};
    return table;
}

constexpr Table kKinds = kinds();

}  // namespace

const StepKind* kind_of(int32_t kind) {
    if (kind < 0 || kind >= static_cast<int32_t>(kKinds.size())) return nullptr;
    const StepKind& row = kKinds[static_cast<size_t>(kind)];
    return row.run == nullptr ? nullptr : &row;
}

}  // namespace gatun
