// Tasks of products: sixteen outputs of a tile of streams, in gatun.h's order of sums. W: what weights are kept as,
// floats or, as uint16_t, the upper halves of such.
#pragma once

#include "cuda/fours.h"
#include "cuda/maps.h"
#include "ops/lookup/look_up.h"

namespace gatun::GATUN_ISA_LEVEL {

// Two chains of V blocks of sixteen outputs of P streams.
template <int P, int V>
struct Chains {
    Vec even[P][V], odd[P][V];
};

// One flat input, into the chain that it belongs to. kNear: weights that were copied ahead.
template <int P, int V, bool kNear, class W>
GATUN_NO_CALL void multiply(Vec (&chain)[P][V], const float* x, int64_t step, const W* w, int64_t block) {
    GATUN_UNROLL_BY(8)
    for (int v = 0; v < V; ++v) {
        const Vec weight = of_one<kNear>(w + v * block);
        GATUN_UNROLL_BY(8)
        for (int p = 0; p < P; ++p) chain[p][v] = fma(set(x[p * step]), weight, chain[p][v]);
    }
}

// Four flat inputs, of which the first is even.
template <int P, int V, bool kNear, class W>
GATUN_NO_CALL void multiply_four(Chains<P, V>& c, const float* x, int64_t step, const W* w, int64_t block) {
    Fours weight[V];
    GATUN_UNROLL_BY(8)
    for (int v = 0; v < V; ++v) weight[v] = fours<kNear>(w + v * block);
    GATUN_UNROLL_BY(8)
    for (int p = 0; p < P; ++p) {
        const Four x4 = four(x + p * step);
        GATUN_UNROLL_BY(8)
        for (int v = 0; v < V; ++v) {
            c.even[p][v] = fma(set(x4.v[0]), weight[v].v[0], c.even[p][v]);
            c.odd[p][v] = fma(set(x4.v[1]), weight[v].v[1], c.odd[p][v]);
            c.even[p][v] = fma(set(x4.v[2]), weight[v].v[2], c.even[p][v]);
            c.odd[p][v] = fma(set(x4.v[3]), weight[v].v[3], c.odd[p][v]);
        }
    }
}

// How many flat inputs' weights are on their way at once: few streams wait for memory, many have other work.
template <int P, int V>
inline constexpr int kFoursAtOnce = P* V <= 2   ? 8
                                    : P* V <= 4 ? 4
                                                : 2;

// Where a task's weights lie, and, where V is 2, how far behind those of the other block; the operation's bias.
template <class W>
struct Weights {
    const W* at;
    int64_t behind;
    const float* bias;
};

// Blocks `block` and, where V is 2, block + apart.
template <int P, int V, bool kNear, class W>
GATUN_NO_CALL void sum_up(const Block& b, const gatun_step_operation& op, const Weights<W>& weights, int32_t block,
                          int32_t apart, int32_t s, Chains<P, V>& c) {
    const W* w = weights.at;
    const int64_t behind = weights.behind;
    const int64_t step = b.features(op.input);
    GATUN_UNROLL_BY(8)
    for (int v = 0; v < V; ++v) {
        const Vec start =
            weights.bias == nullptr ? set(0.0f) : Features(block + v * apart, op.outputs).get(weights.bias);
        GATUN_UNROLL_BY(8)
        for (int p = 0; p < P; ++p) {
            c.even[p][v] = start;
            c.odd[p][v] = set(0.0f);
        }
    }
    bool at_odd = false;
    for (int32_t tap = 0; tap < op.tap_count; ++tap) {
        const float* x = b.input(op, tap, s);
        int32_t i = 0;
        if (op.inputs % 4 == 0) {
            GATUN_UNROLL_THERE((kFoursAtOnce<P, V>))
            for (; i < op.inputs; i += 4) multiply_four<P, V, kNear>(c, x + i, step, w + i * kLanes, behind);
        }
        for (; i < op.inputs; ++i, at_odd = !at_odd) {
            if (at_odd) {
                multiply<P, V, kNear>(c.odd, x + i, step, w + i * kLanes, behind);
            } else {
                multiply<P, V, kNear>(c.even, x + i, step, w + i * kLanes, behind);
            }
        }
        w += int64_t{op.inputs} * kLanes;
    }
}

// Sixteen outputs of P streams: into their slot, or into what is made of them.
template <int P>
GATUN_NO_CALL void finish_product(const Block& b, const gpu::Part& part, int32_t block, int32_t s, const Vec (&y)[P]) {
    const Features out(block, gpu::writing(part).outputs);
    const gpu::Work then = part.then;
    const int32_t argument = part.after.argument;
    const Vec scale = set(part.after.scale);
    const int32_t slot = gpu::writing(part).output;
    const auto each = [&](auto&& get, auto&& put) {
        GATUN_UNROLL_BY(8)
        for (int p = 0; p < P; ++p) {
            if (then == gpu::Work::kSum) {
                put(p, scale * (argument == 0 ? y[p] : get(p) + y[p]));
            } else {
                put(p, then == gpu::Work::kActivation ? activated(argument, y[p]) : y[p]);
            }
        }
    };
    if (b.shared != nullptr) {
        each([&](int p) { return out.get(b.row(slot, 0, s + p)); }, [&](int p, Vec x) { out.put(b, slot, s + p, x); });
    } else {
        const Newest to(b, slot, s);
        each([&](int p) { return to.get(out, p); }, [&](int p, Vec x) { to.put(out, p, x); });
    }
}

template <int P, bool kNear, class W>
GATUN_NO_CALL void product_of(const Block& b, const gpu::Part& part, const Weights<W>& weights, int32_t block,
                              int32_t s) {
    Vec y[P];
    if (part.then == gpu::Work::kGate) {
        Chains<P, 2> c;
        sum_up<P, 2, kNear>(b, part.op, weights, block, part.blocks, s, c);
        GATUN_UNROLL_BY(8)
        for (int p = 0; p < P; ++p) y[p] = gate(c.even[p][0] + c.odd[p][0], c.even[p][1] + c.odd[p][1]);
    } else {
        Chains<P, 1> c;
        sum_up<P, 1, kNear>(b, part.op, weights, block, 0, s, c);
        GATUN_UNROLL_BY(8)
        for (int p = 0; p < P; ++p) y[p] = c.even[p][0] + c.odd[p][0];
    }
    finish_product<P>(b, part, block, s, y);
}

// Of P streams, with the weights that were copied ahead or with the program's.
template <int P, class W>
GATUN_NO_CALL void product(const Block& b, const gpu::Part& part, int32_t block, int32_t s) {
    const int64_t count = int64_t{part.op.tap_count} * part.op.inputs * kLanes;
    const float* bias = part.near_bias < 0 ? part.op.bias : b.near + part.near_bias;
    const int32_t of_turn = block - b.round * part.turn_blocks;
    if (of_turn < part.near_blocks) {
        const Weights<W> near = {reinterpret_cast<const W*>(b.near + part.near) + of_turn * count,
                                 part.near_blocks * count, bias};
        return product_of<P, true>(b, part, near, block, s);
    }
    const Weights<W> far = {reinterpret_cast<const W*>(part.op.weights) + block * count, part.blocks * count, bias};
    product_of<P, false>(b, part, far, block, s);
}

GATUN_INLINE int32_t tile_of(const Block& b, const gpu::Part& part) { return part.tile != 0 ? part.tile : b.tile; }

// A tile of streams, those behind the last one left out.
template <class W>
GATUN_NO_CALL void run_product(const Block& b, const gpu::Part& part, int32_t block, int32_t tile) {
    const gatun_step_operation& op = part.op;
    const int32_t streams = tile_of(b, part), first = tile * streams;
    const int32_t end = first + streams < b.streams ? first + streams : b.streams;
    bool whole = end - first == streams;
    if (b.run.each != nullptr || op.every != 1) {
        for (int32_t s = first; s < end; ++s) whole = whole && b.due(op, s);
    }
    if (whole && streams == 8) return product<8, W>(b, part, block, first);
    if (whole && streams == 4) return product<4, W>(b, part, block, first);
    if (whole && streams == 2) return product<2, W>(b, part, block, first);
    for (int32_t s = first; s < end; ++s) {
        if (b.due(op, s)) product<1, W>(b, part, block, s);
    }
}

GATUN_INLINE void run_lookup(const Block& b, const gatun_step_operation& op, int32_t block, int32_t s) {
    const Features out(block, op.outputs);
    const gatun_affine affine = {op.weights, op.bias, nullptr, op.tap_count, op.inputs, op.outputs, 0};
    const LookupBlock own = {op.weights + int64_t{block} * op.tap_count * op.inputs * kLanes, out.at, out.live};
    const Vec y = look_up(affine, op.outside, b.features(op.input), own,
                          [&](int32_t tap) { return reinterpret_cast<const int32_t*>(b.input(op, tap, s)); });
    out.put(b, op.output, s, y);
}

}  // namespace gatun::GATUN_ISA_LEVEL
