// Lines of a grid, one after the other: a block of threads takes an example through all of them, so that nothing waits
// for other examples. A line is some jobs of one example, the first one, that wait for each other.
#pragma once

#include <cstddef>

#include "cuda/pass/cells.h"
#include "cuda/pass/products.h"
#include "cuda/pass/team.h"

namespace gatun::GATUN_ISA_LEVEL {

class Lines {
public:
    static constexpr int kThreads = 512, kAtOnce = 1;

    // Twice: one job is run while the next is brought.
    struct Shared {
        Job job[2];
    };

    GATUN_INLINE static void run(const Job& all, int64_t example, Shared& shared) {
        Team<kThreads, Nothing> team;
        team.each([&](int t, Nothing&) { bring(all, 0, example, t, shared); });
        for (int32_t i = 0; i < all.count; ++i) {
            team.each([&](int t, Nothing&) {
                if (i + 1 < all.count) bring(all, i + 1, example, t, shared);
                run_one(shared.job[i & 1], t);
            });
        }
    }

private:
    struct Nothing {};

    static constexpr int kWords = sizeof(Job) / 8, kMapWords = sizeof(gatun_map) / 8;
    static_assert(sizeof(Job) % 8 == 0 && offsetof(Job, call) == 0 && offsetof(gatun_call, maps) == 0);
    static_assert(offsetof(gatun_map, data) == 0 && offsetof(gatun_map, stride_example) == 8);

    // Whether a word of a job is where a map lies; the next word is then how far examples are apart.
    GATUN_INLINE static bool is_place(int word) {
        constexpr int kMore = offsetof(Job, more) / 8;
        return (word < 4 * kMapWords && word % kMapWords == 0) ||
               (word >= kMore && word < kMore + 4 * kMapWords && (word - kMore) % kMapWords == 0);
    }

    GATUN_INLINE static void bring(const Job& all, int32_t i, int64_t example, int t, Shared& shared) {
        const auto* from = reinterpret_cast<const unsigned char*>(all.lines + i);
        auto* to = reinterpret_cast<unsigned char*>(&shared.job[i & 1]);
        for (int word = t; word < kWords; word += kThreads) {
            int64_t value = 0, apart = 0;
            memcpy(&value, from + word * 8, sizeof value);
            if (is_place(word) && value != 0) {
                memcpy(&apart, from + (word + 1) * 8, sizeof apart);
                value += example * apart * static_cast<int64_t>(sizeof(float));
            }
            memcpy(to + word * 8, &value, sizeof value);
        }
    }

    // Tasks are sixteen threads', who are one vector where they are played.
    GATUN_INLINE static void run_one(const Job& job, int t) {
#ifndef __CUDACC__
        if (t % kLanes != 0) return;
#endif
        for (int64_t task = t / kLanes; task < job.tasks; task += kThreads / kLanes) {
            switch (job.kind) {
                case gpu::JobKind::kLineProduct:
                    run_kLineProduct(job, task);
                    break;
                case gpu::JobKind::kCell:
                    run_kCell(job, task);
                    break;
                default:
                    run_kCellGradient(job, task);
                    break;
            }
        }
    }
};

}  // namespace gatun::GATUN_ISA_LEVEL
