#include "step/packed_steps.h"

#include <algorithm>
#include <new>

#include "core/lines.h"
#include "ops/rounded/rounded.h"

namespace gatun {
namespace {

// Floats of both chains of a position.
int64_t chain_floats(const gatun_step_operation& op) { return 2 * packed_blocks(product_outputs(op)) * GATUN_LANES; }

// Steps of a run that leading taps can be computed for at once: what the nearest of them reads must be there.
int64_t steps_ahead(const gatun_step_program& program, const gatun_step_operation& op, int64_t streams,
                    int64_t positions) {
    if (op.lead == 0) return 0;
    const int32_t* distances = program.distances + op.first_distance;
    const int64_t nearest = *std::min_element(distances, distances + op.lead);
    const int64_t steps = std::min({nearest, kMostAhead / std::max<int64_t>(streams, 1), positions});
    return steps > 1 ? steps : 0;
}

bool is_rounded(const gatun_step_operation& op) { return is_packed(op) && op.precision == GATUN_INT8_DYNAMIC; }

// Pointers that follow slots, of all packed operations; the most taps of one; memory for the inputs that one rounds;
// bytes of all weights.
struct Sizes {
    int64_t cursors = 0, taps = 0, rounded = 0, weights = 0;

    explicit Sizes(const gatun_step_program& program) {
        for (int32_t i = 0; i < program.operation_count; ++i) {
            const gatun_step_operation& op = program.operations[i];
            if (!is_packed(op)) continue;
            cursors += op.tap_count + 3;
            taps = std::max<int64_t>(taps, op.tap_count);
            weights += packed_bytes(op.precision, op.tap_count, op.inputs, product_outputs(op));
            if (is_rounded(op)) rounded = std::max(rounded, rounded_bytes(op.tap_count, op.inputs));
        }
    }
};

}  // namespace

bool is_packed(const gatun_step_operation& op) {
    return (op.kind == GATUN_STEP_PACKED || op.kind == GATUN_STEP_PACKED_GATE) && op.every == 1;
}

int64_t product_outputs(const gatun_step_operation& op) {
    return op.kind == GATUN_STEP_PACKED_GATE ? 2 * int64_t{op.outputs} : op.outputs;
}

PackedStep packed_step(const gatun_step_operation& op) {
    PackedStep step{};
    step.weights = op.weights;
    step.x_step = op.inputs;
    step.taps = op.tap_count;
    step.lead = op.lead;
    step.inputs = op.inputs;
    step.outputs = static_cast<int32_t>(product_outputs(op));
    step.behind = static_cast<const char*>(step.weights) + packed_bytes(op.precision, op.lead, op.inputs, step.outputs);
    step.precision = op.precision;
    step.scale = op.scale;
    step.activation = op.activation;
    step.base_step = step.outputs;
    step.y_step = op.outputs;
    step.end_block = packed_blocks(step.outputs);
    return step;
}

// Parts of one piece of memory, each at a line of its own.
class PackedSteps::Memory {
public:
    explicit Memory(void* memory) : at_(static_cast<char*>(memory)) {}

    template <class Type>
    Type* take(int64_t count) {
        auto* all = reinterpret_cast<Type*>(at_);
        for (int64_t i = 0; i < count; ++i) new (all + i) Type();
        at_ += whole_lines(count * static_cast<int64_t>(sizeof(Type)));
        return all;
    }

    // Some whose contents do not matter.
    char* take_bytes(int64_t count) {
        char* all = at_;
        at_ += whole_lines(count);
        return all;
    }

private:
    char* at_;
};

int64_t PackedSteps::bytes(const gatun_step_program& program) {
    const Sizes sizes(program);
    int64_t each = 0;
    for (int32_t i = 0; i < program.operation_count; ++i) {
        const gatun_step_operation& op = program.operations[i];
        if (!is_packed(op)) continue;
        each += whole_lines(op.tap_count * static_cast<int64_t>(sizeof(float*)));
    }
    return each + whole_lines(program.operation_count * static_cast<int64_t>(sizeof(One))) +
           whole_lines(sizes.cursors * static_cast<int64_t>(sizeof(Cursor))) +
           whole_lines(sizes.taps * static_cast<int64_t>(sizeof(float*))) + sizes.rounded;
}

int64_t PackedSteps::chain_bytes(const gatun_step_program& program) {
    int64_t floats = 0;
    for (int32_t i = 0; i < program.operation_count; ++i) {
        const gatun_step_operation& op = program.operations[i];
        if (is_packed(op) && op.lead > 0) floats += kMostAhead * chain_floats(op);
    }
    return floats * static_cast<int64_t>(sizeof(float));
}

PackedSteps::PackedSteps(int32_t isa, const gatun_step_program& program, const gatun_step_run& run,
                         const Streams& streams, int64_t step, void* memory, float* chains)
    : isa_(isa), program_(program), run_(run), first_(streams.first), count_(streams.count), step_(step) {
    Memory parts(memory);
    const Sizes sizes(program);
    all_ = parts.take<One>(program.operation_count);
    cursors_ = parts.take<Cursor>(sizes.cursors);
    leads_ = parts.take<float*>(sizes.taps);
    rounded_ = parts.take_bytes(sizes.rounded);
    for (int32_t i = 0; i < program.operation_count; ++i) {
        if (!is_packed(program.operations[i])) continue;
        prepare(all_[i], program.operations[i], parts, &chains);
        all_[i].step.near = sizes.weights <= kNearBytes;
    }
    find_rounded();
}

void PackedSteps::prepare(One& one, const gatun_step_operation& op, Memory& memory, float** chains) {
    const bool gate = op.kind == GATUN_STEP_PACKED_GATE;
    PackedStep& step = one.step;
    one.kernels = is_rounded(op) ? &rounded_kernels(isa_) : &GATUN_PICK(isa_, packed_kernels);
    one.kernel = gate ? one.kernels->run_gate : one.kernels->run;
    one.x = memory.take<float*>(op.tap_count);
    one.first_cursor = cursor_count_;
    for (int32_t k = 0; k < op.tap_count; ++k) point(&one.x[k], op.input, program_.distances[op.first_distance + k]);
    step = packed_step(op);
    step.x = one.x;
    step.positions = count_;
    step.rounded = rounded_;
    if (op.base >= 0) point(const_cast<float**>(&step.base), op.base, 0);
    if (op.second >= 0) point(const_cast<float**>(&step.second), op.second, 0);
    point(&step.y, op.output, 0);
    prepare_lead(one, op, chains);
}

void PackedSteps::prepare_lead(One& one, const gatun_step_operation& op, float** chains) {
    one.ahead = static_cast<int32_t>(steps_ahead(program_, op, count_, run_.positions));
    if (one.ahead == 0) return;
    one.chains = *chains;
    one.step.chain_step = chain_floats(op);
    *chains += one.ahead * count_ * chain_floats(op);
}

// Who multiplies what the one before has rounded need not round it again.
void PackedSteps::find_rounded() {
    const auto taps = [&](const gatun_step_operation& op) { return program_.distances + op.first_distance; };
    const gatun_step_operation* last = nullptr;  // whose inputs are there
    for (int32_t i = 0; i < program_.operation_count; ++i) {
        const gatun_step_operation& op = program_.operations[i];
        if (is_rounded(op)) {
            PackedStep& step = all_[i].step;
            // All taps at once, of all streams; not of who has none of the outputs.
            const bool whole = op.lead == 0 && count_ <= kRoundedPositions;
            step.are_rounded =
                whole && last != nullptr && last->input == op.input &&
                std::equal(taps(*last), taps(*last) + last->tap_count, taps(op), taps(op) + op.tap_count);
            if (!step.are_rounded && step.first_block < step.end_block) last = whole ? &op : nullptr;
        }
        // A step may be run in two halves.
        if (op.kind == GATUN_STEP_DRAW || (last != nullptr && op.output == last->input)) last = nullptr;
    }
}

void PackedSteps::share(int64_t member, int64_t members) {
    for (int32_t i = 0; i < program_.operation_count; ++i) {
        if (!has(i)) continue;
        PackedStep& step = all_[i].step;
        const int64_t blocks = packed_blocks(step.outputs), groups = (blocks + kPackedGroup - 1) / kPackedGroup;
        step.first_block = std::min(kPackedGroup * (groups * member / members), blocks);
        step.end_block = std::min(kPackedGroup * (groups * (member + 1) / members), blocks);
    }
    find_rounded();
}

// Has a pointer follow a slot, so many positions back; in a ring of one place it stays.
void PackedSteps::point(float** to, int32_t slot, int32_t distance) {
    const gatun_step_slot& ring = program_.slots[slot];
    float* first = run_.state + ring.offset * run_.streams + first_ * ring.features;
    *to = first;
    if (ring.depth == 1) return;
    int64_t place = (run_.first_position + step_) % ring.depth - distance;
    if (place < 0) place += ring.depth;
    const int64_t step = run_.streams * ring.features;
    *to = first + place * step;
    cursors_[cursor_count_++] = {to, first + ring.depth * step, step, ring.depth * step};
}

void PackedSteps::begin(One& one) {
    if (step_ >= one.block_end) {  // a division for each step would take longer than some products
        one.block_begin = step_ - step_ % one.ahead;
        one.block_end = one.block_begin + one.ahead;
    }
    const int64_t at = step_ - one.block_begin;
    if (at == 0) {
        for (int64_t s = 0; s < count_; ++s) run_lead(one, s, std::min(int64_t{one.ahead}, run_.positions - step_));
    }
    one.step.chains = one.chains + at * count_ * one.step.chain_step;
}

// A stream's chains of the next steps, as far as rings go on without a break.
void PackedSteps::run_lead(const One& one, int64_t stream, int64_t steps) {
    PackedStep lead = one.step;
    lead.x = leads_;
    lead.x_step = run_.streams * one.step.x_step;
    lead.chain_step = count_ * one.step.chain_step;
    for (int64_t done = 0; done < steps; done += lead.positions) {
        lead.positions = steps - done;
        for (int32_t k = 0; k < lead.lead; ++k) {
            const Cursor& ring = cursors_[one.first_cursor + k];
            float* x = one.x[k] + done * ring.step;
            if (x >= ring.end) x -= ring.length;
            lead.positions = std::min(lead.positions, (ring.end - x) / ring.step);
            leads_[k] = x + stream * one.step.x_step;
        }
        lead.chains = one.chains + stream * one.step.chain_step + done * lead.chain_step;
        one.kernels->run_lead(lead);
    }
}

void PackedSteps::advance() {
    for (Cursor* c = cursors_; c < cursors_ + cursor_count_; ++c) {
        float* next = *c->to + c->step;
        *c->to = next == c->end ? next - c->length : next;
    }
    ++step_;
}

}  // namespace gatun
