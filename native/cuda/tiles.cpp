#include "cuda/tiles.h"

#include <algorithm>
#include <cmath>

namespace gatun::gpu {
namespace {

// Cycles of a multiprocessor. It begins four warps' instructions in one, and reads 128 bytes of its own memory.
constexpr double kAtOnce = 4, kWeightReads = 4, kInputReads = 1.5;
constexpr double kLatency = 40, kFoursAtOnce = 2;

struct Time {
    double reads = 0, instructions = 0, longest = 0, tasks = 0;

    void add(const Part& part, int32_t streams, int32_t tile) {
        const double halves = part.then == Work::kGate ? 2 : 1;
        const bool bf16 = part.op.precision == GATUN_BF16;
        const double made = bf16 ? 4 : 0;  // floats of upper halves
        const double read = bf16 ? kWeightReads / 2 : kWeightReads;
        const double fours = part.op.tap_count * part.op.inputs / 4.0;
        const int32_t shares = (streams + tile - 1) / tile;
        const auto own = static_cast<double>(part.turn_blocks * shares);
        const double each = fours * ((4 * tile + made) * halves + halves + tile + 2);  // of a warp, which has two tasks
        reads += own / 2 * fours * (read * halves + kInputReads * tile);
        instructions += own / 2 * each;
        longest = std::max(longest, each + fours / kFoursAtOnce * kLatency);
        tasks += own;
    }
    double cycles(int32_t groups) const {
        const double turns = std::ceil(tasks / groups);
        return std::max({reads, instructions / kAtOnce, longest * turns});
    }
};

}  // namespace

void choose_tiles(Plan& plan, int32_t streams, int32_t groups) {
    for (size_t wave = 0; wave + 1 < plan.waves.size(); ++wave) {
        const auto first = plan.parts.begin() + plan.waves[wave], end = plan.parts.begin() + plan.waves[wave + 1];
        double least = 0;
        int32_t best = 0;
        for (int32_t tile = 1; tile <= 8 && tile <= streams; tile *= 2) {
            Time time;
            std::for_each(first, end, [&](const Part& part) {
                if (part.share == Share::kTile) time.add(part, streams, tile);
            });
            if (best != 0 && time.cycles(groups) >= least) continue;
            least = time.cycles(groups);
            best = tile;
        }
        std::for_each(first, end, [&](Part& part) { part.tile = best; });
    }
}

}  // namespace gatun::gpu
