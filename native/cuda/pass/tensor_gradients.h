// Gradients of products' weights on tensor cores: as gradient_tiles.h, but for factors that are rounded on their way
// into shared memory, and the order of a chunk's sums. The bias's are sums of what is not rounded.
#pragma once

#include "cuda/pass/gradient_slabs.h"
#include "cuda/pass/tensor.h"

namespace gatun::GATUN_ISA_LEVEL {

template <class Number, int kInputs, int kOutputs, int kTall, int kWide>
class TensorGradient {
    using Warps = WarpShare<kInputs, kOutputs, kTall, kWide>;
    static constexpr int kNumbers = Number::kNumbers, kDepth = kSlabWords * kNumbers;  // positions of a slab

public:
    static constexpr int kThreads = Warps::kThreads;
    // Blocks that a multiprocessor's registers have room for.
    static constexpr int kAtOnce = tensor_blocks(kThreads, kTall* kWide / 32);

    struct Shared {
        WordColumns<kInputs> x[2];
        WordColumns<kOutputs> dy[2];
        const float* from_x[2][kDepth];
        const float* from_dy[2][kDepth];
        alignas(16) float bias[kThreads / (kOutputs / 4)][kOutputs];
    };

    GATUN_INLINE static void run(const Job& job, int64_t task, Shared& shared) {
        Team<kThreads, Thread> team;
        const int64_t start = task % job.tiles * kInputs;
        const int64_t output = job.output + task / job.tiles % job.across * kOutputs;
        const int64_t chunk = task / job.tiles / job.across;
        const int64_t begin = chunk_start(job.positions, job.chunks, chunk);
        const int64_t count = chunk_start(job.positions, job.chunks, chunk + 1) - begin;
        const auto slabs = static_cast<int32_t>((count + kDepth - 1) / kDepth);
        team.each([&](int t, Thread& own) {
            find_positions(job, begin, count, 0, t, shared.from_x, shared.from_dy);
            find_positions(job, begin, count, 1, t, shared.from_x, shared.from_dy);
            clear(job, start, t, own);
        });
        team.each([&](int t, Thread& own) {
            fetch_inputs(count, 0, t, own, shared);
            put_inputs(shared, 0, t, own);
            in_order();
            fetch_slopes(job, count, 0, output, t, own, shared);
            put_slopes(shared, 0, t, own);
        });
        for (int32_t slab = 0; slab < slabs; ++slab) {
            const int now = slab & 1;
            const bool more = slab + 1 < slabs;
            // Inputs, then slopes, so that few registers hold what comes.
            team.each([&](int t, Thread& own) {
                if (more) fetch_inputs(count, slab + 1, t, own, shared);
                find_positions(job, begin, count, slab + 2, t, shared.from_x, shared.from_dy);
                multiply(shared, now, 0, t, own);
                if (more) put_inputs(shared, now ^ 1, t, own);
                in_order();
                if (more) fetch_slopes(job, count, slab + 1, output, t, own, shared);
                multiply(shared, now, 1, t, own);
                if (more) put_slopes(shared, now ^ 1, t, own);
            });
        }
        team.each([&](int t, Thread& own) {
            end(job, chunk, start, output, t, own);
            if (start == 0)
                put_four(&shared.bias[row_of_four<kOutputs, kThreads>(t, 0)][column_of_four<kOutputs>(t)], own.bias);
        });
        if (start != 0) return;
        team.each([&](int t, Thread&) { end_bias(job, chunk, output, t, shared); });
    }

private:
    static constexpr int kOfX = kInputs * kSlabWords / 4 / kThreads, kOfDy = kOutputs * kSlabWords / 4 / kThreads;

    struct Thread {
        WarpSums<kTall, kWide> sums;
        Four bias;  // of the columns of dy that it brings
        Four x[kOfX][kNumbers], dy[kOfDy][kNumbers];
        int64_t offset;  // of the four inputs that it brings
        int seen;        // how many of them there are
    };

    GATUN_INLINE static void clear(const Job& job, int64_t start, int t, Thread& own) {
        GATUN_UNROLL_BY(4)
        for (int m = 0; m < own.sums.kDown; ++m) {
            GATUN_UNROLL_BY(8)
            for (int n = 0; n < own.sums.kAcross; ++n) {
                GATUN_UNROLL_BY(4)
                for (int i = 0; i < 4; ++i) own.sums.of[m][n][i] = 0.0f;
            }
        }
        own.bias = Four{};
        const int64_t first = start + column_of_four<kInputs>(t), left = job.flat - first;
        own.seen = left < 0 ? 0 : left < 4 ? static_cast<int>(left) : 4;
        const auto inputs = static_cast<uint32_t>(job.call.affine.inputs);
        const auto flat = static_cast<uint32_t>(own.seen > 0 ? first : 0);
        own.offset = job.offsets[flat / inputs] + flat % inputs;
    }

    // What is not there is zero.
    GATUN_INLINE static void fetch_inputs(int64_t count, int32_t slab, int t, Thread& own, const Shared& shared) {
        const int64_t left = count - int64_t{slab} * kDepth;
        GATUN_UNROLL_BY(2)
        for (int p = 0; p < kNumbers; ++p) {
            GATUN_UNROLL_BY(8)
            for (int i = 0; i < kOfX; ++i) {
                const int row = row_of_four<kInputs, kThreads>(t, i) * kNumbers + p;
                own.x[i][p] = row < left && own.seen > 0 ? four(shared.from_x[slab & 1][row] + own.offset) : Four{};
            }
        }
    }

    GATUN_INLINE static void fetch_slopes(const Job& job, int64_t count, int32_t slab, int64_t output, int t,
                                          Thread& own, const Shared& shared) {
        const int64_t left = count - int64_t{slab} * kDepth;
        const int64_t column = output + column_of_four<kOutputs>(t);
        GATUN_UNROLL_BY(2)
        for (int p = 0; p < kNumbers; ++p) {
            GATUN_UNROLL_BY(8)
            for (int i = 0; i < kOfDy; ++i) {
                const int row = row_of_four<kOutputs, kThreads>(t, i) * kNumbers + p;
                own.dy[i][p] = row < left && column < job.call.maps[1].features
                                   ? four(shared.from_dy[slab & 1][row] + column)
                                   : Four{};
            }
        }
    }

    GATUN_INLINE static void put_inputs(Shared& shared, int buffer, int t, Thread& own) {
        GATUN_UNROLL_BY(8)
        for (int i = 0; i < kOfX; ++i) {
            GATUN_UNROLL_BY(2)
            for (int p = 0; p < kNumbers; ++p) {
                if (own.seen < 4) keep_first(own.x[i][p], own.seen);
            }
            put_four_words(&shared.x[buffer].of[row_of_four<kInputs, kThreads>(t, i)][column_of_four<kInputs>(t)],
                           words_across<Number>(own.x[i]));
        }
    }

    GATUN_INLINE static void put_slopes(Shared& shared, int buffer, int t, Thread& own) {
        GATUN_UNROLL_BY(8)
        for (int i = 0; i < kOfDy; ++i) {
            put_four_words(&shared.dy[buffer].of[row_of_four<kOutputs, kThreads>(t, i)][column_of_four<kOutputs>(t)],
                           words_across<Number>(own.dy[i]));
            GATUN_UNROLL_BY(2)
            for (int p = 0; p < kNumbers; ++p) {
                GATUN_UNROLL_BY(4)
                for (int j = 0; j < 4; ++j) own.bias.v[j] = own.bias.v[j] + own.dy[i][p].v[j];
            }
        }
    }

    GATUN_INLINE static void multiply(const Shared& shared, int buffer, int step, int t, Thread& own) {
        const Warps share(t);
        own.sums.template add<Number>(step, shared.x[buffer], share.row, shared.dy[buffer], share.column, share.lane);
    }

    GATUN_INLINE static void end(const Job& job, int64_t chunk, int64_t start, int64_t output, int t,
                                 const Thread& own) {
        const Warps share(t);
        GATUN_UNROLL_BY(8)
        for (int n = 0; n < own.sums.kAcross; ++n) {
            const int64_t o = output + share.column + own.sums.column(share.lane, n, 0), block = o / kLanes;
            if (block >= job.blocks) continue;
            float* to = job.scratch + chunk * job.step + block * job.flat * kLanes + o % kLanes;
            GATUN_UNROLL_BY(4)
            for (int m = 0; m < own.sums.kDown; ++m) {
                GATUN_UNROLL_BY(2)
                for (int i = 0; i < 4; i += 2) {
                    const int64_t flat = start + share.row + own.sums.row(share.lane, m, i);
                    if (flat >= job.flat) continue;
                    put_pair(to + flat * kLanes, own.sums.of[m][n][i], own.sums.of[m][n][i + 1], false);
                }
            }
        }
    }

    // What threads have summed up of a column, in their order.
    GATUN_INLINE static void end_bias(const Job& job, int64_t chunk, int64_t output, int t, const Shared& shared) {
        const int64_t block = (output + t) / kLanes;
        if (t >= kOutputs || block >= job.blocks) return;
        float sum = shared.bias[0][t];
        for (int i = 1; i < kThreads / (kOutputs / 4); ++i) sum = sum + shared.bias[i][t];
        bias_scratch(job, chunk, block)[(output + t) % kLanes] = sum;
    }
};

using Tf32Gradient32 = TensorGradient<Tf32, 128, 32, 32, 32>;
using Tf32Gradient64 = TensorGradient<Tf32, 128, 64, 64, 32>;
using Tf32Gradient128 = TensorGradient<Tf32, 128, 128, 64, 64>;
using Bf16Gradient32 = TensorGradient<Bf16, 128, 32, 32, 32>;
using Bf16Gradient64 = TensorGradient<Bf16, 128, 64, 64, 32>;
using Bf16Gradient128 = TensorGradient<Bf16, 128, 128, 64, 64>;

}  // namespace gatun::GATUN_ISA_LEVEL
