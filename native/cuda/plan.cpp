#include "cuda/plan.h"

#include <algorithm>

#include "cuda/conflicts.h"
#include "ops/distribution/distribution.h"

namespace gatun::gpu {
namespace {

int64_t whole_blocks(int64_t count) { return (count + GATUN_LANES - 1) / GATUN_LANES; }

// Of fast memory.
int64_t floats_of(const Slot& slot) { return whole_blocks(slot.features) * GATUN_LANES + slot.other; }

}  // namespace

bool knows(int32_t kind) { return kind >= GATUN_STEP_AFFINE && kind <= GATUN_STEP_NADE; }

int64_t tasks_of(const Part& part, int64_t streams, int64_t tile) {
    const int64_t each = part.share == Share::kOne ? 1 : part.share == Share::kTile ? tile : GATUN_LANES;
    return part.blocks * ((streams + each - 1) / each);
}

Plan::Plan(const gatun_step_program& program, int64_t most_fast, bool two_places)
    : distances(program.distances, program.distances + program.distance_count),
      state_floats(program.state_floats),
      from_(program),
      two_places_(two_places) {
    for (int32_t i = 0; i < program.slot_count; ++i) {
        const gatun_step_slot& slot = program.slots[i];
        slots.push_back({slot.offset, slot.features, slot.depth, slot.levels, -1, 0, 0});
    }
    for (int32_t i = 0; i < program.operation_count; ++i) cut(program.operations[i]);
    fuse();
    order();
    choose_fast(most_fast);
}

Program Plan::program() const {
    return {parts.data(),
            waves.data(),
            every.data(),
            slots.data(),
            distances.data(),
            from_.places,
            from_.distribution,
            state_floats,
            fast_floats,
            static_cast<int32_t>(waves.size()) - 1,
            static_cast<int32_t>(slots.size()),
            from_.chain};
}

int64_t Plan::widest(int64_t streams, int64_t tile) const {
    int64_t most = 0;
    for (size_t wave = 0; wave + 1 < waves.size(); ++wave) {
        int64_t tasks = 0;
        for (int32_t i = waves[wave]; i < waves[wave + 1]; ++i) {
            tasks += tasks_of(parts[static_cast<size_t>(i)], streams, tile);
        }
        most = std::max(most, tasks);
    }
    return most;
}

void Plan::add(const gatun_step_operation& op, Work work, Share share, int64_t blocks, int32_t scratch) {
    parts.push_back({op, work, share, static_cast<int32_t>(blocks), scratch, Work::kAffine, {}});
}

int32_t Plan::scratch_slot(int64_t floats) {
    if (floats == 0) return -1;
    const int64_t lines = whole_blocks(floats) * GATUN_LANES;
    slots.push_back({state_floats, static_cast<int32_t>(lines), 1, 0, -1, 0, 0});
    state_floats += lines;
    return static_cast<int32_t>(slots.size()) - 1;
}

void Plan::cut(const gatun_step_operation& op) {
    const int64_t blocks = whole_blocks(op.outputs);
    switch (op.kind) {
        case GATUN_STEP_AFFINE:
            return add(op, Work::kAffine, Share::kTile, blocks);
        case GATUN_STEP_LOOKUP:
            return add(op, Work::kLookup, Share::kOne, blocks);
        case GATUN_STEP_ACTIVATION:
            return add(op, Work::kActivation, Share::kOne, blocks);
        case GATUN_STEP_GATE:
            return add(op, Work::kGate, Share::kOne, blocks);
        case GATUN_STEP_SUM:
            return add(op, Work::kSum, Share::kOne, blocks);
        case GATUN_STEP_COPY:
            return add(op, Work::kCopy, Share::kOne, whole_blocks(op.inputs));
        case GATUN_STEP_BROADCAST:
            return add(op, Work::kBroadcast, Share::kOne, blocks);
        case GATUN_STEP_FRAME:
            return add(op, Work::kFrame, Share::kOne, blocks);
        case GATUN_STEP_CLASS:
            return add(op, Work::kClass, Share::kLanes, 1);
        case GATUN_STEP_DRAW:
            return add(op, Work::kDraw, Share::kOne, 1, scratch_slot(distribution_scratch(from_.distribution)));
        case GATUN_STEP_ENCODE:
            return add(op, Work::kEncode, Share::kLanes, 1);
        case GATUN_STEP_LEVEL:
            return add(op, Work::kLevel, Share::kLanes, 1);
        case GATUN_STEP_PUSH_VALUE:
            return add(op, Work::kPushValue, Share::kOne, blocks);
        case GATUN_STEP_PUSH_LEVEL:
            return add(op, Work::kPushLevel, Share::kOne, blocks);
        case GATUN_STEP_PUSH_UNITS:
            return add(op, Work::kPushUnits, Share::kOne, blocks);
        case GATUN_STEP_FINISH:
            return add(op, Work::kFinish, Share::kOne, blocks);
        case GATUN_STEP_NADE:
            if (op.argument == 0) return add(op, Work::kNadeRead, Share::kOne, 1);
            return add(op, Work::kNadePush, Share::kOne,
                       slots[static_cast<size_t>(op.output)].features / (2 * GATUN_LANES));
        default:
            return cut_cell(op);
    }
}

// The product of the state with its weights goes to where the cell keeps its gates.
void Plan::cut_cell(const gatun_step_operation& op) {
    gatun_step_operation product = op;
    product.kind = GATUN_STEP_AFFINE;
    product.input = op.output;
    product.output = op.argument;
    product.inputs = op.outputs;
    product.outputs = op.inputs;
    product.first_distance = static_cast<int32_t>(distances.size());
    product.tap_count = 1;
    distances.push_back(std::min(slots[static_cast<size_t>(op.output)].depth - 1, 1));
    add(product, Work::kAffine, Share::kTile, whole_blocks(product.outputs));
    add(op, Work::kCell, Share::kOne, whole_blocks(op.outputs));
}

// The part that alone reads a slot, at its newest position; parts.size() if there is none.
size_t Plan::only_reader(int32_t slot) const {
    size_t reader = parts.size();
    int writers = 0;
    for (size_t i = 0; i < parts.size(); ++i) {
        const Part& part = parts[i];
        writers += part.op.output == slot ? 1 : 0;
        // A cell's state and what it keeps are read besides inputs.
        if (part.work == Work::kCell && part.op.argument == slot) return parts.size();
        if (part.op.input != slot) continue;
        if (reader != parts.size()) return parts.size();
        reader = i;
    }
    return writers == 1 ? reader : parts.size();
}

// Whether what reads a product alone can be done at once with it, in its own place.
bool Plan::may_fuse(size_t product, size_t after) const {
    const gatun_step_operation& op = parts[product].op;
    const gatun_step_operation& then = parts[after].op;
    if (after <= product || then.every != op.every || then.output == op.input) return false;
    if (slots[static_cast<size_t>(op.output)].depth != 1) return false;
    if (parts[after].work == Work::kGate) {
        if (then.outputs % GATUN_LANES != 0) return false;
    } else if (parts[after].work != Work::kSum && parts[after].work != Work::kActivation) {
        return false;
    }
    const Touches touches(parts[product], slots, distances.data());
    for (size_t i = product + 1; i < after; ++i) {
        if (Touches(parts[i], slots, distances.data()).conflicts_with(touches)) return false;
    }
    return true;
}

// What is made of a product's outputs, and of nothing else, is made before they are stored, which then they need not
// be.
void Plan::fuse() {
    for (size_t i = 0; i < parts.size(); ++i) {
        if (parts[i].work != Work::kAffine || parts[i].then != Work::kAffine) continue;
        const size_t after = only_reader(parts[i].op.output);
        if (after == parts.size() || !may_fuse(i, after)) continue;
        Part fused = parts[i];
        fused.then = parts[after].work;
        fused.after = parts[after].op;
        if (fused.then == Work::kGate) fused.blocks = static_cast<int32_t>(fused.after.outputs / GATUN_LANES);
        parts[after] = fused;
        parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(i));
        --i;
    }
}

bool Plan::is_read_now(const Part& part, int32_t slot) const {
    if (part.op.input != slot) return false;
    const int32_t* taps = distances.data() + part.op.first_distance;
    const auto now = [](int32_t distance) { return distance == 0; };
    return part.op.kind >= GATUN_STEP_PUSH_VALUE || std::any_of(taps, taps + part.op.tap_count, now);
}

// Whether all that a step reads of a slot's newest position has been written in the same step: the first that touches
// it writes all of it.
bool Plan::is_made_anew(int32_t slot) const {
    int32_t copied = 0;
    for (const Part& part : parts) {
        if (is_read_now(part, slot)) return false;
        if (part.scratch == slot) return true;
        const gatun_step_operation& op = writing(part);
        if (part.work == Work::kCell && op.argument == slot) return false;
        if (op.output != slot) continue;
        if (part.work == Work::kCopy && op.every == 1 && op.argument == copied) {
            copied += op.inputs;
            if (copied < slots[static_cast<size_t>(slot)].features) continue;
            return true;
        }
        // The product of a cell's state leaves alone what the cell keeps besides its gates.
        const bool all = op.outputs == slots[static_cast<size_t>(slot)].features;
        const bool whole = all && op.kind <= GATUN_STEP_CELL_LSTM && op.kind != GATUN_STEP_COPY;
        const bool adds = op.kind == GATUN_STEP_SUM && op.argument != 0;
        return whole && !adds && op.every == 1;
    }
    return false;
}

Plan::Life Plan::life_of(int32_t slot) const {
    Life life{slot, static_cast<int32_t>(waves.size()), -1};
    for (int32_t wave = 0; wave + 1 < static_cast<int32_t>(waves.size()); ++wave) {
        for (int32_t i = waves[static_cast<size_t>(wave)]; i < waves[static_cast<size_t>(wave) + 1]; ++i) {
            const Part& part = parts[static_cast<size_t>(i)];
            const bool cell = part.work == Work::kCell && part.op.argument == slot;
            if (part.op.input == slot || writing(part).output == slot || part.scratch == slot || cell) {
                life.first = std::min(life.first, wave);
                life.last = wave;
            }
        }
    }
    return life;
}

// What lives at different times may lie in the same place.
void Plan::choose_fast(int64_t most) {
    std::vector<Life> lives;
    for (int32_t i = 0; i < static_cast<int32_t>(slots.size()); ++i) {
        Slot& slot = slots[static_cast<size_t>(i)];
        Life life = life_of(i);
        const bool anew = is_made_anew(i);
        if (life.last < 0) continue;
        if (slot.depth > 1 && !anew) {
            all_fast = false;
            continue;
        }
        if (slot.depth > 1 && two_places_) {
            slot.other = static_cast<int32_t>(whole_blocks(slot.features) * GATUN_LANES);
            life = {i, 0, INT32_MAX};
        }
        if (!anew) {
            slot.kept = 1;
            life = {i, 0, INT32_MAX};
        }
        lives.push_back(life);
    }
    std::stable_sort(lives.begin(), lives.end(), [](const Life& a, const Life& b) { return a.first < b.first; });
    std::vector<Life> placed;
    for (const Life& life : lives) {
        Slot& slot = slots[static_cast<size_t>(life.slot)];
        const int64_t floats = floats_of(slot);
        int64_t at = 0;
        for (bool moved = true; moved;) {  // behind all that are in its way
            moved = false;
            for (const Life& other : placed) {
                const Slot& there = slots[static_cast<size_t>(other.slot)];
                const int64_t end = there.fast + floats_of(there);
                if (other.first <= life.last && life.first <= other.last && at < end && there.fast < at + floats) {
                    at = end;
                    moved = true;
                }
            }
        }
        if (at + floats > most) {
            all_fast = false;
            continue;
        }
        slot.fast = static_cast<int32_t>(at);
        fast_floats = std::max(fast_floats, at + floats);
        placed.push_back(life);
    }
}

}  // namespace gatun::gpu
