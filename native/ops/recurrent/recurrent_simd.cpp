#include "ops/recurrent/recurrent.h"
#include "simd/math.h"

namespace gatun::GATUN_ISA_LEVEL {
namespace {

// Sixteen units of a state, fewer at its end: floats `hidden` apart belong to the next gate.
struct Units {
    int64_t at;
    int64_t hidden;
    int live;

    Vec get(const float* from, int64_t gate) const {
        const float* p = from + gate * hidden + at;
        return live == kLanes ? load(p) : load(p, live);
    }
    void put(float* to, int64_t gate, Vec value) const {
        float* p = to + gate * hidden + at;
        if (live == kLanes) {
            store(p, value);
        } else {
            store(p, value, live);
        }
    }
    void put(float* to, int64_t gate, Vec value, bool accumulate) const {
        put(to, gate, accumulate ? get(to, gate) + value : value);
    }
};

template <class Body>
[[gnu::always_inline]] inline void each_units(int64_t hidden, Body&& body) {
    for (int64_t at = 0; at < hidden; at += kLanes) {
        body(Units{at, hidden, hidden - at < kLanes ? static_cast<int>(hidden - at) : kLanes});
    }
}

// Pointers of one example.
struct Place {
    const float *x, *state, *h_before, *c_before;
    float *kept, *h_after;
};

void run_tanh(const Place& p, int64_t hidden) {
    each_units(hidden, [&](const Units& u) {
        const Vec h = tanh(u.get(p.x, 0) + u.get(p.state, 0));
        u.put(p.kept, 0, h);
        u.put(p.h_after, 0, h);
    });
}

void run_gru(const Place& p, int64_t hidden) {
    each_units(hidden, [&](const Units& u) {
        const Vec r = sigmoid(u.get(p.x, 0) + u.get(p.state, 0)), z = sigmoid(u.get(p.x, 1) + u.get(p.state, 1));
        const Vec s = u.get(p.state, 2);
        const Vec n = tanh(fma(r, s, u.get(p.x, 2)));
        const Vec h = u.get(p.h_before, 0);
        u.put(p.kept, 0, r);
        u.put(p.kept, 1, z);
        u.put(p.kept, 2, s);
        u.put(p.kept, 3, n);
        u.put(p.h_after, 0, fma(z, h - n, n));
    });
}

// Which place each gate of an LSTM has.
struct PyTorchOrder {
    static constexpr int64_t kI = 0, kF = 1, kG = 2, kO = 3;
};
struct GridOrder {
    static constexpr int64_t kO = 0, kF = 1, kI = 2, kG = 3;
};

template <class Order>
void run_lstm(const Place& p, int64_t hidden) {
    each_units(hidden, [&](const Units& u) {
        const auto sum = [&](int64_t gate) { return u.get(p.x, gate) + u.get(p.state, gate); };
        const Vec i = sigmoid(sum(Order::kI)), f = sigmoid(sum(Order::kF));
        const Vec g = tanh(sum(Order::kG)), o = sigmoid(sum(Order::kO));
        const Vec c = fma(f, u.get(p.c_before, 0), i * g);
        u.put(p.kept, Order::kI, i);
        u.put(p.kept, Order::kF, f);
        u.put(p.kept, Order::kG, g);
        u.put(p.kept, Order::kO, o);
        u.put(p.kept, 4, c);
        u.put(p.h_after, 0, o * tanh(c));
    });
}

void run(int32_t cell, const CellRow& row) {
    const auto one = cell == GATUN_CELL_TANH  ? run_tanh
                     : cell == GATUN_CELL_GRU ? run_gru
                     : cell == kGridCell      ? run_lstm<GridOrder>
                                              : run_lstm<PyTorchOrder>;
    for (int64_t n = 0; n < row.count; ++n) {
        one({row.x + n * row.x_step, row.state + n * row.state_step, row.h_before + n * row.h_before_step,
             row.c_before + n * row.c_before_step, row.kept + n * row.kept_step, row.h_after + n * row.h_after_step},
            row.hidden);
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
