#include "cuda/schedule.h"

#include <algorithm>
#include <climits>

#include "cuda/laid.h"

namespace gatun::gpu {
namespace {

// The value that a draw writes is read by the lane that wrote it.
bool is_of_value(Work work) { return work == Work::kDraw || work == Work::kEncode || work == Work::kLevel; }

// Numbers that a part writes, and the first of them in its slot.
int32_t written(const Part& part) { return part.work == Work::kCopy ? part.op.inputs : writing(part).outputs; }
int32_t written_at(const Part& part) { return part.work == Work::kCopy ? part.op.argument : 0; }

}  // namespace

bool is_wide(const Part& part) { return part.work == Work::kAffine && part.op.inputs % 4 == 0; }

int64_t floats_of_task(const Part& part) {
    return kWarp + room_of(part.op, int64_t{kWarp} * part.op.tap_count * part.op.inputs);
}

bool Schedule::fits(const Plan& plan) {
    return std::all_of(plan.parts.begin(), plan.parts.end(), [](const Part& part) { return part.work < Work::kCell; });
}

Schedule::Schedule(const Plan& plan, int32_t count, int64_t most) : blocks(static_cast<size_t>(count)), most_(most) {
    token = static_cast<int32_t>(plan.fast_floats);
    share_out(plan);
    count_workers();
    stage(plan);
    const int64_t room = most_ - token - GATUN_LANES - int64_t{2} * staged_floats;
    for (Block& block : blocks) {
        find_sources(plan, block);
        place(plan, block, room);
        plan_feeds(plan, block);
        by_warps(block);
        runs_ = runs_ && !block.tasks.empty();
    }
    runs_ = runs_ && plan.all_fast && room >= 0;
    pad();
}

void Schedule::share_out(const Plan& plan) {
    for (int32_t wave = 0; wave + 1 < static_cast<int32_t>(plan.waves.size()); ++wave) {
        wave_bytes.push_back(0);
        for (Block& block : blocks) block.in_wave = 0;
        for (int32_t i = plan.waves[static_cast<size_t>(wave)]; i < plan.waves[static_cast<size_t>(wave) + 1]; ++i) {
            const Part& part = plan.parts[static_cast<size_t>(i)];
            const bool wide = is_wide(part), pairs = wide && part.then != Work::kGate;
            for (int32_t block = 0; block < part.blocks; block += pairs ? 2 : 1) {
                Task task{};
                task.wave = wave;
                task.part = i;
                task.block = block;
                task.place = wide ? Place::kFar : Place::kOther;
                task.live = std::min(pairs ? kWarp : GATUN_LANES, written(part) - block * GATUN_LANES);
                give(plan, task);
            }
        }
    }
}

// To a block with the fewest tasks of the wave, among these to the one with the fewest weights.
void Schedule::give(const Plan& plan, const Task& wanted) {
    const Part& part = plan.parts[static_cast<size_t>(wanted.part)];
    Block& block =
        is_of_value(part.work) ? blocks[0] : *std::min_element(blocks.begin(), blocks.end(), [](auto& a, auto& b) {
            return a.in_wave != b.in_wave ? a.in_wave < b.in_wave : a.weights < b.weights;
        });
    Task task = wanted;
    if (part.work == Work::kDraw) {
        task.live = 1;
        task.out[0] = task.out[1] = token;
    } else {
        const Slot& slot = plan.slots[static_cast<size_t>(writing(part).output)];
        task.out[0] = slot.fast + written_at(part) + task.block * GATUN_LANES;
        task.out[1] = task.out[0] + slot.other;
    }
    wave_bytes.back() += task.live * static_cast<int32_t>(sizeof(float));
    block.tasks.push_back(task);
    block.warp_of.push_back(is_of_value(part.work) ? 0 : -1);
    ++block.in_wave;
    workers = std::max(workers, block.in_wave);
    if (is_wide(part)) block.weights += floats_of_task(part);
}

// The tasks of a block to its warps in turns: while one waits for a wave, the next begins with what it need not wait
// for.
void Schedule::count_workers() {
    constexpr int32_t kFewest = 4;
    workers = std::clamp(workers, kFewest, kMostWorkers);
    for (Block& block : blocks) {
        int32_t turn = 0;
        for (int32_t& warp : block.warp_of) {
            if (warp < 0) warp = turn++ % workers;
        }
    }
}

void Schedule::stage(const Plan& plan) {
    for (Block& block : blocks) {
        block.staged_at.assign(plan.distances.size(), -1);
        for (const Task& task : block.tasks) stage(plan, block, plan.parts[static_cast<size_t>(task.part)]);
        for (size_t i = 0; i < plan.slots.size(); ++i) {
            const auto reads = [&](const Stage& s) { return s.slot == static_cast<int32_t>(i); };
            const bool staged = std::any_of(block.stages.begin(), block.stages.end(), reads);
            if (plan.slots[i].other > 0 && (&block == blocks.data() || staged)) {
                block.keeps.push_back(static_cast<int32_t>(i));
            }
        }
    }
}

// What a part reads of two positions ago and earlier. That of one lies in fast memory.
void Schedule::stage(const Plan& plan, Block& block, const Part& part) {
    for (int32_t tap = 0; part.op.input >= 0 && tap < part.op.tap_count; ++tap) {
        const size_t at = static_cast<size_t>(part.op.first_distance) + static_cast<size_t>(tap);
        const int32_t distance = plan.distances[at], slot = part.op.input;
        const Slot& from = plan.slots[static_cast<size_t>(slot)];
        if (distance > 0 && from.other == 0) runs_ = false;
        if (distance < 2) continue;
        const auto same = [&](const Stage& s) { return s.slot == slot && s.distance == distance; };
        auto found = std::find_if(block.stages.begin(), block.stages.end(), same);
        if (found == block.stages.end()) {
            const Stage* behind = block.stages.empty() ? nullptr : &block.stages.back();
            int32_t to = behind == nullptr ? token + GATUN_LANES : behind->at + kWarp;
            const auto first = static_cast<std::ptrdiff_t>(block.stages.size());
            for (int32_t f = 0; f < from.features; f += kWarp, to += kWarp) {
                block.stages.push_back({slot, distance, f, std::min(kWarp, from.features - f), to});
            }
            found = block.stages.begin() + first;
            staged_floats = std::max(staged_floats, to - token - GATUN_LANES);
        }
        if (block.staged_at[at] >= 0 && block.staged_at[at] != found->at) runs_ = false;
        block.staged_at[at] = found->at;
    }
}

void Schedule::find_sources(const Plan& plan, Block& block) {
    for (Task& task : block.tasks) {
        const Part& part = plan.parts[static_cast<size_t>(task.part)];
        const gatun_step_operation& op = part.op;
        if (task.place == Place::kOther) continue;
        task.then = part.then;
        task.argument = part.after.argument;
        task.scale = part.after.scale;
        task.every = op.every;
        task.inputs = op.inputs;
        task.taps = op.tap_count;
        task.bias = op.bias != nullptr ? 1 : 0;
        task.sources = static_cast<int32_t>(block.sources.size());
        for (int32_t tap = 0; tap < op.tap_count; ++tap) {
            const size_t at = static_cast<size_t>(op.first_distance) + static_cast<size_t>(tap);
            const int32_t distance = plan.distances[at], staged = block.staged_at[at];
            const Slot& slot = plan.slots[static_cast<size_t>(op.input)];
            if (distance > 0 && task.lead == tap) ++task.lead;
            if (staged >= 0) {
                block.sources.push_back({{staged, staged + staged_floats}});
            } else {
                const int32_t even = slot.fast + distance * slot.other;
                block.sources.push_back({{even, slot.fast + (1 - distance) * slot.other}});
            }
        }
    }
}

// All that has room stays; or, where that is not all, everything is brought for each step, in a ring.
void Schedule::place(const Plan& plan, Block& block, int64_t room) {
    const auto base = static_cast<int32_t>(token + GATUN_LANES + 2 * staged_floats);
    const bool stays = block.weights <= room;
    int64_t cursor = 0, used = 0, of_wave = 0;
    int32_t wave = -1, barrier = 0;
    for (Task& task : block.tasks) {
        const Part& part = plan.parts[static_cast<size_t>(task.part)];
        if (!is_wide(part)) continue;
        if (task.wave != wave) of_wave = 0;
        wave = task.wave;
        // What one wave needs must never take the place of what the same needs; copies are of whole sixteen bytes.
        const int64_t size = floats_of_task(part);
        const bool whole = part.op.bias == nullptr || part.op.outputs % 4 == 0;
        if (!whole || (!stays && of_wave + size > room / 2)) continue;
        of_wave += size;
        if (!stays && cursor + size > room) cursor = 0;
        task.place = stays ? Place::kNear : Place::kStream;
        task.weights = base + static_cast<int32_t>(cursor);
        task.barrier = barrier++;
        cursor += size;
        used = std::max(used, cursor);
    }
    floats = std::max(floats, base + static_cast<int32_t>(used));
    barriers = std::max(barriers, barrier);
}

// Warp by warp, those of each in the order of waves.
void Schedule::by_warps(Block& block) const {
    std::vector<Task> ordered;
    for (int32_t warp = 0; warp < workers; ++warp) {
        block.first.push_back(static_cast<int32_t>(ordered.size()));
        for (size_t i = 0; i < block.tasks.size(); ++i) {
            if (block.warp_of[i] == warp) ordered.push_back(block.tasks[i]);
        }
        if (static_cast<int32_t>(ordered.size()) > block.first.back()) ordered.back().last = 1;
    }
    block.first.push_back(static_cast<int32_t>(ordered.size()));
    block.tasks = std::move(ordered);
}

// Tables of the same length for all blocks.
void Schedule::pad() {
    size_t tasks = 0, sources = 0, feeds = 0, stages = 0, keeps = 0;
    for (const Block& block : blocks) {
        tasks = std::max(tasks, block.tasks.size());
        sources = std::max(sources, block.sources.size());
        feeds = std::max(feeds, block.feeds.size());
        stages = std::max(stages, block.stages.size());
        keeps = std::max(keeps, block.keeps.size());
    }
    for (Block& block : blocks) {
        block.tasks.resize(tasks);
        block.sources.resize(sources);
        block.feeds.resize(feeds);
        block.stages.resize(stages, {-1, 0, 0, 0, 0});
        block.keeps.resize(keeps, -1);
    }
}

Own Schedule::Block::own(const Schedule& of) const {
    return {tasks.data(),
            first.data(),
            sources.data(),
            feeds.data(),
            fed.data(),
            stages.data(),
            staged_at.data(),
            keeps.data(),
            of.wave_bytes.data(),
            static_cast<int32_t>(stages.size()),
            static_cast<int32_t>(keeps.size()),
            of.barriers,
            of.workers,
            of.staged_floats,
            of.token,
            of.floats};
}

}  // namespace gatun::gpu
