// Products over all positions by blocks of threads that load for each other: what a tile of outputs at a tile of
// positions reads lies in shared memory, some inputs at a time. The sums are those of products.h, to the bit.
#pragma once

#include "cuda/pass/products.h"
#include "cuda/pass/team.h"

namespace gatun::GATUN_ISA_LEVEL {

using gpu::kSlab;
using gpu::kTileRows;

template <int kOutputs>
class ProductTile {
public:
    static constexpr int kThreads = gpu::tile_threads(kTileRows, kOutputs);
    // Blocks that a multiprocessor's registers have room for.
    static constexpr int kAtOnce = kOutputs == 64 ? 2 : 384 / kThreads;

    // Twice: one is read while the other is filled.
    struct Shared {
        alignas(16) float x[2][kSlab][kTileRows + 4];  // four more, so that what is written lies in several banks
        alignas(16) float w[2][kSlab][kOutputs];
    };

    GATUN_INLINE static void run(const Job& job, int64_t task, Shared& shared) {
        Team<kThreads, Thread> team;
        const int64_t first = task % job.tiles * kTileRows, output = task / job.tiles * kOutputs;
        const auto slabs = static_cast<int32_t>((job.flat + kSlab - 1) / kSlab);
        team.each([&](int t, Thread& own) {
            begin(job, first, output, t, own);
            fetch(job, 0, output, t, own);
            put(shared, 0, t, own);
        });
        for (int32_t slab = 0; slab < slabs; ++slab) {
            const int now = slab & 1;
            team.each([&](int t, Thread& own) {
                if (slab + 1 < slabs) fetch(job, slab + 1, output, t, own);
                const int64_t left = job.flat - int64_t{slab} * kSlab;
                if (left >= kSlab) {
                    multiply(shared, now, t, own);
                } else {
                    multiply_some(shared, now, static_cast<int>(left), t, own);
                }
                if (slab + 1 < slabs) put(shared, now ^ 1, t, own);
            });
        }
        team.each([&](int t, Thread& own) { end(job, first, output, t, own); });
    }

private:
    static constexpr int kLoads = kTileRows * kSlab / 4 / kThreads;  // of four inputs of a position
    static_assert(kThreads * 4 == kOutputs * kSlab, "a thread brings four weights of a slab");

    struct Thread {
        float even[8][4], odd[8][4];
        const float* from[kLoads];
        Four x[kLoads], w;
        int32_t tap, input;  // of the next four that it brings
    };

    GATUN_INLINE static void begin(const Job& job, int64_t first, int64_t output, int t, Thread& own) {
        const gatun_map &x = job.call.maps[0], &y = job.call.maps[1];
        GATUN_UNROLL_BY(8)
        for (int i = 0; i < kLoads; ++i) {
            const int64_t position = first + t / 4 + i * (kThreads / 4);
            own.from[i] = place(x, spot_of(y, position < job.positions ? position : first));
        }
        own.tap = t % 4 * 4 / job.call.affine.inputs;
        own.input = t % 4 * 4 % job.call.affine.inputs;
        const Share<kOutputs> share(t);
        GATUN_UNROLL_BY(4)
        for (int j = 0; j < 4; ++j) {
            const int64_t o = output + share.column + j;
            const float bias = job.call.affine.bias == nullptr || o >= job.call.affine.outputs
                                   ? 0.0f
                                   : job.call.affine.bias[o];
            GATUN_UNROLL_BY(8)
            for (int r = 0; r < 8; ++r) {
                own.even[r][j] = bias;
                own.odd[r][j] = 0.0f;
            }
        }
    }

    // Into the thread's own registers.
    GATUN_INLINE static void fetch(const Job& job, int32_t slab, int64_t output, int t, Thread& own) {
        const int64_t input = int64_t{slab} * kSlab + t % 4 * 4;
        if (job.aligned == 0) {
            fetch_each(job, input, own);
        } else if (input < job.flat) {
            const int64_t offset = job.offsets[own.tap] + own.input;
            GATUN_UNROLL_BY(8)
            for (int i = 0; i < kLoads; ++i) own.x[i] = four(own.from[i] + offset);
            for (own.input += kSlab; own.input >= job.call.affine.inputs; ++own.tap) {
                own.input -= job.call.affine.inputs;
            }
        }
        const int64_t row = int64_t{slab} * kSlab + t % 64 / 4, block = output / kLanes + t / 64;
        if (row < job.flat && block < job.blocks) {
            own.w = four(job.call.affine.weights + (block * job.flat + row) * kLanes + t % 4 * 4);
        }
    }

    // Inputs that do not lie in fours.
    GATUN_INLINE static void fetch_each(const Job& job, int64_t input, Thread& own) {
        const auto inputs = static_cast<uint32_t>(job.call.affine.inputs);
        GATUN_UNROLL_BY(4)
        for (int j = 0; j < 4; ++j) {
            if (input + j >= job.flat) continue;
            const auto flat = static_cast<uint32_t>(input + j);
            const int64_t offset = job.offsets[flat / inputs] + flat % inputs;
            GATUN_UNROLL_BY(8)
            for (int i = 0; i < kLoads; ++i) own.x[i].v[j] = own.from[i][offset];
        }
    }

    GATUN_INLINE static void put(Shared& shared, int buffer, int t, const Thread& own) {
        GATUN_UNROLL_BY(8)
        for (int i = 0; i < kLoads; ++i) {
            GATUN_UNROLL_BY(4)
            for (int j = 0; j < 4; ++j) {
                shared.x[buffer][t % 4 * 4 + j][t / 4 + i * (kThreads / 4)] = own.x[i].v[j];
            }
        }
        put_four(&shared.w[buffer][t % 64 / 4][t / 64 * kLanes + t % 4 * 4], own.w);
    }

    GATUN_INLINE static Factors factors(const Shared& shared, int buffer, int k, const Share<kOutputs>& share) {
        return Factors::at<kTileRows>(shared.x[buffer][k], share.row, shared.w[buffer][k], share.column);
    }

    // A slab begins with an even input.
    GATUN_INLINE static void multiply(const Shared& shared, int buffer, int t, Thread& own) {
        const Share<kOutputs> share(t);
        GATUN_UNROLL_THERE(8)
        for (int k = 0; k < kSlab; k += 2) {
            factors(shared, buffer, k, share).add_to(own.even);
            factors(shared, buffer, k + 1, share).add_to(own.odd);
        }
    }

    GATUN_INLINE static void multiply_some(const Shared& shared, int buffer, int count, int t, Thread& own) {
        const Share<kOutputs> share(t);
        for (int k = 0; k < count; k += 2) {
            factors(shared, buffer, k, share).add_to(own.even);
            if (k + 1 < count) factors(shared, buffer, k + 1, share).add_to(own.odd);
        }
    }

    GATUN_INLINE static void end(const Job& job, int64_t first, int64_t output, int t, const Thread& own) {
        const gatun_map& y = job.call.maps[1];
        const Share<kOutputs> share(t);
        const int64_t o = output + share.column;
        if (o >= job.call.affine.outputs) return;
        GATUN_UNROLL_BY(8)
        for (int r = 0; r < 8; ++r) {
            const int64_t position = first + share.row + (r < 4 ? r : kTileRows / 2 + r - 4);
            if (position >= job.positions) continue;
            Four sum;
            GATUN_UNROLL_BY(4)
            for (int j = 0; j < 4; ++j) sum.v[j] = own.even[r][j] + own.odd[r][j];
            add(job, place(y, spot_of(y, position)), o, sum);
        }
    }

    GATUN_INLINE static void add(const Job& job, float* to, int64_t o, Four sum) {
        if (job.call.accumulate != 0) {
            const Four before = four_of(to, o, job.call.affine.outputs, job.aligned_y != 0);
            GATUN_UNROLL_BY(4)
            for (int j = 0; j < 4; ++j) sum.v[j] = before.v[j] + sum.v[j];
        }
        if (job.aligned_y != 0) return put_four(to + o, sum);
        GATUN_UNROLL_BY(4)
        for (int j = 0; j < 4; ++j) {
            if (o + j < job.call.affine.outputs) to[o + j] = sum.v[j];
        }
    }
};

}  // namespace gatun::GATUN_ISA_LEVEL
