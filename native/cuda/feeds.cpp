// When weights are brought into a block's own memory: as soon as what lay in their place has been used.
#include <algorithm>

#include "cuda/laid.h"
#include "cuda/schedule.h"

namespace gatun::gpu {
namespace {

struct Span {
    int64_t begin, end;
    bool meets(const Span& other) const { return begin < other.end && other.begin < end; }
};

Span span_of(const Plan& plan, const Task& task) {
    return {task.weights, task.weights + floats_of_task(plan.parts[static_cast<size_t>(task.part)])};
}

bool is_brought(const Task& task) { return task.place == Place::kNear || task.place == Place::kStream; }

// The task that had a task's place before it: the last one before it in the order of steps, which may be itself.
size_t before(const Plan& plan, const std::vector<Task>& tasks, size_t task) {
    const Span own = span_of(plan, tasks[task]);
    for (size_t back = 1; back <= tasks.size(); ++back) {
        const size_t other = (task + tasks.size() - back) % tasks.size();
        if (is_brought(tasks[other]) && own.meets(span_of(plan, tasks[other]))) return other;
    }
    return task;
}

// The copies for a task: its bias, if it has one, and the weights of its two blocks of outputs, or of one.
std::vector<Feed> copies(const Plan& plan, const Task& task) {
    const Part& part = plan.parts[static_cast<size_t>(task.part)];
    const gatun_step_operation& op = part.op;
    const bool gate = part.then == Work::kGate;
    const int64_t floats = room_of(op, int64_t{op.tap_count} * op.inputs * GATUN_LANES);
    std::vector<Feed> all;
    const auto add = [&](const float* from, int64_t to, int64_t count) {
        const auto bytes = static_cast<int32_t>(count * static_cast<int64_t>(sizeof(float)));
        all.push_back({from, static_cast<int32_t>(task.weights + to), bytes, task.barrier, 0, 0, 0});
    };
    for (int32_t half = 0; half < 2; ++half) {
        const int64_t block = task.block + int64_t{half} * (gate ? part.blocks : 1);
        const int64_t left = std::min<int64_t>(op.outputs - block * GATUN_LANES, GATUN_LANES);
        if (left <= 0) break;
        if (op.bias != nullptr) add(op.bias + block * GATUN_LANES, int64_t{half} * GATUN_LANES, left);
        add(op.weights + block * floats, kWarp + half * floats, floats);
    }
    for (const Feed& feed : all) all[0].all += feed.bytes;
    return all;
}

}  // namespace

void plan_feeds(const Plan& plan, Schedule::Block& block) {
    const size_t waves = plan.waves.size() - 1;
    std::vector<std::vector<Feed>> behind(waves + 1);  // the first: before the first step
    for (const bool next : {false, true}) {
        for (size_t i = 0; i < block.tasks.size(); ++i) {
            const Task& task = block.tasks[i];
            if (!is_brought(task)) continue;
            const size_t other = before(plan, block.tasks, i);
            const bool stays = task.place == Place::kNear, of_last = other >= i;
            std::vector<Feed> feeds = copies(plan, task);
            const auto to = [&](std::vector<Feed>& all) { all.insert(all.end(), feeds.begin(), feeds.end()); };
            if (!next && (stays || of_last)) to(behind[0]);
            if (stays || next != of_last) continue;
            for (Feed& feed : feeds) feed.next = next ? 1 : 0;
            to(behind[static_cast<size_t>(block.tasks[other].wave) + 1]);
        }
    }
    for (const auto& all : behind) {
        block.fed.push_back(static_cast<int32_t>(block.feeds.size()));
        block.feeds.insert(block.feeds.end(), all.begin(), all.end());
    }
    block.fed.push_back(static_cast<int32_t>(block.feeds.size()));
}

}  // namespace gatun::gpu
