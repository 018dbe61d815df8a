// Products over all positions on tensor cores, where training asks for them: as tiles.h, but for factors that are
// rounded on their way into shared memory, and the order of sums.
#pragma once

#include "cuda/pass/tensor.h"

namespace gatun::GATUN_ISA_LEVEL {

template <class Number, int kRows, int kOutputs, int kTall, int kWide>
class TensorProduct {
    using Warps = WarpShare<kRows, kOutputs, kTall, kWide>;

public:
    static constexpr int kThreads = Warps::kThreads;
    // Blocks that a multiprocessor's registers have room for.
    static constexpr int kAtOnce = tensor_blocks(kThreads, kTall* kWide / 32);

    // Twice: one is read while the other is filled.
    struct Shared {
        WordLines<kRows> x[2];
        WordColumns<kOutputs> w[2];
    };

    GATUN_INLINE static void run(const Job& job, int64_t task, Shared& shared) {
        Team<kThreads, Thread> team;
        const int64_t first = task % job.tiles * kRows, output = task / job.tiles * kOutputs;
        const auto slabs = static_cast<int32_t>((job.flat + kDepth - 1) / kDepth);
        team.each([&](int t, Thread& own) {
            begin(job, first, output, t, own);
            fetch_inputs(job, 0, t, own);
            put_inputs(job, 0, t, own, shared);
            in_order();
            fetch_weights(0, own);
            put_weights(shared, 0, t, own);
        });
        for (int32_t slab = 0; slab < slabs; ++slab) {
            const int now = slab & 1;
            const bool more = slab + 1 < slabs;
            // Inputs, then weights, so that few registers hold what comes.
            team.each([&](int t, Thread& own) {
                if (more) fetch_inputs(job, slab + 1, t, own);
                multiply(shared, now, 0, t, own);
                if (more) put_inputs(job, slab + 1, t, own, shared);
                in_order();
                if (more) fetch_weights(slab + 1, own);
                multiply(shared, now, 1, t, own);
                if (more) put_weights(shared, now ^ 1, t, own);
            });
        }
        team.each([&](int t, Thread& own) { end(job, first, output, t, own); });
    }

private:
    static constexpr int kNumbers = Number::kNumbers, kDepth = kSlabWords * kNumbers;  // inputs of a slab
    static constexpr int kBrought = 4 * kNumbers;                                      // of a position, by a thread
    // Four words of a position, and of a row of weights.
    static constexpr int kLoads = kRows * kSlabWords / 4 / kThreads, kWeights = kOutputs * kSlabWords / 4 / kThreads;
    static constexpr int kWordsAtOnce = kThreads / (kOutputs / 4);  // of weights

    struct Thread {
        WarpSums<kTall, kWide> sums;
        const float* from[kLoads];
        Four x[kLoads][kNumbers], w[kWeights][kNumbers];
        int32_t tap, input;    // of the next that it brings
        int64_t offset;        // of that tap
        const float* weights;  // of the first rows that it brings
        int32_t rows;          // of them and those behind
    };

    GATUN_INLINE static int row_of(int t, int i) { return t / 4 + i * (kThreads / 4); }
    GATUN_INLINE static int word_of(int t, int i) { return t / (kOutputs / 4) + i * kWordsAtOnce; }
    GATUN_INLINE static int column_of(int t) { return t % (kOutputs / 4) * 4; }

    GATUN_INLINE static void begin(const Job& job, int64_t first, int64_t output, int t, Thread& own) {
        const gatun_map &x = job.call.maps[0], &y = job.call.maps[1];
        const gatun_affine& a = job.call.affine;
        GATUN_UNROLL_BY(8)
        for (int i = 0; i < kLoads; ++i) {
            const int64_t position = first + row_of(t, i);
            own.from[i] = place(x, spot_of(y, position < job.positions ? position : first));
        }
        own.tap = t % 4 * kBrought / a.inputs;
        own.input = t % 4 * kBrought % a.inputs;
        find_tap(job, own);
        const int64_t block = (output + column_of(t)) / kLanes, row = int64_t{word_of(t, 0)} * kNumbers;
        own.weights = a.weights + (block * job.flat + row) * kLanes + column_of(t) % kLanes;
        own.rows = block < job.blocks ? static_cast<int32_t>(job.flat - row) : 0;
        const Warps share(t);
        GATUN_UNROLL_BY(8)
        for (int n = 0; n < own.sums.kAcross; ++n) {
            GATUN_UNROLL_BY(4)
            for (int i = 0; i < 4; ++i) {
                const int64_t o = output + share.column + own.sums.column(share.lane, n, i);
                const float bias = a.bias == nullptr || o >= a.outputs ? 0.0f : a.bias[o];
                GATUN_UNROLL_BY(4)
                for (int m = 0; m < own.sums.kDown; ++m) own.sums.of[m][n][i] = bias;
            }
        }
    }

    // A slab ahead, so that nothing waits for it.
    GATUN_INLINE static void find_tap(const Job& job, Thread& own) {
        if (own.tap < job.call.affine.tap_count) own.offset = job.offsets[own.tap];
    }

    // From the first that a thread brings of a slab on.
    GATUN_INLINE static int32_t inputs_left(const Job& job, int32_t slab, int t) {
        return static_cast<int32_t>(job.flat) - slab * kDepth - t % 4 * kBrought;
    }

    // Into the thread's own registers; what is not there is zero. What it brings of a position lies within a tap.
    GATUN_INLINE static void fetch_inputs(const Job& job, int32_t slab, int t, Thread& own) {
        const bool some = inputs_left(job, slab, t) > 0;
        const int64_t offset = own.offset + own.input;
        GATUN_UNROLL_BY(8)
        for (int i = 0; i < kLoads; ++i) {
            GATUN_UNROLL_BY(2)
            for (int p = 0; p < kNumbers; ++p) {
                own.x[i][p] = some ? four(own.from[i] + offset + 4 * p) : Four{};
            }
        }
        for (own.input += kDepth; own.input >= job.call.affine.inputs; ++own.tap) own.input -= job.call.affine.inputs;
        find_tap(job, own);
    }

    GATUN_INLINE static void fetch_weights(int32_t slab, Thread& own) {
        const int32_t first = slab * kDepth;
        GATUN_UNROLL_BY(8)
        for (int i = 0; i < kWeights; ++i) {
            GATUN_UNROLL_BY(2)
            for (int p = 0; p < kNumbers; ++p) {
                const int32_t row = first + i * kWordsAtOnce * kNumbers + p;
                own.w[i][p] = row < own.rows ? four(own.weights + int64_t{row} * kLanes) : Four{};
            }
        }
    }

    GATUN_INLINE static void fetch_four(const Job& job, int64_t input, int p, Thread& own) {
        const int64_t left = job.flat - input, offset = left > 0 ? job.offsets[own.tap[p]] + own.input[p] : 0;
        GATUN_UNROLL_BY(8)
        for (int i = 0; i < kLoads; ++i) {
            own.x[i][p] = left > 0 ? four(own.from[i] + offset) : Four{};
            if (left < 4) keep_first(own.x[i][p], left);
        }
        for (own.input[p] += kDepth; own.input[p] >= job.call.affine.inputs; ++own.tap[p]) {
            own.input[p] -= job.call.affine.inputs;
        }
    }

    // Inputs that do not lie in fours.
    GATUN_INLINE static void fetch_each(const Job& job, int64_t input, int p, Thread& own) {
        const auto inputs = static_cast<uint32_t>(job.call.affine.inputs);
        GATUN_UNROLL_BY(4)
        for (int j = 0; j < 4; ++j) {
            const auto flat = static_cast<uint32_t>(input + j);
            const bool seen = input + j < job.flat;
            const int64_t offset = seen ? job.offsets[flat / inputs] + flat % inputs : 0;
            GATUN_UNROLL_BY(8)
            for (int i = 0; i < kLoads; ++i) own.x[i][p].v[j] = seen ? own.from[i][offset] : 0.0f;
        }
    }

    // What is beyond the last input that is seen becomes zero here, so that nothing waits for it before.
    GATUN_INLINE static void put_inputs(const Job& job, int32_t slab, int t, Thread& own, Shared& shared) {
        const int32_t left = inputs_left(job, slab, t);
        GATUN_UNROLL_BY(8)
        for (int i = 0; i < kLoads; ++i) {
            GATUN_UNROLL_BY(2)
            for (int p = 0; p < kNumbers; ++p) {
                if (left < kBrought) keep_first(own.x[i][p], left - 4 * p);
            }
            put_four_words(shared.x[slab & 1].four(row_of(t, i), t % 4), words_along<Number>(own.x[i]));
        }
    }

    GATUN_INLINE static void put_weights(Shared& shared, int buffer, int t, const Thread& own) {
        GATUN_UNROLL_BY(8)
        for (int i = 0; i < kWeights; ++i) {
            const int row = shared.x[buffer].row_of(word_of(t, i));
            put_four_words(&shared.w[buffer].of[row][column_of(t)], words_across<Number>(own.w[i]));
        }
    }

    GATUN_INLINE static void multiply(const Shared& shared, int buffer, int step, int t, Thread& own) {
        const Warps share(t);
        own.sums.template add<Number>(step, shared.x[buffer], share.row, shared.w[buffer], share.column, share.lane);
    }

    GATUN_INLINE static void end(const Job& job, int64_t first, int64_t output, int t, const Thread& own) {
        const gatun_map& y = job.call.maps[1];
        const Warps share(t);
        GATUN_UNROLL_BY(4)
        for (int m = 0; m < own.sums.kDown; ++m) {
            GATUN_UNROLL_BY(2)
            for (int i = 0; i < 4; i += 2) {
                const int64_t position = first + share.row + own.sums.row(share.lane, m, i);
                if (position >= job.positions) continue;
                float* to = place(y, spot_of(y, position));
                GATUN_UNROLL_BY(8)
                for (int n = 0; n < own.sums.kAcross; ++n) {
                    const int64_t o = output + share.column + own.sums.column(share.lane, n, i);
                    put_two(job, to, o, own.sums.of[m][n][i], own.sums.of[m][n][i + 1]);
                }
            }
        }
    }

    GATUN_INLINE static void put_two(const Job& job, float* to, int64_t o, float first, float second) {
        const int64_t left = job.call.affine.outputs - o;
        if (left <= 0) return;
        const bool both = left > 1, accumulate = job.call.accumulate != 0;
        if (both && job.aligned_y != 0) return put_pair(to + o, first, second, accumulate);
        to[o] = accumulate ? to[o] + first : first;
        if (both) to[o + 1] = accumulate ? to[o + 1] + second : second;
    }
};

// For many positions.
template <class Number>
using TensorProduct32 = TensorProduct<Number, 128, 32, 32, 32>;
template <class Number>
using TensorProduct64 = TensorProduct<Number, 128, 64, 64, 32>;
template <class Number>
using TensorProduct128 = TensorProduct<Number, 128, 128, 64, 64>;
// For few, so that there are more tiles of them.
template <class Number>
using SmallTensorProduct32 = TensorProduct<Number, 64, 32, 32, 32>;
template <class Number>
using SmallTensorProduct64 = TensorProduct<Number, 64, 64, 32, 32>;

using Tf32Product32 = TensorProduct32<Tf32>;
using Tf32Product64 = TensorProduct64<Tf32>;
using Tf32Product128 = TensorProduct128<Tf32>;
using SmallTf32Product32 = SmallTensorProduct32<Tf32>;
using SmallTf32Product64 = SmallTensorProduct64<Tf32>;
using Bf16Product32 = TensorProduct32<Bf16>;
using Bf16Product64 = TensorProduct64<Bf16>;
using Bf16Product128 = TensorProduct128<Bf16>;
using SmallBf16Product32 = SmallTensorProduct32<Bf16>;
using SmallBf16Product64 = SmallTensorProduct64<Bf16>;

}  // namespace gatun::GATUN_ISA_LEVEL
