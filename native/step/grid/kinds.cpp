#include "step/grid/kinds.h"

#include <array>

namespace gatun::grid {
namespace {

constexpr Kind no_input(Kind kind) {
    kind.reads = false;
    return kind;
}

constexpr Kind in_place(Kind kind) {
    kind.in_place = true;
    return kind;
}

constexpr Kind with_chains(Kind kind) {
    kind.chains = true;
    return kind;
}

constexpr Kind drawn(Kind kind) {
    kind.drawn = true;
    return kind;
}

constexpr Kind by_column(Kind kind) {
    kind.by_column = true;
    return kind;
}

constexpr Kind keeping(Kind kind) {
    kind.keeps = true;
    return kind;
}

using Table = std::array<Kind, 64>;

constexpr Table kinds() {
    Table table{};
    table[GATUN_STEP_AFFINE] = with_chains({run_affine, check_affine});
    table[GATUN_STEP_LOOKUP] = with_chains({run_lookup, check_lookup});
    table[GATUN_STEP_ACTIVATION] = in_place({run_activation, check_activation});
    table[GATUN_STEP_COPY] = {run_copy, check_copy};
    table[GATUN_STEP_BROADCAST] = no_input({run_broadcast, check_broadcast});
    table[GATUN_STEP_DRAW] = drawn({run_draw, check_draw, true, false});
    table[GATUN_STEP_ENCODE] = drawn(no_input({run_encode, check_encode}));
    table[GATUN_STEP_LEVEL] = drawn(no_input({run_level, check_level}));
    table[GATUN_STEP_GATE] = {run_gate, check_gate};
    table[GATUN_STEP_CONCAT_ELU] = {run_concat_elu, check_concat_elu};
    table[GATUN_STEP_LINEAR_GATE] = {run_linear_gate, check_linear_gate};
    table[GATUN_STEP_SUM] = {run_sum, check_sum};
    table[GATUN_STEP_FRAME] = by_column(no_input({run_frame, check_frame}));
    table[GATUN_STEP_CLASS] = by_column(no_input({run_class, check_class}));
    table[GATUN_STEP_GRID_CELL] = keeping({run_cell, check_cell});
    return table;
}

constexpr Table kKinds = kinds();

}  // namespace

const Kind* kind_of(int32_t kind) {
    if (kind < 0 || kind >= static_cast<int32_t>(kKinds.size())) return nullptr;
    const Kind& row = kKinds[static_cast<size_t>(kind)];
    return row.run == nullptr ? nullptr : &row;
}

}  // namespace gatun::grid
