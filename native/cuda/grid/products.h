// Tasks of products: sixteen outputs of a tile of places, in gatun.h's order of sums, whole or in parts. W: what
// weights of affine maps are kept as, floats or, as uint16_t, the upper halves of such.
#pragma once

#include "cuda/fours.h"
#include "cuda/grid/members.h"
#include "ops/lookup/look_up.h"

namespace gatun::GATUN_ISA_LEVEL::grids {

// Two chains of sixteen outputs of P places.
template <int P>
struct Sums {
    Vec even[P], odd[P];
};

// Flat inputs' weights that are on their way at once: few places wait for memory, many have other work.
template <int P>
inline constexpr int kFoursAtOnce = P <= 2   ? 8
                                    : P <= 4 ? 4
                                             : 2;

template <int P, class W>
GATUN_INLINE void add_one(Vec (&chain)[P], const float* const (&x)[P], const W* w) {
    const Vec weight = of_one<false>(w);
    GATUN_UNROLL_BY(8)
    for (int p = 0; p < P; ++p) chain[p] = fma(set(*x[p]), weight, chain[p]);
}

// Four flat inputs, of which the first is even.
template <int P, class W>
GATUN_INLINE void add_four(Sums<P>& c, const float* const (&x)[P], const W* w) {
    const Fours weight = fours<false>(w);
    Four x4[P];
    GATUN_UNROLL_BY(8)
    for (int p = 0; p < P; ++p) x4[p] = four(x[p]);
    GATUN_UNROLL_BY(4)
    for (int i = 0; i < 4; ++i) {
        GATUN_UNROLL_BY(8)
        for (int p = 0; p < P; ++p) {
            Vec& chain = i % 2 == 0 ? c.even[p] : c.odd[p];
            chain = fma(set(x4[p].v[i]), weight.v[i], chain);
        }
    }
}

template <int P>
GATUN_INLINE void move_on(const float* (&x)[P], int64_t by) {
    GATUN_UNROLL_BY(8)
    for (int p = 0; p < P; ++p) x[p] += by;
}

// x: of each place, where taps are counted from.
template <int P, class W>
GATUN_INLINE void add_up(const Step& step, const int64_t* offsets, const W* w, const float* (&x)[P], Sums<P>& c) {
    const Operation& op = step.op();
    bool at_odd = op.before % 2 != 0;
    int64_t at = 0;
    for (int32_t tap = 0; tap < op.tap_count; ++tap) {
        const int32_t inputs = tap + 1 < op.tap_count ? op.inputs : op.inputs - op.unseen;
        move_on<P>(x, offsets[tap] - at);
        at = offsets[tap] + inputs;
        int32_t left = inputs;
        if (op.fours != 0) {
            GATUN_UNROLL_THERE(kFoursAtOnce<P>)
            for (; left >= 4; left -= 4) {
                add_four<P>(c, x, w);
                move_on<P>(x, 4);
                w += 4 * kLanes;
            }
        }
        for (; left > 0; --left, at_odd = !at_odd) {
            if (at_odd) {
                add_one<P>(c.odd, x, w);
            } else {
                add_one<P>(c.even, x, w);
            }
            move_on<P>(x, 1);
            w += kLanes;
        }
    }
}

// Where a sum's chains begin: at the bias and zero, or where earlier taps left them.
GATUN_INLINE void begin_sum(const Block& b, const Step& step, const Features& out, const Spot& spot, Vec& even,
                            Vec& odd) {
    const Operation& op = step.op();
    if (op.chain_use == GATUN_CHAINS_CARRY_ON) {
        const float* chains = place(step.chains(), spot);
        even = out.get(chains);
        odd = out.get(chains + b.program.slots[op.chains].features / 2);
        return;
    }
    even = op.bias == nullptr ? set(0.0f) : out.get(op.bias);
    odd = set(0.0f);
}

GATUN_INLINE void end_sum(const Block& b, const Step& step, const Features& out, const Spot& spot, Vec even, Vec odd) {
    const Operation& op = step.op();
    if (op.chain_use != GATUN_CHAINS_LEAVE) return out.put(place(step.y(), spot), even + odd);
    float* chains = place(step.chains(), spot);
    out.put(chains, even);
    out.put(chains + b.program.slots[op.chains].features / 2, odd);
}

// Keeps what is made of a number from being made twice as long as it is wanted: registers are few.
GATUN_INLINE void forget(int32_t& n) {
#ifdef __CUDACC__
    asm volatile("" : "+r"(n));
#else
    static_cast<void>(n);
#endif
}

// Of P places from one on.
template <int P, class W>
GATUN_INLINE void product(const Block& b, const Step& step, const int64_t* offsets, int32_t block, int32_t first) {
    const Features out(block, step.op().outputs);
    const float* x[P];
    Sums<P> c;
    GATUN_UNROLL_BY(8)
    for (int p = 0; p < P; ++p) {
        const Spot spot = spot_of(b, step, first + p);
        x[p] = place(step.x(), spot);
        begin_sum(b, step, out, spot, c.even[p], c.odd[p]);
    }
    add_up<P>(step, offsets, reinterpret_cast<const W*>(step.op().weights) + block * step.op().block, x, c);
    forget(first);
    GATUN_UNROLL_BY(8)
    for (int p = 0; p < P; ++p) end_sum(b, step, out, spot_of(b, step, first + p), c.even[p], c.odd[p]);
}

// Of a tile of places.
template <class W>
GATUN_INLINE void run_product(const Block& b, const Step& step, const int64_t* offsets, int32_t block, int32_t first,
                              int32_t left) {
    int32_t done = 0;
    if (left == 8) {
        product<8, W>(b, step, offsets, block, first);
        done = 8;
    }
    for (; left - done >= 4; done += 4) product<4, W>(b, step, offsets, block, first + done);
    if (left - done >= 2) {
        product<2, W>(b, step, offsets, block, first + done);
        done += 2;
    }
    if (left > done) product<1, W>(b, step, offsets, block, first + done);
}

GATUN_INLINE void run_lookup(const Block& b, const Step& step, const int64_t* offsets, int32_t block,
                             const Spot& spot) {
    const Operation& op = step.op();
    const Features out(block, op.outputs);
    const auto* levels = reinterpret_cast<const int32_t*>(place(step.x(), spot));
    const gatun_affine affine = {op.weights, op.bias, nullptr, op.tap_count, op.inputs, op.outputs, op.unseen};
    Vec chain[2];
    begin_sum(b, step, out, spot, chain[0], chain[1]);
    look_up(
        affine, op.outside, op.channels, op.before, {op.weights + block * op.block, out.at, out.live},
        [&](int32_t tap) { return levels + offsets[tap]; }, chain);
    end_sum(b, step, out, spot, chain[0], chain[1]);
}

}  // namespace gatun::GATUN_ISA_LEVEL::grids
