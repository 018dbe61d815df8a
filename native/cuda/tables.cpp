#include "cuda/tables.h"

#include <cstring>

namespace gatun::gpu {

Piece::Piece(const Plan& plan, const Schedule* schedule, size_t block, const Staging* staging) {
    tables.parts = add(plan.parts);
    tables.waves = add(plan.waves);
    tables.every = add(plan.every);
    tables.slots = add(plan.slots);
    tables.distances = add(plan.distances);
    if (schedule != nullptr) {
        const Schedule::Block& own = schedule->blocks[block];
        tables.tasks = add(own.tasks);
        tables.first = add(own.first);
        tables.sources = add(own.sources);
        tables.feeds = add(own.feeds);
        tables.fed = add(own.fed);
        tables.stages = add(own.stages);
        tables.staged_at = add(own.staged_at);
        tables.keeps = add(own.keeps);
        tables.wave_bytes = add(schedule->wave_bytes);
        tables.own = own.own(*schedule);
    }
    if (staging != nullptr) {
        tables.copies = add(staging->copies);
        tables.copied = add(staging->copied);
        tables.batches = add(staging->batches);
        tables.due = add(staging->due);
        tables.turns = add(staging->turns);
        tables.taps_at = add(staging->taps_at);
        tables.ahead = staging->ahead();
    }
    tables.bytes = static_cast<int32_t>(bytes.size());
}

template <class T>
int32_t Piece::add(const std::vector<T>& table) {
    constexpr size_t kAlignment = 16;
    const size_t at = bytes.size(), size = table.size() * sizeof(T);
    bytes.resize((at + size + kAlignment - 1) / kAlignment * kAlignment);
    if (size > 0) std::memcpy(bytes.data() + at, table.data(), size);
    return static_cast<int32_t>(at);
}

}  // namespace gatun::gpu
