#include "cuda/schedule.h"

#include <algorithm>

namespace gatun::gpu {
namespace {

int32_t blocks_of(int32_t features) { return (features + GATUN_LANES - 1) / GATUN_LANES; }

// A part of the buffers for what is brought wave by wave; all else is for what stays.
constexpr int64_t kStreamedPart = 4;

}  // namespace

int64_t weights_of_task(const Part& part) {
    if (part.work != Work::kAffine) return 0;
    const int64_t outputs = part.then == Work::kGate ? 2 * GATUN_LANES : GATUN_LANES;
    return outputs * part.op.tap_count * part.op.inputs;
}

bool Schedule::fits(const Plan& plan) {
    return std::all_of(plan.parts.begin(), plan.parts.end(), [](const Part& part) { return part.work < Work::kCell; });
}

Schedule::Schedule(const Plan& plan, int32_t count, int64_t most) : blocks(static_cast<size_t>(count)) {
    share_out(plan);
    stage(plan);
    place(plan, most - staged_floats);
    pad();
}

// Tables of the same length for all blocks.
void Schedule::pad() {
    size_t tasks = 0, stages = 0;
    for (const Block& block : blocks) {
        tasks = std::max(tasks, block.tasks.size());
        stages = std::max(stages, block.stages.size());
    }
    for (Block& block : blocks) {
        block.tasks.resize(tasks, {-1, 0, Place::kFar, 0});
        block.stages.resize(stages, {-1, 0, 0, 0});
    }
}

int64_t Schedule::widest() const {
    int64_t most = 0;
    for (const Block& block : blocks) {
        for (size_t wave = 0; wave + 1 < block.first.size(); ++wave) {
            most = std::max<int64_t>(most, block.first[wave + 1] - block.first[wave]);
        }
    }
    return most;
}

// Each task of a wave to a block with the fewest of them, among these to the one with the fewest weights.
void Schedule::share_out(const Plan& plan) {
    for (size_t wave = 0; wave + 1 < plan.waves.size(); ++wave) {
        for (Block& block : blocks) block.first.push_back(static_cast<int32_t>(block.tasks.size()));
        const auto order = [](const Block& a, const Block& b) {
            const size_t of_a = a.tasks.size() - static_cast<size_t>(a.first.back());
            const size_t of_b = b.tasks.size() - static_cast<size_t>(b.first.back());
            return of_a != of_b ? of_a < of_b : a.weights < b.weights;
        };
        for (int32_t i = plan.waves[wave]; i < plan.waves[wave + 1]; ++i) {
            const Part& part = plan.parts[static_cast<size_t>(i)];
            for (int32_t task = 0; task < part.blocks; ++task) {
                Block& block = *std::min_element(blocks.begin(), blocks.end(), order);
                block.tasks.push_back({i, task, Place::kFar, 0});
                block.weights += weights_of_task(part);
            }
        }
    }
    for (Block& block : blocks) block.first.push_back(static_cast<int32_t>(block.tasks.size()));
}

void Schedule::stage(const Plan& plan) {
    for (Block& block : blocks) {
        block.staged_at.assign(plan.distances.size(), -1);
        int64_t floats = 0;
        for (const Task& task : block.tasks) {
            const Part& part = plan.parts[static_cast<size_t>(task.part)];
            if (part.work != Work::kAffine || part.op.inputs % 4 != 0) continue;
            for (int32_t tap = 0; tap < part.op.tap_count; ++tap) {
                const auto at = static_cast<size_t>(part.op.first_distance) + static_cast<size_t>(tap);
                if (plan.distances[at] == 0 || block.staged_at[at] >= 0) continue;
                block.staged_at[at] = static_cast<int32_t>(floats);
                for (int32_t b = 0; b < blocks_of(part.op.inputs); ++b, floats += GATUN_LANES) {
                    block.stages.push_back({part.op.input, plan.distances[at], b, static_cast<int32_t>(floats)});
                }
            }
        }
        staged_floats = std::max(staged_floats, floats);
    }
}

void Schedule::place(const Plan& plan, int64_t most) {
    int64_t all = 0, wave_floats = 0;
    for (const Block& block : blocks) {
        all = std::max(all, block.weights);
        for (size_t wave = 0; wave + 1 < block.first.size(); ++wave) {
            int64_t floats = 0;
            for (int32_t i = block.first[wave]; i < block.first[wave + 1]; ++i) {
                floats += weights_of_task(plan.parts[static_cast<size_t>(block.tasks[static_cast<size_t>(i)].part)]);
            }
            wave_floats = std::max(wave_floats, floats);
        }
    }
    most = std::max<int64_t>(most, 0);
    stream_floats = all <= most ? 0 : std::min(wave_floats, most / kStreamedPart) / GATUN_LANES * GATUN_LANES;
    for (Block& block : blocks) place(plan, block, most - 2 * stream_floats);
}

void Schedule::place(const Plan& plan, Block& block, int64_t most_near) {
    int64_t near = 0;
    for (size_t wave = 0; wave + 1 < block.first.size(); ++wave) {
        int64_t brought = 0;
        for (int32_t i = block.first[wave]; i < block.first[wave + 1]; ++i) {
            Task& task = block.tasks[static_cast<size_t>(i)];
            const int64_t floats = weights_of_task(plan.parts[static_cast<size_t>(task.part)]);
            if (floats == 0) continue;
            int64_t& taken = near + floats <= most_near ? near : brought;
            if (&taken == &brought && brought + floats > stream_floats) continue;
            task.place = &taken == &near ? Place::kNear : Place::kStream;
            task.weights = static_cast<int32_t>(taken);
            taken += floats;
        }
    }
    near_floats = std::max(near_floats, near);
}

Own Schedule::Block::own(const Schedule& of) const {
    return {tasks.data(),
            first.data(),
            stages.data(),
            staged_at.data(),
            static_cast<int32_t>(stages.size()),
            static_cast<int32_t>(of.near_floats),
            static_cast<int32_t>(of.stream_floats),
            static_cast<int32_t>(of.staged_floats)};
}

}  // namespace gatun::gpu
