#include "cuda/conflicts.h"

#include <algorithm>

namespace gatun::gpu {

Touches::Touches(const Part& part, const std::vector<Slot>& slots, const int32_t* distances) {
    const gatun_step_operation& op = part.op;
    switch (part.work) {
        case Work::kPushValue:
        case Work::kPushLevel:
        case Work::kNadePush:
        case Work::kPushUnits:
        case Work::kFinish:
        case Work::kNadeRead:
            read(op.input);
            break;
        case Work::kDraw:
            read_taps(part, distances);
            write(kValue);
            if (part.scratch >= 0) write(part.scratch);
            return;
        case Work::kEncode:
        case Work::kLevel:
            read(kValue);
            break;
        case Work::kCopy:
            read_taps(part, distances);
            writes_.push_back({op.output, op.argument, op.argument + op.inputs});
            return;
        case Work::kCell:
            read_own(part, slots);
            write(op.argument);
            read_taps(part, distances);
            break;
        default:
            if (op.input >= 0) read_taps(part, distances);
    }
    // What is added to is read too, and who writes waits for readers and writers alike.
    write(part.then == Work::kAffine ? op.output : part.after.output);
}

void Touches::read_taps(const Part& part, const int32_t* distances) {
    const int32_t* taps = distances + part.op.first_distance;
    const bool now = std::any_of(taps, taps + part.op.tap_count, [](int32_t distance) { return distance == 0; });
    // The state's part of a recurrent cell reads what the cell wrote a position ago, which a ring of one still holds.
    if (now) read(part.op.input);
}

void Touches::read_own(const Part& part, const std::vector<Slot>& slots) {
    if (slots[static_cast<size_t>(part.op.output)].depth == 1) read(part.op.output);
}

bool Touches::overlap(const std::vector<Range>& a, const std::vector<Range>& b) {
    return std::any_of(a.begin(), a.end(), [&](const Range& x) {
        return std::any_of(b.begin(), b.end(),
                           [&](const Range& y) { return x.slot == y.slot && x.first < y.end && y.first < x.end; });
    });
}

bool Touches::conflicts_with(const Touches& other) const {
    return overlap(writes_, other.writes_) || overlap(writes_, other.reads_) || overlap(reads_, other.writes_);
}

}  // namespace gatun::gpu
