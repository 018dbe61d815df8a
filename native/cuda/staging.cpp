#include "cuda/staging.h"

#include <algorithm>

#include "cuda/laid.h"

namespace gatun::gpu {
namespace {

// Copies are of whole sixteen bytes.
constexpr int64_t kWhole = 4;

int64_t block_floats(const Part& part) {
    return room_of(part.op, int64_t{part.op.tap_count} * part.op.inputs * GATUN_LANES);
}
int32_t halves(const Part& part) { return part.then == Work::kGate ? 2 : 1; }
bool has_bias(const Part& part) { return part.op.bias != nullptr && part.op.outputs % kWhole == 0; }
// In the table of distances.
size_t place_of(const gatun_step_operation& op, int32_t tap) {
    return static_cast<size_t>(op.first_distance) + static_cast<size_t>(tap);
}
int32_t share_of(int32_t blocks, int32_t rounds) { return (blocks + rounds - 1) / rounds; }

}  // namespace

Staging::Staging(Plan& plan, int64_t most, int32_t streams)
    : taps_at(plan.distances.size(), -1), plan_(plan), most_(most / kWhole * kWhole), streams_(streams) {
    count_uses();
    std::vector<Region> regions;
    int64_t at = 0;
    for (size_t wave = 0; wave + 1 < plan.waves.size(); ++wave) {
        const int32_t rounds = rounds_of(wave);
        const int64_t size = lay(wave, rounds);
        copied.push_back(static_cast<int32_t>(copies.size()));
        each_part(wave, [&](const Part& part) { copy(part); });
        for (int32_t round = 0; round < rounds; ++round) {
            if (at + size > most_) at = 0;
            turns.push_back({static_cast<int32_t>(wave), round, static_cast<int32_t>(at), size > 0 ? 1 : 0});
            regions.push_back({at, at + size});
            at += size;
            floats = std::max(floats, at);
            if (size > 0) batches.push_back({static_cast<int32_t>(turns.size()) - 1, 0});
        }
    }
    copied.push_back(static_cast<int32_t>(copies.size()));
    begin_batches(regions);
}

// As few as need at most half of the memory each, if any do: while one reads its half the other is filled.
int32_t Staging::rounds_of(size_t wave) const {
    const int64_t half = most_ / 2;
    if (wanted(wave, 1) <= room_for(wave)) return 1;
    int32_t most = 1;
    each_part(wave, [&](const Part& part) { most = std::max(most, part.work == Work::kAffine ? part.blocks : 1); });
    for (int32_t rounds = 2; rounds <= most; ++rounds) {
        if (wanted(wave, rounds) <= half) return rounds;
    }
    return 1;
}

// Floats for a wave in one turn. What is as large as half of the memory leaves no room for the wave before it or behind
// it.
int64_t Staging::room_for(size_t wave) const {
    const int64_t all = wanted(wave, 1), half = most_ / 2;
    if (all <= half) return all;
    const int64_t before = wave == 0 ? 0 : wanted(wave - 1, 1);
    const int64_t behind = wave + 2 < plan_.waves.size() ? wanted(wave + 1, 1) : 0;
    return std::min(all, std::max(half, most_ - std::max(before, behind)));
}

int64_t Staging::wanted(size_t wave, int32_t rounds) const {
    int64_t all = 0;
    each_part(wave, [&](const Part& part) { all += wanted(part, rounds); });
    return all;
}

// Floats of a turn, if all of it is copied. What is not made in each step is not worth it.
int64_t Staging::wanted(const Part& part, int32_t rounds) const {
    if (part.op.every != 1) return 0;
    if (part.work != Work::kAffine) return columns_of(part);
    int64_t all = block_floats(part) * share_of(part.blocks, rounds) * halves(part);
    if (has_bias(part)) all += part.op.outputs;
    for (int32_t tap = 0; tap < part.op.tap_count; ++tap) {
        if (is_tap(part, tap)) all += int64_t{part.op.inputs} * streams_;
    }
    return all;
}

// Of each place in the table of distances how many parts read it there.
void Staging::count_uses() {
    uses_.resize(taps_at.size());
    const auto count = [&](const gatun_step_operation& op) {
        for (int32_t tap = 0; tap < op.tap_count; ++tap) ++uses_[place_of(op, tap)];
    };
    for (const Part& part : plan_.parts) {
        count(part.op);
        if (part.then != Work::kAffine) count(part.after);
    }
}

// A tap that is copied, if its batch begins in time.
bool Staging::is_tap(const Part& part, int32_t tap) const {
    const Slot& slot = plan_.slots[static_cast<size_t>(part.op.input)];
    const auto at = place_of(part.op, tap);
    return slot.features % kWhole == 0 && slot.offset % kWhole == 0 && slot.features == part.op.inputs &&
           plan_.distances[at] >= 1 && uses_[at] == 1;
}

// Of the weights by which a dense layer takes in something of a position: floats of a column, or 0.
int64_t Staging::column_of(const Part& part) const {
    const auto width = [&](int32_t slot) {
        return room_of(part.op, plan_.slots[static_cast<size_t>(slot)].features / 2);
    };
    switch (part.work) {
        case Work::kPushValue:
        case Work::kPushUnits:
        case Work::kNadePush:
            return width(part.op.output);
        case Work::kPushLevel:
            return width(part.op.output) * part.op.argument;
        case Work::kNadeRead:
            return width(part.op.input);
        default:
            return 0;
    }
}

// And of as many as a position can have.
int64_t Staging::columns_of(const Part& part) const {
    const int64_t column = column_of(part);
    if (part.work != Work::kPushUnits) return column;
    const int32_t* table = plan_.distances.data() + part.op.first_distance;
    int64_t most = 0;
    for (int32_t g = 1; g < (part.op.tap_count - 1) / 2; ++g) most = std::max<int64_t>(most, table[g + 1] - table[g]);
    return column * most;
}

// Where parts of a wave find what, from the beginning of each of its turns; how much that is.
int64_t Staging::lay(size_t wave, int32_t rounds) {
    const int64_t end = rounds > 1 ? wanted(wave, rounds) : room_for(wave);
    int64_t at = 0;
    for (int32_t i = plan_.waves[wave]; i < plan_.waves[wave + 1]; ++i) {
        Part& part = plan_.parts[static_cast<size_t>(i)];
        part.near = part.near_bias = -1;
        part.near_blocks = 0;
        part.turn_blocks = part.work == Work::kAffine ? share_of(part.blocks, rounds) : part.blocks;
        if (wanted(part, rounds) == 0) continue;
        if (part.work == Work::kAffine) {
            lay_product(part, rounds, at, end);
        } else if (at + columns_of(part) <= end) {
            part.near = static_cast<int32_t>(at);
            at += columns_of(part);
        }
    }
    return at;
}

// Inputs first, then as many blocks of outputs as have room.
void Staging::lay_product(Part& part, int32_t rounds, int64_t& at, int64_t end) {
    const gatun_step_operation& op = part.op;
    for (int32_t tap = 0; tap < op.tap_count; ++tap) {
        const int64_t count = int64_t{op.inputs} * streams_;
        if (!is_tap(part, tap) || at + count > end) continue;
        taps_at[place_of(op, tap)] = static_cast<int32_t>(at);
        at += count;
    }
    if (has_bias(part) && at + op.outputs <= end) {
        part.near_bias = static_cast<int32_t>(at);
        at += op.outputs;
    }
    const int64_t each = block_floats(part) * halves(part);
    const int64_t blocks = std::min<int64_t>(share_of(part.blocks, rounds), (end - at) / each);
    if (blocks <= 0) return;
    part.near = static_cast<int32_t>(at);
    part.near_blocks = static_cast<int32_t>(blocks);
    at += blocks * each;
}

void Staging::copy(const Part& part) {
    if (part.op.every != 1) return;
    if (part.work == Work::kAffine) return copy_product(part);
    if (part.near < 0) return;
    copies.push_back({part.op.weights, part.work == Work::kPushUnits ? CopyOf::kUnits : CopyOf::kColumn, part.near,
                      static_cast<int32_t>(column_of(part)), part.op.first_distance, (part.op.tap_count - 1) / 2, 0});
}

void Staging::copy_product(const Part& part) {
    const gatun_step_operation& op = part.op;
    for (int32_t tap = 0; tap < op.tap_count; ++tap) {
        const size_t table = place_of(op, tap);
        if (taps_at[table] < 0) continue;
        copies.push_back({nullptr, CopyOf::kRing, taps_at[table], op.inputs, op.input, static_cast<int32_t>(table), 0});
    }
    if (part.near_bias >= 0) {
        copies.push_back({op.bias, CopyOf::kWeights, part.near_bias, op.outputs, 0, op.outputs, 0});
    }
    const auto each = static_cast<int32_t>(block_floats(part));
    for (int32_t half = 0; half < halves(part) && part.near_blocks > 0; ++half) {
        const int32_t floats_of_turn = part.near_blocks * each;
        copies.push_back({op.weights + int64_t{half} * part.blocks * each, CopyOf::kWeights,
                          part.near + half * floats_of_turn, floats_of_turn, part.turn_blocks * each,
                          part.blocks * each, 0});
    }
}

// A batch begins with the first turn that nobody reads its place in any more: of its own step or of the one before.
void Staging::begin_batches(const std::vector<Region>& regions) {
    const size_t count = regions.size();
    std::vector<std::vector<Batch>> all(count);
    for (const bool next : {false, true}) {
        for (const Batch& batch : batches) {
            const auto turn = static_cast<size_t>(batch.turn);
            size_t last = turn + count - 1;  // a step is added, so that it counts from 0
            while (last > turn && !regions[turn].meets(regions[last % count])) --last;
            const size_t begin = last + 1;
            if ((begin < count) != next) continue;
            all[begin % count].push_back(batch);
            all[begin % count].back().next = next ? 1 : 0;
            if (next) leave_out_last(turns[turn]);
        }
    }
    batches.clear();
    for (const auto& begun : all) {
        due.push_back(static_cast<int32_t>(batches.size()));
        batches.insert(batches.end(), begun.begin(), begun.end());
    }
    due.push_back(static_cast<int32_t>(batches.size()));
}

// What a step made is not in its ring yet when copies for the next one begin.
void Staging::leave_out_last(const Turn& turn) {
    each_part(static_cast<size_t>(turn.wave), [&](const Part& part) {
        for (int32_t tap = 0; part.work == Work::kAffine && tap < part.op.tap_count; ++tap) {
            const auto at = place_of(part.op, tap);
            if (plan_.distances[at] == 1) taps_at[at] = -1;
        }
    });
}

Ahead Staging::ahead() const {
    const bool rings = std::any_of(taps_at.begin(), taps_at.end(), [](int32_t at) { return at >= 0; });
    return {turns.data(),
            copies.data(),
            copied.data(),
            batches.data(),
            due.data(),
            taps_at.data(),
            static_cast<int32_t>(turns.size()),
            static_cast<int32_t>(floats),
            rings ? 1 : 0};
}

}  // namespace gatun::gpu
