#include "ops/recurrent/cells.h"
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

struct GradientPlace {
    const float *h_before, *c_before, *dy;
    float *kept, *dx, *dh, *dc;
    bool accumulate;

    // The gradient of a gate's pre-activation, which has both parts as its terms.
    void gate(const Units& u, int64_t number, Vec d) const {
        u.put(kept, number, d);
        input(u, number, d);
    }
    void input(const Units& u, int64_t number, Vec d) const {
        if (dx != nullptr) u.put(dx, number, d, accumulate);
    }
};

Vec through_tanh(Vec d, Vec y) { return d * fma(negate(y), y, set(1.0f)); }
Vec through_sigmoid(Vec d, Vec y) { return d * (y * (set(1.0f) - y)); }

void gradient_tanh(const GradientPlace& p, int64_t hidden) {
    each_units(hidden, [&](const Units& u) {
        p.gate(u, 0, through_tanh(u.get(p.dy, 0) + u.get(p.dh, 0), u.get(p.kept, 0)));
        u.put(p.dh, 0, set(0.0f));
    });
}

void gradient_gru(const GradientPlace& p, int64_t hidden) {
    each_units(hidden, [&](const Units& u) {
        const Vec d = u.get(p.dy, 0) + u.get(p.dh, 0);
        const Vec r = u.get(p.kept, 0), z = u.get(p.kept, 1), s = u.get(p.kept, 2), n = u.get(p.kept, 3);
        const Vec dn = through_tanh(d * (set(1.0f) - z), n);
        p.gate(u, 0, through_sigmoid(dn * s, r));
        p.gate(u, 1, through_sigmoid(d * (u.get(p.h_before, 0) - n), z));
        u.put(p.kept, 2, dn * r);
        p.input(u, 2, dn);
        u.put(p.dh, 0, d * z);
    });
}

template <class Order>
void gradient_lstm(const GradientPlace& p, int64_t hidden) {
    each_units(hidden, [&](const Units& u) {
        const Vec d = u.get(p.dy, 0) + u.get(p.dh, 0);
        const Vec i = u.get(p.kept, Order::kI), f = u.get(p.kept, Order::kF);
        const Vec g = u.get(p.kept, Order::kG), o = u.get(p.kept, Order::kO);
        const Vec t = tanh(u.get(p.kept, 4));
        const Vec dc = through_tanh(d * o, t) + u.get(p.dc, 0);
        p.gate(u, Order::kI, through_sigmoid(dc * g, i));
        p.gate(u, Order::kF, through_sigmoid(dc * u.get(p.c_before, 0), f));
        p.gate(u, Order::kG, through_tanh(dc * i, g));
        p.gate(u, Order::kO, through_sigmoid(d * t, o));
        u.put(p.dh, 0, set(0.0f));
        u.put(p.dc, 0, dc * f);
    });
}

void gradient(int32_t cell, const CellGradientRow& row) {
    const auto one = cell == GATUN_CELL_TANH  ? gradient_tanh
                     : cell == GATUN_CELL_GRU ? gradient_gru
                     : cell == kGridCell      ? gradient_lstm<GridOrder>
                                              : gradient_lstm<PyTorchOrder>;
    for (int64_t n = 0; n < row.count; ++n) {
        one({row.h_before + n * row.h_before_step, row.c_before + n * row.c_before_step, row.dy + n * row.dy_step,
             row.kept + n * row.kept_step, row.dx == nullptr ? nullptr : row.dx + n * row.dx_step,
             row.dh + n * row.hidden, row.dc + n * row.hidden, row.accumulate},
            row.hidden);
    }
}

}  // namespace

extern const RecurrentKernels recurrent_kernels;
const RecurrentKernels recurrent_kernels = {run, gradient};

}  // namespace gatun::GATUN_ISA_LEVEL
