// Products over all positions, in gatun.h's order of sums, and the gradients of their weights, each in an order of its
// own that depends on sizes alone.
#pragma once

#include "cuda/pass/places.h"

namespace gatun::GATUN_ISA_LEVEL {

using gpu::kTileBlocks;
using gpu::kTileInputs;
using gpu::kTilePositions;

// A sum's inputs as its positions see them.
struct Terms {
    const float* weights;  // of the first block
    const float* bias;
    const int64_t* offsets;
    int64_t behind;  // floats from block to block
    int32_t taps, inputs, unseen, outputs;
    bool aligned;
};

// P positions times V blocks of outputs.
template <int P, int V>
struct TileChains {
    Vec even[P][V], odd[P][V];

    GATUN_INLINE void start(const Terms& t, int32_t block) {
        GATUN_UNROLL_BY(8)
        for (int v = 0; v < V; ++v) {
            const Vec first = t.bias == nullptr ? set(0.0f) : Sixteen(block + v, t.outputs).get(t.bias);
            GATUN_UNROLL_BY(8)
            for (int p = 0; p < P; ++p) {
                even[p][v] = first;
                odd[p][v] = set(0.0f);
            }
        }
    }
};

template <int P, int V>
GATUN_INLINE void multiply_one(Vec (&chain)[P][V], const float* const (&x)[P], int64_t at, const float* w,
                               int64_t behind) {
    GATUN_UNROLL_BY(8)
    for (int v = 0; v < V; ++v) {
        const Vec weight = fixed(w + v * behind);
        GATUN_UNROLL_BY(8)
        for (int p = 0; p < P; ++p) chain[p][v] = fma(set(x[p][at]), weight, chain[p][v]);
    }
}

// Four inputs, of which the first is even.
template <int P, int V>
GATUN_INLINE void multiply_four(TileChains<P, V>& c, const float* const (&x)[P], int64_t at, const float* w,
                                int64_t behind) {
    Vec weight[V][4];
    GATUN_UNROLL_BY(8)
    for (int v = 0; v < V; ++v) {
        GATUN_UNROLL_BY(4)
        for (int i = 0; i < 4; ++i) weight[v][i] = fixed(w + v * behind + i * kLanes);
    }
    GATUN_UNROLL_BY(8)
    for (int p = 0; p < P; ++p) {
        const Four x4 = four(x[p] + at);
        GATUN_UNROLL_BY(8)
        for (int v = 0; v < V; ++v) {
            c.even[p][v] = fma(set(x4.v[0]), weight[v][0], c.even[p][v]);
            c.odd[p][v] = fma(set(x4.v[1]), weight[v][1], c.odd[p][v]);
            c.even[p][v] = fma(set(x4.v[2]), weight[v][2], c.even[p][v]);
            c.odd[p][v] = fma(set(x4.v[3]), weight[v][3], c.odd[p][v]);
        }
    }
}

template <int P, int V>
GATUN_INLINE void sum_up(const Terms& t, int32_t block, const float* const (&x)[P], TileChains<P, V>& c) {
    c.start(t, block);
    const float* w = t.weights + block * t.behind;
    bool at_odd = false;
    for (int32_t tap = 0; tap < t.taps; ++tap) {
        const int64_t offset = t.offsets == nullptr ? 0 : t.offsets[tap];
        const int32_t seen = tap + 1 < t.taps ? t.inputs : t.inputs - t.unseen;
        int32_t i = 0;
        if (t.aligned) {
            // Where a task is small, what is loaded waits for nothing.
            GATUN_UNROLL_THERE(P < 8 ? 4 : 1)
            for (; i + 4 <= seen; i += 4) multiply_four<P, V>(c, x, offset + i, w + int64_t{i} * kLanes, t.behind);
        }
        for (; i < seen; ++i, at_odd = !at_odd) {
            multiply_one<P, V>(at_odd ? c.odd : c.even, x, offset + i, w + int64_t{i} * kLanes, t.behind);
        }
        w += int64_t{seen} * kLanes;
    }
}

// V blocks of outputs at the positions first, first + 1, ... of y.
template <int P, int V>
GATUN_INLINE void product_tile(const Terms& t, const gatun_map& x, const gatun_map& y, int64_t positions, int64_t first,
                               int32_t block, bool accumulate) {
    const float* from[P];
    GATUN_UNROLL_BY(8)
    for (int p = 0; p < P; ++p) {
        from[p] = place(x, spot_of(y, first + p < positions ? first + p : first));
    }
    TileChains<P, V> c;
    sum_up<P, V>(t, block, from, c);
    GATUN_UNROLL_BY(8)
    for (int p = 0; p < P; ++p) {
        if (first + p >= positions) continue;
        float* to = place(y, spot_of(y, first + p));
        GATUN_UNROLL_BY(8)
        for (int v = 0; v < V; ++v) {
            Sixteen(block + v, t.outputs).put(to, c.even[p][v] + c.odd[p][v], accumulate);
        }
    }
}

GATUN_INLINE Terms terms_of(const Job& job) {
    const gatun_affine& a = job.call.affine;
    return {a.weights, a.bias,   job.offsets, job.flat * kLanes, a.tap_count,
            a.inputs,  a.unseen, a.outputs,   job.aligned != 0};
}

// Tiles of positions lie side by side, so that neighbours read the same weights.
GATUN_INLINE void run_kProduct(const Job& job, int64_t task) {
    const auto block = static_cast<int32_t>(task / job.tiles) * kTileBlocks;
    const int64_t first = task % job.tiles * kTilePositions;
    const gatun_map &x = job.call.maps[0], &y = job.call.maps[1];
    const bool accumulate = job.call.accumulate != 0;
    if (block + kTileBlocks <= job.blocks) {
        product_tile<kTilePositions, kTileBlocks>(terms_of(job), x, y, job.positions, first, block, accumulate);
    } else {
        product_tile<kTilePositions, 1>(terms_of(job), x, y, job.positions, first, block, accumulate);
    }
}

// Small tasks, for many threads at few positions.
GATUN_INLINE void run_kLineProduct(const Job& job, int64_t task) {
    const int64_t first = task % job.tiles * gpu::kLineTilePositions;
    product_tile<gpu::kLineTilePositions, 1>(terms_of(job), job.call.maps[0], job.call.maps[1], job.positions, first,
                                             static_cast<int32_t>(task / job.tiles), job.call.accumulate != 0);
}

// ---- gradients: sums over a chunk of positions, in scratch: [blocks][flat][16], then the bias's [blocks][16]

template <int V>
GATUN_INLINE void gradient_tile(const Job& job, int64_t start, int32_t block, int64_t chunk) {
    const gatun_map &x = job.call.maps[0], &dy = job.call.maps[1];
    const int32_t inputs = job.call.affine.inputs, outputs = job.call.affine.outputs;
    int64_t offset[kTileInputs];
    GATUN_UNROLL_BY(8)
    for (int k = 0; k < kTileInputs; ++k) {
        const int64_t flat = start + k < job.flat ? start + k : start;
        offset[k] = job.offsets[flat / inputs] + flat % inputs;
    }
    Vec sums[kTileInputs][V];
    GATUN_UNROLL_BY(8)
    for (int k = 0; k < kTileInputs; ++k) {
        GATUN_UNROLL_BY(8)
        for (int v = 0; v < V; ++v) sums[k][v] = set(0.0f);
    }
    const bool fours = job.aligned != 0 && start + kTileInputs <= job.flat;
    int64_t position = chunk_start(job.positions, job.chunks, chunk);
    const int64_t end = chunk_start(job.positions, job.chunks, chunk + 1);
    for (Spot s = spot_of(dy, position); position < end; ++position, move_on(dy, s)) {
        const float *d = place(dy, s), *from = place(x, s);
        float value[kTileInputs];
        if (fours) {
            // Groups of four lie within one tap.
            const Four low = four(from + offset[0]), high = four(from + offset[4]);
            GATUN_UNROLL_BY(8)
            for (int k = 0; k < kTileInputs; ++k) value[k] = k < 4 ? low.v[k & 3] : high.v[k & 3];
        } else {
            GATUN_UNROLL_BY(8)
            for (int k = 0; k < kTileInputs; ++k) value[k] = from[offset[k]];
        }
        GATUN_UNROLL_BY(8)
        for (int v = 0; v < V; ++v) {
            const Vec slope = Sixteen(block + v, outputs).get(d);
            GATUN_UNROLL_BY(8)
            for (int k = 0; k < kTileInputs; ++k) sums[k][v] = fma(set(value[k]), slope, sums[k][v]);
        }
    }
    GATUN_UNROLL_BY(8)
    for (int v = 0; v < V; ++v) {
        float* to = job.scratch + chunk * job.step + ((block + v) * job.flat + start) * kLanes;
        GATUN_UNROLL_BY(8)
        for (int k = 0; k < kTileInputs; ++k) {
            if (start + k < job.flat) store(to + k * kLanes, sums[k][v]);
        }
    }
}

GATUN_INLINE float* bias_scratch(const Job& job, int64_t chunk, int64_t block) {
    return job.scratch + chunk * job.step + (job.blocks * job.flat + block) * kLanes;
}

// The sum of a block of dy over a chunk.
GATUN_INLINE Vec sum_positions(const Job& job, const gatun_map& dy, int64_t block, int64_t chunk) {
    const Sixteen f(block, dy.features);
    Vec total = set(0.0f);
    int64_t position = chunk_start(job.positions, job.chunks, chunk);
    const int64_t end = chunk_start(job.positions, job.chunks, chunk + 1);
    for (Spot s = spot_of(dy, position); position < end; ++position, move_on(dy, s)) {
        total = total + f.get(place(dy, s));
    }
    return total;
}

// Tiles of inputs of all chunks and blocks, then the bias's blocks of all chunks.
GATUN_INLINE void run_kGradient(const Job& job, int64_t task) {
    const int64_t pairs = (job.blocks + kTileBlocks - 1) / kTileBlocks;
    const int64_t tiles = int64_t{job.tiles} * pairs * job.chunks;
    if (task >= tiles) {
        const int64_t chunk = (task - tiles) / job.blocks, block = (task - tiles) % job.blocks;
        store(bias_scratch(job, chunk, block), sum_positions(job, job.call.maps[1], block, chunk));
        return;
    }
    const int64_t chunk = task / (job.tiles * pairs), start = task % job.tiles * kTileInputs;
    const auto block = static_cast<int32_t>(task / job.tiles % pairs) * kTileBlocks;
    if (block + kTileBlocks <= job.blocks) {
        gradient_tile<kTileBlocks>(job, start, block, chunk);
    } else {
        gradient_tile<1>(job, start, block, chunk);
    }
}

// The sums of some chunks, in their order.
GATUN_INLINE Vec sum_chunks(const Job& job, const float* first, int32_t chunks) {
    Vec total = load(first);
    GATUN_UNROLL_THERE(8)
    for (int32_t chunk = 1; chunk < chunks; ++chunk) total = total + load(first + chunk * job.step);
    return total;
}

// A part of the chunks becomes one, where the first of them was.
GATUN_INLINE void run_kGradientPart(const Job& job, int64_t task) {
    const int64_t rows = job.step / kLanes, first = task / rows * gpu::kPartChunks;
    float* at = job.scratch + first * job.step + task % rows * kLanes;
    const int64_t left = job.chunks - first;
    store(at, sum_chunks(job, at, left < gpu::kPartChunks ? static_cast<int32_t>(left) : gpu::kPartChunks));
}

GATUN_INLINE void run_kGradientSum(const Job& job, int64_t task) {
    const int64_t rows = job.blocks * job.flat;
    const Vec total = sum_chunks(job, job.scratch + task * kLanes, job.chunks);
    if (task < rows) {
        float* to = job.call.writes[0] + task * kLanes;
        store(to, load(to) + total);
    } else {
        Sixteen(task - rows, job.call.maps[1].features).put(job.call.writes[1], total, true);
    }
}

}  // namespace gatun::GATUN_ISA_LEVEL
