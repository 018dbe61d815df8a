// Gradients of products' weights by blocks of threads that load for each other: a tile of inputs times a tile of
// outputs, summed over a chunk of positions, of which some at a time lie in shared memory. Scratch is as in products.h.
#pragma once

#include "cuda/pass/gradient_slabs.h"
#include "cuda/pass/team.h"

namespace gatun::GATUN_ISA_LEVEL {

using gpu::kSlab;

template <int kInputs, int kOutputs, int kWide>
class GradientTile {
public:
    static constexpr int kThreads = gpu::tile_threads(kInputs, kOutputs, kWide);
    // Blocks that a multiprocessor's registers have room for.
    static constexpr int kAtOnce = (kThreads < 64 ? 384 : 512) / kThreads;

    struct Shared {
        alignas(16) float x[2][kSlab][kInputs];
        alignas(16) float dy[2][kSlab][kOutputs];
        const float* from_x[2][kSlab];
        const float* from_dy[2][kSlab];
    };

    GATUN_INLINE static void run(const Job& job, int64_t task, Shared& shared) {
        Team<kThreads, Thread> team;
        const int32_t across = (job.blocks * kLanes + kOutputs - 1) / kOutputs;
        const int64_t start = task % job.tiles * kInputs, output = task / job.tiles % across * kOutputs;
        const int64_t chunk = task / job.tiles / across;
        const int64_t begin = chunk_start(job.positions, job.chunks, chunk);
        const int64_t count = chunk_start(job.positions, job.chunks, chunk + 1) - begin;
        const auto slabs = static_cast<int32_t>((count + kSlab - 1) / kSlab);
        team.each([&](int t, Thread& own) {
            find_positions(job, begin, count, 0, t, shared.from_x, shared.from_dy);
            find_positions(job, begin, count, 1, t, shared.from_x, shared.from_dy);
            clear(job, start, t, own);
        });
        team.each([&](int t, Thread& own) {
            fetch(job, count, 0, output, t, own, shared);
            put(shared, 0, t, own);
        });
        for (int32_t slab = 0; slab < slabs; ++slab) {
            team.each([&](int t, Thread& own) {
                if (slab + 1 < slabs) fetch(job, count, slab + 1, output, t, own, shared);
                find_positions(job, begin, count, slab + 2, t, shared.from_x, shared.from_dy);
                const int64_t left = count - int64_t{slab} * kSlab;
                multiply(shared, slab & 1, left < kSlab ? static_cast<int>(left) : kSlab, start == 0, t, own);
                if (slab + 1 < slabs) put(shared, (slab + 1) & 1, t, own);
            });
        }
        team.each([&](int t, Thread& own) { end(job, chunk, start, output, t, own); });
    }

private:
    static constexpr int kOfX = kInputs * kSlab / 4 / kThreads, kOfDy = kOutputs * kSlab / 4 / kThreads;

    struct Thread {
        Sums<kWide> sums;
        float bias[kWide];
        Four x[kOfX], dy[kOfDy];
        int64_t offset[4];  // of the inputs that it brings; of the first alone where they lie in fours
        int seen;           // how many of them there are
    };

    GATUN_INLINE static void clear(const Job& job, int64_t start, int t, Thread& own) {
        GATUN_UNROLL_BY(8)
        for (int j = 0; j < kWide; ++j) {
            GATUN_UNROLL_BY(8)
            for (int r = 0; r < 8; ++r) own.sums[r][j] = 0.0f;
            own.bias[j] = 0.0f;
        }
        const int64_t first = start + column_of_four<kInputs>(t), left = job.flat - first;
        own.seen = left < 0 ? 0 : left < 4 ? static_cast<int>(left) : 4;
        const auto inputs = static_cast<uint32_t>(job.call.affine.inputs);
        GATUN_UNROLL_BY(4)
        for (int j = 0; j < 4; ++j) {
            const auto flat = static_cast<uint32_t>(j < own.seen ? first + j : 0);
            own.offset[j] = job.flat == 0 ? 0 : job.offsets[flat / inputs] + flat % inputs;
        }
    }

    GATUN_INLINE static void fetch(const Job& job, int64_t count, int32_t slab, int64_t output, int t, Thread& own,
                                   const Shared& shared) {
        const int64_t left = count - int64_t{slab} * kSlab;
        GATUN_UNROLL_BY(8)
        for (int i = 0; i < kOfX; ++i) {
            const int row = row_of_four<kInputs, kThreads>(t, i);
            if (row >= left || own.seen == 0) continue;
            const float* from = shared.from_x[slab & 1][row];
            if (job.aligned != 0) {
                own.x[i] = four(from + own.offset[0]);
                continue;
            }
            GATUN_UNROLL_BY(4)
            for (int j = 0; j < 4; ++j) own.x[i].v[j] = j < own.seen ? from[own.offset[j]] : 0.0f;
        }
        GATUN_UNROLL_BY(8)
        for (int i = 0; i < kOfDy; ++i) {
            const int row = row_of_four<kOutputs, kThreads>(t, i);
            if (row >= left) continue;
            own.dy[i] = four_of(shared.from_dy[slab & 1][row], output + column_of_four<kOutputs>(t),
                                job.call.maps[1].features, job.aligned_y != 0);
        }
    }

    GATUN_INLINE static void put(Shared& shared, int buffer, int t, const Thread& own) {
        GATUN_UNROLL_BY(8)
        for (int i = 0; i < kOfX; ++i) {
            const int row = row_of_four<kInputs, kThreads>(t, i);
            put_four(&shared.x[buffer][row][column_of_four<kInputs>(t)], own.x[i]);
        }
        GATUN_UNROLL_BY(8)
        for (int i = 0; i < kOfDy; ++i) {
            const int row = row_of_four<kOutputs, kThreads>(t, i);
            put_four(&shared.dy[buffer][row][column_of_four<kOutputs>(t)], own.dy[i]);
        }
    }

    GATUN_INLINE static void multiply(const Shared& shared, int buffer, int count, bool bias, int t, Thread& own) {
        const Share<kOutputs, kWide> share(t);
        const auto take = [&](int k) {
            const auto f = Factors<kWide>::at(shared.x[buffer][k], shared.dy[buffer][k], share);
            f.add_to(own.sums);
            if (!bias) return;
            GATUN_UNROLL_BY(8)
            for (int j = 0; j < kWide; ++j) own.bias[j] = own.bias[j] + f.column[j];
        };
        if (count == kSlab) {
            GATUN_UNROLL_THERE(kSlab)
            for (int k = 0; k < kSlab; ++k) take(k);
        } else {
            for (int k = 0; k < count; ++k) take(k);
        }
    }

    GATUN_INLINE static Four those(const float (&of)[kWide], int c) {
        return {{of[c], of[c + 1], of[c + 2], of[c + 3]}};
    }

    GATUN_INLINE static void end(const Job& job, int64_t chunk, int64_t start, int64_t output, int t,
                                 const Thread& own) {
        const Share<kOutputs, kWide> share(t);
        GATUN_UNROLL_BY(8)
        for (int c = 0; c < kWide; c += 4) {
            const int64_t o = output + share.column + share.behind(c, kOutputs), block = o / kLanes;
            if (block >= job.blocks) continue;
            float* to = job.scratch + chunk * job.step + block * job.flat * kLanes + o % kLanes;
            GATUN_UNROLL_BY(8)
            for (int r = 0; r < 8; ++r) {
                const int64_t flat = start + share.row + share.behind(r, kInputs);
                if (flat < job.flat) put_four(to + flat * kLanes, those(own.sums[r], c));
            }
            if (start == 0 && share.row == 0) {
                put_four(bias_scratch(job, chunk, block) + o % kLanes, those(own.bias, c));
            }
        }
    }
};

using GradientTile16 = GradientTile<128, 16, 4>;
using GradientTile32 = GradientTile<128, 32, 4>;
using GradientTile64 = GradientTile<128, 64, 4>;
// For few inputs.
using SmallGradientTile16 = GradientTile<64, 16, 4>;
using SmallGradientTile32 = GradientTile<32, 32, 4>;
using SmallGradientTile64 = GradientTile<32, 64, 4>;

}  // namespace gatun::GATUN_ISA_LEVEL
