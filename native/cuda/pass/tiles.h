// Products over all positions by blocks of threads that load for each other: what a tile of outputs at a tile of
// positions reads lies in shared memory, some inputs at a time. The sums are those of products.h, to the bit.
#pragma once

#include "cuda/pass/products.h"
#include "cuda/pass/team.h"

namespace gatun::GATUN_ISA_LEVEL {

using gpu::kSlab;

template <int kRows, int kOutputs, int kWide>
class ProductTile {
public:
    static constexpr int kThreads = gpu::tile_threads(kRows, kOutputs, kWide);
    // Blocks that a multiprocessor's registers have room for.
    static constexpr int kAtOnce = kWide == 8 ? 256 / kThreads : kThreads < 64 ? 8 : 384 / kThreads;

    // Twice: one is read while the other is filled.
    struct Shared {
        struct alignas(16) Line {
            float of[kRows];
            float gap[4];  // so that what is written lies in several banks
        };
        Line x[2][kSlab];
        alignas(16) float w[2][kSlab][kOutputs];
    };

    GATUN_INLINE static void run(const Job& job, int64_t task, Shared& shared) {
        Team<kThreads, Thread> team;
        const int64_t first = task % job.tiles * kRows, output = task / job.tiles * kOutputs;
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
    // Of four inputs of a position, and of four outputs' weights.
    static constexpr int kLoads = kRows * kSlab / 4 / kThreads, kWeights = kOutputs * kSlab / 4 / kThreads;

    struct Thread {
        Sums<kWide> even, odd;
        const float* from[kLoads];
        Four x[kLoads], w[kWeights];
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
        const Share<kOutputs, kWide> share(t);
        GATUN_UNROLL_BY(8)
        for (int j = 0; j < kWide; ++j) {
            const int64_t o = output + share.column + share.behind(j, kOutputs);
            const float bias =
                job.call.affine.bias == nullptr || o >= job.call.affine.outputs ? 0.0f : job.call.affine.bias[o];
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
        GATUN_UNROLL_BY(8)
        for (int i = 0; i < kWeights; ++i) {
            const int at = t + i * kThreads;
            const int64_t row = int64_t{slab} * kSlab + at % 64 / 4, block = output / kLanes + at / 64;
            if (row >= job.flat || block >= job.blocks) continue;
            own.w[i] = four(job.call.affine.weights + (block * job.flat + row) * kLanes + at % 4 * 4);
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
                shared.x[buffer][t % 4 * 4 + j].of[t / 4 + i * (kThreads / 4)] = own.x[i].v[j];
            }
        }
        GATUN_UNROLL_BY(8)
        for (int i = 0; i < kWeights; ++i) {
            const int at = t + i * kThreads;
            put_four(&shared.w[buffer][at % 64 / 4][at / 64 * kLanes + at % 4 * 4], own.w[i]);
        }
    }

    GATUN_INLINE static Factors<kWide> factors(const Shared& shared, int buffer, int k,
                                               const Share<kOutputs, kWide>& share) {
        return Factors<kWide>::at(shared.x[buffer][k].of, shared.w[buffer][k], share);
    }

    // A slab begins with an even input.
    GATUN_INLINE static void multiply(const Shared& shared, int buffer, int t, Thread& own) {
        const Share<kOutputs, kWide> share(t);
        GATUN_UNROLL_THERE(8)
        for (int k = 0; k < kSlab; k += 2) {
            factors(shared, buffer, k, share).add_to(own.even);
            factors(shared, buffer, k + 1, share).add_to(own.odd);
        }
    }

    GATUN_INLINE static void multiply_some(const Shared& shared, int buffer, int count, int t, Thread& own) {
        const Share<kOutputs, kWide> share(t);
        for (int k = 0; k < count; k += 2) {
            factors(shared, buffer, k, share).add_to(own.even);
            if (k + 1 < count) factors(shared, buffer, k + 1, share).add_to(own.odd);
        }
    }

    GATUN_INLINE static void end(const Job& job, int64_t first, int64_t output, int t, const Thread& own) {
        const gatun_map& y = job.call.maps[1];
        const Share<kOutputs, kWide> share(t);
        GATUN_UNROLL_BY(8)
        for (int r = 0; r < 8; ++r) {
            const int64_t position = first + share.row + share.behind(r, kRows);
            if (position >= job.positions) continue;
            float* to = place(y, spot_of(y, position));
            GATUN_UNROLL_BY(8)
            for (int c = 0; c < kWide; c += 4) {
                const int64_t o = output + share.column + share.behind(c, kOutputs);
                if (o >= job.call.affine.outputs) continue;
                Four sum;
                GATUN_UNROLL_BY(4)
                for (int j = 0; j < 4; ++j) sum.v[j] = own.even[r][c + j] + own.odd[r][c + j];
                add(job, to, o, sum);
            }
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

// For many positions.
using ProductTile16 = ProductTile<128, 16, 4>;
using ProductTile32 = ProductTile<128, 32, 4>;
using ProductTile64 = ProductTile<128, 64, 8>;
// For few, so that there are more tiles of them.
using SmallProductTile16 = ProductTile<64, 16, 4>;
using SmallProductTile32 = ProductTile<32, 32, 4>;
using SmallProductTile64 = ProductTile<32, 64, 4>;

}  // namespace gatun::GATUN_ISA_LEVEL
