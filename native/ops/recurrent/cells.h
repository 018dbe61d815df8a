// The cells for sixteen units of a state; recurrent.h says what they compute.
#pragma once

#include "gatun.h"
#include "simd/math.h"

namespace gatun::GATUN_ISA_LEVEL {

// Sixteen units of a state, fewer at its end: floats `hidden` apart belong to the next gate.
struct Units {
    int64_t at;
    int64_t hidden;
    int live;

    GATUN_INLINE Vec get(const float* from, int64_t gate) const {
        const float* p = from + gate * hidden + at;
        return live == kLanes ? load(p) : load(p, live);
    }
    GATUN_INLINE void put(float* to, int64_t gate, Vec value) const {
        float* p = to + gate * hidden + at;
        if (live == kLanes) {
            store(p, value);
        } else {
            store(p, value, live);
        }
    }
    GATUN_INLINE void put(float* to, int64_t gate, Vec value, bool accumulate) const {
        put(to, gate, accumulate ? get(to, gate) + value : value);
    }
};

// Pointers of one example.
struct Place {
    const float *x, *state, *h_before, *c_before;
    float *kept, *h_after;
};

GATUN_INLINE void run_tanh(const Place& p, const Units& u) {
    const Vec h = tanh(u.get(p.x, 0) + u.get(p.state, 0));
    u.put(p.kept, 0, h);
    u.put(p.h_after, 0, h);
}

GATUN_INLINE void run_gru(const Place& p, const Units& u) {
    const Vec r = sigmoid(u.get(p.x, 0) + u.get(p.state, 0)), z = sigmoid(u.get(p.x, 1) + u.get(p.state, 1));
    const Vec s = u.get(p.state, 2);
    const Vec n = tanh(fma(r, s, u.get(p.x, 2)));
    const Vec h = u.get(p.h_before, 0);
    u.put(p.kept, 0, r);
    u.put(p.kept, 1, z);
    u.put(p.kept, 2, s);
    u.put(p.kept, 3, n);
    u.put(p.h_after, 0, fma(z, h - n, n));
}

// Which place each gate of an LSTM has.
struct PyTorchOrder {
    static constexpr int64_t kI = 0, kF = 1, kG = 2, kO = 3;
};
struct GridOrder {
    static constexpr int64_t kO = 0, kF = 1, kI = 2, kG = 3;
};

template <class Order>
GATUN_INLINE void run_lstm(const Place& p, const Units& u) {
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
}

GATUN_INLINE void run_cell(int32_t cell, const Place& p, const Units& u) {
    if (cell == GATUN_CELL_TANH) return run_tanh(p, u);
    if (cell == GATUN_CELL_GRU) return run_gru(p, u);
    run_lstm<PyTorchOrder>(p, u);
}

}  // namespace gatun::GATUN_ISA_LEVEL
