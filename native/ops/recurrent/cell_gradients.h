// The cells' gradients for sixteen units of a state; recurrent.h says what they are.
#pragma once

#include "ops/recurrent/cells.h"
#include "ops/recurrent/kinds.h"

namespace gatun::GATUN_ISA_LEVEL {

// Pointers of one example.
struct GradientPlace {
    const float *h_before, *c_before, *dy;
    float *kept, *dx, *dh, *dc;
    bool accumulate;

    // The gradient of a gate's pre-activation, which has both parts as its terms.
    GATUN_INLINE void gate(const Units& u, int64_t number, Vec d) const {
        u.put(kept, number, d);
        input(u, number, d);
    }
    GATUN_INLINE void input(const Units& u, int64_t number, Vec d) const {
        if (dx != nullptr) u.put(dx, number, d, accumulate);
    }
};

GATUN_INLINE Vec through_tanh(Vec d, Vec y) { return d * fma(negate(y), y, set(1.0f)); }
GATUN_INLINE Vec through_sigmoid(Vec d, Vec y) { return d * (y * (set(1.0f) - y)); }

GATUN_INLINE void gradient_tanh(const GradientPlace& p, const Units& u) {
    p.gate(u, 0, through_tanh(u.get(p.dy, 0) + u.get(p.dh, 0), u.get(p.kept, 0)));
    u.put(p.dh, 0, set(0.0f));
}

GATUN_INLINE void gradient_gru(const GradientPlace& p, const Units& u) {
    const Vec d = u.get(p.dy, 0) + u.get(p.dh, 0);
    const Vec r = u.get(p.kept, 0), z = u.get(p.kept, 1), s = u.get(p.kept, 2), n = u.get(p.kept, 3);
    const Vec dn = through_tanh(d * (set(1.0f) - z), n);
    p.gate(u, 0, through_sigmoid(dn * s, r));
    p.gate(u, 1, through_sigmoid(d * (u.get(p.h_before, 0) - n), z));
    u.put(p.kept, 2, dn * r);
    p.input(u, 2, dn);
    u.put(p.dh, 0, d * z);
}

template <class Order>
GATUN_INLINE void gradient_lstm(const GradientPlace& p, const Units& u) {
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
}

GATUN_INLINE void gradient_units(int32_t cell, const GradientPlace& p, const Units& u) {
    if (cell == GATUN_CELL_TANH) return gradient_tanh(p, u);
    if (cell == GATUN_CELL_GRU) return gradient_gru(p, u);
    if (cell == kGridCell) return gradient_lstm<GridOrder>(p, u);
    gradient_lstm<PyTorchOrder>(p, u);
}

}  // namespace gatun::GATUN_ISA_LEVEL
