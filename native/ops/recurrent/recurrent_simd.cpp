#include "ops/recurrent/cell_gradients.h"
#include "ops/recurrent/recurrent.h"

namespace gatun::GATUN_ISA_LEVEL {
namespace {

// The first `count` units of a state of `hidden`.
template <class Body>
[[gnu::always_inline]] inline void each_units(int64_t hidden, int64_t count, Body&& body) {
    for (int64_t at = 0; at < count; at += kLanes) {
        body(Units{at, hidden, count - at < kLanes ? static_cast<int>(count - at) : kLanes});
    }
}

template <class Body>
[[gnu::always_inline]] inline void each_units(int64_t hidden, Body&& body) {
    each_units(hidden, hidden, body);
}

template <void (*kCell)(const Place&, const Units&)>
void run_each(const Place& p, int64_t hidden, int64_t count) {
    each_units(hidden, count, [&](const Units& u) { kCell(p, u); });
}

void run(int32_t cell, const CellRow& row) {
    const auto one = cell == GATUN_CELL_TANH  ? run_each<run_tanh>
                     : cell == GATUN_CELL_GRU ? run_each<run_gru>
                     : cell == kGridCell      ? run_each<run_lstm<GridOrder>>
                                              : run_each<run_lstm<PyTorchOrder>>;
    for (int64_t n = 0; n < row.count; ++n) {
        one({row.x + n * row.x_step, row.state + n * row.state_step, row.h_before + n * row.h_before_step,
             row.c_before + n * row.c_before_step, row.kept + n * row.kept_step, row.h_after + n * row.h_after_step},
            row.hidden, row.units == 0 ? row.hidden : row.units);
    }
}

void gradient_place(int32_t cell, const GradientPlace& p, int64_t hidden) {
    each_units(hidden, [&](const Units& u) { gradient_units(cell, p, u); });
}

void gradient(int32_t cell, const CellGradientRow& row) {
    for (int64_t n = 0; n < row.count; ++n) {
        gradient_place(
            cell,
            {row.h_before + n * row.h_before_step, row.c_before + n * row.c_before_step, row.dy + n * row.dy_step,
             row.kept + n * row.kept_step, row.dx == nullptr ? nullptr : row.dx + n * row.dx_step,
             row.dh + n * row.hidden, row.dc + n * row.hidden, row.accumulate},
            row.hidden);
    }
}

}  // namespace

extern const RecurrentKernels recurrent_kernels;
const RecurrentKernels recurrent_kernels = {run, gradient};

}  // namespace gatun::GATUN_ISA_LEVEL
