// Broken step programs: gatun_step_check refuses what would read or write beside its memory, and whatever it lets pass
// runs between guard pages.
#include <doctest/doctest.h>

#include <array>
#include <functional>
#include <memory>

#include "guarded.h"
#include "step/step.h"
#include "step_graph.h"

namespace gatun::check {
namespace {

// A program whose fields can be changed; arrays keep the lengths that they were made with.
struct Mutant {
    std::vector<gatun_step_operation> operations;
    std::vector<gatun_step_slot> slots;
    std::vector<int32_t> distances;
    gatun_step_program program;

    explicit Mutant(const StepProgram& from)
        : operations(from.operations), slots(from.slots), distances(from.distances), program(from.native()) {
        point();
    }
    void point() {
        program.operations = operations.data();
        program.slots = slots.data();
        program.distances = distances.data();
    }
};

int64_t extreme(Random& random, int64_t now) {
    const auto moved = [now](uint64_t factor, uint64_t by) {  // unsigned, which may wrap
        return static_cast<int64_t>(static_cast<uint64_t>(now) * factor + by);
    };
    const std::array<int64_t, 16> chosen = {0,
                                            1,
                                            -1,
                                            2,
                                            3,
                                            moved(1, ~uint64_t{0}),
                                            moved(1, 1),
                                            moved(2, 0),
                                            16,
                                            17,
                                            INT32_MAX,
                                            INT32_MIN,
                                            INT32_MAX / 2 + 1,
                                            65536,
                                            INT32_MAX - 15,
                                            random.whole(-20, 200)};
    return chosen[static_cast<size_t>(random.whole(0, 15))];
}

template <class T>
T& any_of(std::vector<T>& values, Random& random) {
    return values[static_cast<size_t>(random.whole(0, static_cast<int64_t>(values.size()) - 1))];
}

void change(int32_t& field, Random& random) { field = static_cast<int32_t>(extreme(random, field)); }

void change_operation(gatun_step_operation& op, Random& random) {
    switch (random.whole(0, 17)) {
        case 0:
            op.kind = static_cast<int32_t>(random.whole(-1, GATUN_STEP_CELL_LSTM + 3));
            if (op.kind > GATUN_STEP_CELL_LSTM + 1) op.kind += GATUN_STEP_PACKED - GATUN_STEP_CELL_LSTM - 2;
            return;
        case 1:
            return change(op.input, random);
        case 2:
            return change(op.output, random);
        case 3:
            return change(op.inputs, random);
        case 4:
            return change(op.outputs, random);
        case 5:
            return change(op.first_distance, random);
        case 6:
            return change(op.tap_count, random);
        case 7:
            return change(op.argument, random);
        case 8:
            op.weights = nullptr;
            return;
        case 9:
            op.bias = nullptr;
            return;
        case 10:
            return change(op.every, random);
        case 11:
            op.scale = static_cast<float>(random.real(-1, 1));
            return;
        case 12:
            return change(op.base, random);
        case 13:
            return change(op.second, random);
        case 14:
            return change(op.activation, random);
        case 15:
            return change(op.lead, random);
        case 16:
            return change(op.precision, random);
        default:
            op.outside = nullptr;
    }
}

void change_slot(gatun_step_slot& slot, Random& random) {
    switch (random.whole(0, 4)) {
        case 0:
            return change(slot.features, random);
        case 1:
            return change(slot.depth, random);
        case 2:
            return change(slot.levels, random);
        case 3:
            slot.offset = static_cast<int64_t>(static_cast<uint64_t>(extreme(random, slot.offset)) * GATUN_LANES);
            return;
        default:
            slot.offset = random.whole(0, 1) == 0 ? INT64_MAX - 15 : random.whole(-100, 1000);
    }
}

void change_program(gatun_step_program& program, Random& random) {
    switch (random.whole(0, 7)) {
        case 0:
            return change(program.distribution.type, random);
        case 1:
            return change(program.distribution.levels, random);
        case 2:
            return change(program.distribution.components, random);
        case 3:
            program.state_floats = random.whole(0, 1) == 0 ? extreme(random, program.state_floats) : INT64_MIN;
            return;
        case 4:
            program.state_floats = INT64_MAX;
            return;
        // How long the arrays are cannot be seen from them: counts only shrink.
        case 5:
            program.operation_count = static_cast<int32_t>(random.whole(-1, program.operation_count));
            return;
        case 6:
            program.slot_count = static_cast<int32_t>(random.whole(-1, program.slot_count));
            return;
        default:
            program.distance_count = static_cast<int32_t>(random.whole(-1, program.distance_count));
    }
}

void mutate(Mutant& mutant, Random& random) {
    switch (random.whole(0, 6)) {
        case 0:
        case 1:
        case 2:
            return change_operation(any_of(mutant.operations, random), random);
        case 3:
        case 4:
            return change_slot(any_of(mutant.slots, random), random);
        case 5:
            return change_program(mutant.program, random);
        default:
            if (random.whole(0, 2) == 0) {  // another order
                std::swap(any_of(mutant.operations, random), any_of(mutant.operations, random));
            } else if (!mutant.distances.empty()) {
                change(any_of(mutant.distances, random), random);
            }
    }
}

// Gives every operation of an accepted program memory of the size that it states, between guard pages.
class Supplies {
public:
    static constexpr int64_t kMost = 1 << 18;  // floats; programs that want more are left alone

    bool give(Mutant& mutant) {
        const gatun_step_program& p = mutant.program;
        for (int32_t i = 0; i < p.operation_count; ++i) {
            gatun_step_operation& op = mutant.operations[static_cast<size_t>(i)];
            const int64_t blocks = (int64_t{op.outputs} + GATUN_LANES - 1) / GATUN_LANES;
            const int64_t flat = int64_t{op.tap_count} * op.inputs;
            if (op.kind >= GATUN_STEP_CELL_TANH && op.kind <= GATUN_STEP_CELL_LSTM) {
                if (op.inputs > kMost / 64 || op.outputs > kMost / 64) return false;
                op.weights = memory((op.inputs + GATUN_LANES - 1) / GATUN_LANES * GATUN_LANES * int64_t{op.outputs});
                if (op.bias != nullptr) op.bias = memory(op.inputs);
                continue;
            }
            if (op.kind == GATUN_STEP_PACKED || op.kind == GATUN_STEP_PACKED_GATE) {
                const int64_t outputs = (op.kind == GATUN_STEP_PACKED_GATE ? 2 : 1) * int64_t{op.outputs};
                if (flat > kMost || outputs > kMost || (flat + 1) * (outputs + GATUN_LANES) > kMost) return false;
                op.weights = memory(packed_bytes(op.precision, op.tap_count, op.inputs, outputs) / 4);
                op.bias = nullptr;
                continue;
            }
            if (op.kind == GATUN_STEP_AFFINE || op.kind == GATUN_STEP_LOOKUP) {
                if (flat > kMost || blocks * flat > kMost / GATUN_LANES) return false;
                op.weights = memory(blocks * flat * GATUN_LANES);
            }
            if (op.kind == GATUN_STEP_ENCODE && op.weights != nullptr) {
                if (p.distribution.levels > kMost) return false;
                op.weights = memory(p.distribution.levels);
            }
            if (op.outputs > kMost) return false;
            if (op.bias != nullptr) op.bias = memory(op.outputs);
            if (op.outside != nullptr) op.outside = memory(op.outputs);
        }
        return p.state_floats <= kMost && p.distribution.levels <= kMost;
    }

private:
    const float* memory(int64_t floats) {
        memory_.push_back(std::make_unique<Guarded<float>>(floats));
        for (int64_t i = 0; i < floats; ++i) (*memory_.back())[i] = static_cast<float>(i % 7 - 3) * 0.25f;
        return memory_.back()->data();
    }

    std::vector<std::unique_ptr<Guarded<float>>> memory_;
};

// A condition of the sizes that the program's operations state.
struct Condition {
    int32_t features = 0, classes = INT32_MAX;

    explicit Condition(const gatun_step_program& program) {
        for (int32_t i = 0; i < program.operation_count; ++i) {
            const gatun_step_operation& op = program.operations[i];
            if (op.kind == GATUN_STEP_FRAME) features = op.outputs;
            if (op.kind == GATUN_STEP_CLASS) classes = std::min(classes, op.argument);
        }
    }
};

void run_between_guards(const gatun_step_program& program, int32_t isa, Edge edge) {
    constexpr int64_t kStreams = 3, kPositions = 5;
    const Context context = context_of(isa, 1);
    const bool real = program.distribution.type == GATUN_GAUSSIAN;
    const Condition condition(program);
    Guarded<float> state(program.state_floats * kStreams, edge);
    Guarded<int32_t> levels(real ? 0 : kStreams * kPositions, edge);
    Guarded<float> reals(real ? kStreams * kPositions : 0, edge), log_prob(kStreams * kPositions, edge);
    Guarded<float> frames(std::vector<float>(static_cast<size_t>(kStreams * kPositions * condition.features), 0.5f),
                          edge);
    Guarded<int32_t> classes(std::vector<int32_t>(kStreams, condition.classes - 1), edge);
    const gatun_values values = {real ? nullptr : levels.data(), real ? reals.data() : nullptr, kPositions};
    gatun_step_run run = {state.data(),
                          {1, 2, 1.0f, 0},
                          values,
                          frames.data(),
                          classes.data(),
                          kPositions,
                          nullptr,
                          log_prob.data(),
                          0,
                          kPositions,
                          kStreams,
                          nullptr,
                          nullptr,
                          1,
                          0};
    REQUIRE(gatun_step_reset(context.get(), &program, state.data(), kStreams) == GATUN_OK);
    REQUIRE(gatun_step(context.get(), &program, &run) == GATUN_OK);
    // On, with one that stands still, one that joins and one that began long ago.
    const gatun_step_stream each[kStreams] = {{0, 1, 2, 1, 0}, {kPositions, 3, 4, 0, 0}, {-7000, 5, 6, 0, 0}};
    REQUIRE(gatun_step_reset_stream(context.get(), &program, state.data(), kStreams, 1) == GATUN_OK);
    REQUIRE(gatun_step_delay_stream(context.get(), &program, state.data(), kStreams, 2, 7001) == GATUN_OK);
    run.each = each;
    run.first_position = kPositions;
    REQUIRE(gatun_step(context.get(), &program, &run) == GATUN_OK);
    bool in_range = true;
    for (const int32_t level : levels.copy()) in_range = in_range && level >= 0 && level < program.distribution.levels;
    CHECK(in_range);
}

gatun_step_operation operation(int32_t kind, int32_t input, int32_t output, int32_t inputs, int32_t outputs,
                               int32_t first_distance, int32_t taps, int32_t argument = 0) {
    gatun_step_operation op{};
    op.kind = kind;
    op.input = input;
    op.output = output;
    op.inputs = inputs;
    op.outputs = outputs;
    op.first_distance = first_distance;
    op.tap_count = taps;
    op.argument = argument;
    op.every = 1;
    op.scale = 1;
    op.base = op.second = op.activation = -1;
    return op;
}

// A valid program with an instruction of each kind.
struct Sample {
    std::vector<float> floats = std::vector<float>(4096, 0.125f);
    Mutant mutant;

    Sample() : mutant(build(floats.data())) {}

private:
    static StepProgram build(const float* w) {
        Random random("step sample");
        StepProgram p(StepGraph({GATUN_CATEGORICAL, 5, 0, 0}, random), random);
        p.slots = {{0, 1, 4, 1, 0},   {16, 1, 4, 0, 0},  {32, 6, 2, 0, 0},  {48, 6, 1, 0, 0},  {64, 8, 1, 0, 0},
                   {80, 2, 1, 0, 0},  {96, 5, 1, 0, 0},  {112, 1, 1, 1, 0}, {128, 3, 1, 0, 0}, {144, 3, 1, 0, 0},
                   {160, 2, 1, 0, 0}, {176, 8, 1, 0, 0}, {192, 2, 2, 0, 0}, {208, 10, 1, 0, 0}};
        p.distances = {1, 3, 1, 2, 0, 0, 0, 0, 1, 0};
        p.operations = {operation(GATUN_STEP_BROADCAST, -1, 5, 0, 2, 0, 0),
                        operation(GATUN_STEP_LOOKUP, 0, 2, 5, 6, 0, 2),
                        operation(GATUN_STEP_ACTIVATION, 2, 3, 6, 6, 4, 1, GATUN_TANH),
                        operation(GATUN_STEP_COPY, 3, 4, 6, 6, 5, 1),
                        operation(GATUN_STEP_COPY, 5, 4, 2, 2, 6, 1, 6),
                        operation(GATUN_STEP_AFFINE, 4, 6, 8, 5, 7, 1),
                        operation(GATUN_STEP_DRAW, 6, -1, 0, 0, 9, 1),
                        operation(GATUN_STEP_LEVEL, -1, 0, 0, 1, 0, 0),
                        operation(GATUN_STEP_ENCODE, -1, 1, 0, 1, 0, 0),
                        operation(GATUN_STEP_CLASS, -1, 7, 0, 1, 0, 0, 7),
                        operation(GATUN_STEP_LOOKUP, 7, 8, 7, 3, 9, 1),
                        operation(GATUN_STEP_FRAME, -1, 9, 0, 3, 0, 0),
                        operation(GATUN_STEP_SUM, 8, 9, 3, 3, 9, 1, 1),
                        operation(GATUN_STEP_GATE, 3, 8, 6, 3, 9, 1),
                        operation(GATUN_STEP_CELL_GRU, 3, 10, 6, 2, 9, 1, 11),
                        operation(GATUN_STEP_CELL_LSTM, 4, 12, 8, 2, 9, 1, 13),
                        operation(GATUN_STEP_PACKED, 4, 6, 8, 5, 9, 1)};
        for (const size_t i : {0, 1, 5, 10, 14}) p.operations[i].bias = w;
        for (const size_t i : {1, 5, 8, 10, 14, 15, 16}) p.operations[i].weights = w;
        p.operations[1].outside = w;
        p.operations[0].every = INT32_MAX;
        p.operations[11].every = 2;
        p.state_floats = 224;
        return p;
    }
};

struct Corruption {
    std::string name;
    std::function<void(Mutant&)> apply;
    const char* complaint;  // a part of it
};

const Corruption kCorruptions[] = {
    {"look-up of fewer levels than are drawn", [](Mutant& m) { m.operations[1].inputs = 4; }, "inputs do not fit"},
    {"look-up without levels", [](Mutant& m) { m.operations[1].inputs = 0; }, "inputs do not fit"},
    {"look-up in a slot of floats", [](Mutant& m) { m.slots[0].levels = 0; }, "inputs do not fit"},
    {"levels that are neither yes nor no", [](Mutant& m) { m.slots[0].levels = 2; }, "neither 0 nor 1"},
    {"distance as far as the ring", [](Mutant& m) { m.distances[1] = 4; }, "a distance of 4"},
    {"negative distance", [](Mutant& m) { m.distances[0] = -1; }, "a distance of -1"},
    {"taps beyond the table", [](Mutant& m) { m.operations[1].tap_count = 11; }, "outside of the table"},
    {"taps before the table", [](Mutant& m) { m.operations[1].first_distance = -1; }, "outside of the table"},
    {"largest first tap", [](Mutant& m) { m.operations[1].first_distance = INT32_MAX; }, "outside of the table"},
    {"wider input than the slot", [](Mutant& m) { m.operations[5].inputs = 9; }, "inputs do not fit"},
    {"wider output than the slot", [](Mutant& m) { m.operations[5].outputs = 6; }, "outputs do not fit"},
    {"no weights", [](Mutant& m) { m.operations[5].weights = nullptr; }, "weights do not fit"},
    {"affine onto itself",
     [](Mutant& m) {
         m.operations[5].output = 4;
         m.operations[5].outputs = 8;
     },
     "reads what it"},
    {"copy onto itself",
     [](Mutant& m) {
         m.operations[3].input = 4;
         m.operations[3].inputs = 8;
     },
     "reads what it"},
    {"copy beyond the end", [](Mutant& m) { m.operations[4].argument = 7; }, "outputs do not fit"},
    {"copy before the start", [](Mutant& m) { m.operations[4].argument = -1; }, "negative"},
    {"copy to the far end", [](Mutant& m) { m.operations[4].argument = INT32_MAX; }, "outputs do not fit"},
    {"copy of less than a position", [](Mutant& m) { m.operations[3].inputs = 5; }, "inputs do not fit"},
    {"floats copied into levels", [](Mutant& m) { m.slots[4].levels = 1; }, "slots do not fit"},
    {"constant in levels", [](Mutant& m) { m.slots[5].levels = 1; }, "slots do not fit"},
    {"constant of another width", [](Mutant& m) { m.operations[0].outputs = 3; }, "outputs do not fit"},
    {"constant in a ring", [](Mutant& m) { m.slots[5].depth = 2; }, "not computed at each position"},
    {"constant of nothing", [](Mutant& m) { m.operations[0].bias = nullptr; }, "slots do not fit"},
    {"activation of no kind", [](Mutant& m) { m.operations[2].argument = GATUN_ELU + 1; }, "kind do not fit"},
    {"activation into levels", [](Mutant& m) { m.slots[3].levels = 1; }, "slots do not fit"},
    {"activation of another width", [](Mutant& m) { m.operations[2].outputs = 7; }, "features do not fit"},
    {"activation of two taps", [](Mutant& m) { m.operations[2].tap_count = 2; }, "taps do not fit"},
    {"no such input", [](Mutant& m) { m.operations[5].input = 14; }, "no input slot 14"},
    {"no such output", [](Mutant& m) { m.operations[5].output = -1; }, "no output slot -1"},
    {"no such operation", [](Mutant& m) { m.operations[5].kind = 1000; }, "no such kind"},
    {"no draw", [](Mutant& m) { m.program.operation_count = 6; }, "0 draws"},
    {"two draws", [](Mutant& m) { m.operations[5] = m.operations[6]; }, "2 draws"},
    {"a level before the draw", [](Mutant& m) { std::swap(m.operations[5], m.operations[7]); }, "not drawn yet"},
    {"numbers before the draw", [](Mutant& m) { std::swap(m.operations[5], m.operations[8]); }, "not drawn yet"},
    {"levels as numbers", [](Mutant& m) { m.operations[8].weights = nullptr; }, "table do not fit"},
    {"draw of other outputs", [](Mutant& m) { m.operations[6].input = 4; }, "outputs of the distribution"},
    {"more levels than outputs", [](Mutant& m) { m.program.distribution.levels = 6; }, "do not fit"},
    {"negative levels", [](Mutant& m) { m.program.distribution.levels = -5; }, "levels do not fit"},
    {"no such distribution", [](Mutant& m) { m.program.distribution.type = 4; }, "no such type"},
    {"components of a categorical", [](Mutant& m) { m.program.distribution.components = 1; }, "components do not fit"},
    {"slot behind the state", [](Mutant& m) { m.program.state_floats = 100; }, "of a state of 100"},
    {"negative state", [](Mutant& m) { m.program.state_floats = INT64_MIN; }, "a state of -"},
    {"endless state", [](Mutant& m) { m.program.state_floats = INT64_MAX; }, "a state of "},
    {"slot off its line", [](Mutant& m) { m.slots[6].offset = 97; }, "floats at 97"},
    {"slot before the state", [](Mutant& m) { m.slots[0].offset = -16; }, "floats at -16"},
    {"slot far behind the state", [](Mutant& m) { m.slots[6].offset = INT64_MAX - 15; }, "of a state of"},
    {"deeper than the state", [](Mutant& m) { m.slots[6].depth = INT32_MAX; }, "of a state of"},
    {"rings that share memory", [](Mutant& m) { m.slots[6].offset = 80; }, "slots 5 and 6 share memory"},
    {"a ring that grew into the next", [](Mutant& m) { m.slots[2].depth = 3; }, "slots 2 and 3 share memory"},
    {"no features", [](Mutant& m) { m.slots[2].features = 0; }, "no features or no depth"},
    {"no depth", [](Mutant& m) { m.slots[2].depth = 0; }, "no features or no depth"},
    {"fewer slots", [](Mutant& m) { m.program.slot_count = 6; }, "no output slot 6"},
    {"look-up of fewer levels than there are classes", [](Mutant& m) { m.operations[10].inputs = 6; }, "inputs do not"},
    {"more classes than the look-up has", [](Mutant& m) { m.operations[9].argument = 8; }, "inputs do not fit"},
    {"classes where levels are looked up", [](Mutant& m) { m.operations[9].output = 0; }, "inputs do not fit"},
    {"no classes", [](Mutant& m) { m.operations[9].argument = 0; }, "classes do not fit"},
    {"classes in floats", [](Mutant& m) { m.slots[7].levels = 0; }, "slots do not fit"},
    {"frames of other features", [](Mutant& m) { m.operations[11].outputs = 4; }, "slots do not fit"},
    {"frames of two widths", [](Mutant& m) { m.operations[13] = operation(GATUN_STEP_FRAME, -1, 5, 0, 2, 0, 0); },
     "condition's features"},
    {"sum of another width", [](Mutant& m) { m.operations[12].input = 3; }, "features do not fit"},
    {"sum onto itself", [](Mutant& m) { m.operations[12].input = 9; }, "reads what it writes"},
    {"gate of another width", [](Mutant& m) { m.operations[13].inputs = 5; }, "inputs do not fit"},
    {"gate into a wider slot", [](Mutant& m) { m.operations[13].output = 4; }, "outputs do not fit"},
    {"product onto another width", [](Mutant& m) { m.operations[16].base = 3; }, "features that are added"},
    {"product onto no slot", [](Mutant& m) { m.operations[16].base = 14; }, "features that are added"},
    {"product onto levels", [](Mutant& m) { m.operations[16].base = 7; }, "features that are added"},
    {"product onto two", [](Mutant& m) { m.operations[16].second = 6; }, "base or activation"},
    {"product's activation of no kind", [](Mutant& m) { m.operations[16].activation = GATUN_ELU + 1; }, "activation"},
    {"all taps ahead", [](Mutant& m) { m.operations[16].lead = 1; }, "taps do not fit"},
    {"fewer than no taps ahead", [](Mutant& m) { m.operations[16].lead = -1; }, "taps do not fit"},
    {"weights of no precision", [](Mutant& m) { m.operations[16].precision = GATUN_INT8_DYNAMIC + 1; }, "precision"},
    {"gate of half a vector", [](Mutant& m) { m.operations[16].kind = GATUN_STEP_PACKED_GATE; }, "outputs do not fit"},
    {"cell of other gates", [](Mutant& m) { m.operations[14].inputs = 8; }, "inputs do not fit"},
    {"cell of more units than its slot", [](Mutant& m) { m.operations[14].output = 2; }, "outputs do not fit"},
    {"cell without weights", [](Mutant& m) { m.operations[15].weights = nullptr; }, "weights do not fit"},
    {"cell that keeps too much", [](Mutant& m) { m.operations[15].argument = 11; }, "slot to itself do not fit"},
    {"cell that keeps nowhere", [](Mutant& m) { m.operations[15].argument = 14; }, "slot to itself do not fit"},
    {"cell that keeps a ring",
     [](Mutant& m) {
         m.slots[11] = {176, 8, 2, 0, 0};
     },
     "slot to itself do not fit"},
    {"cell of two taps", [](Mutant& m) { m.operations[14].tap_count = 0; }, "inputs do not fit"},
    {"cell of nothing", [](Mutant& m) { m.operations[15].outputs = 0; }, "inputs do not fit"},
    {"never", [](Mutant& m) { m.operations[12].every = 0; }, "not computed at each position"},
    {"seldom into a ring", [](Mutant& m) { m.operations[1].every = 2; }, "not computed at each position"},
    {"a draw now and then", [](Mutant& m) { m.operations[6].every = 2; }, "not computed at each position"},
    {"negative count", [](Mutant& m) { m.program.distance_count = -1; }, "a negative count"},
};

}  // namespace

TEST_CASE("step check: names what is wrong") {
    Sample sample;
    CHECK(why_invalid(sample.mutant.program).empty());
    Supplies supplies;
    REQUIRE(supplies.give(sample.mutant));
    for (const int32_t isa : levels()) run_between_guards(sample.mutant.program, isa, Edge::kEnd);
    const Context context = context_of(levels().back());
    for (const Corruption& corruption : kCorruptions) {
        Mutant mutant = sample.mutant;
        mutant.point();
        corruption.apply(mutant);
        const std::string problem = why_invalid(mutant.program);
        INFO(corruption.name, ": ", problem);
        CHECK(problem.find(corruption.complaint) != std::string::npos);
        const int32_t status = gatun_step_check(context.get(), &mutant.program);
        CHECK((status & 0xff) == GATUN_INVALID_ARGUMENT);
        char text[256];
        gatun_error_text(context.get(), status, text, sizeof text);
        CHECK(problem == text);
    }
}

TEST_CASE("step check: what it lets pass runs between guard pages") {
    Random random("step fuzz");
    int64_t refused = 0, ran = 0;
    for (int i = 0; i < 100; ++i) {
        const StepGraph graph(random_distribution(random), random);
        const StepProgram program(graph, random);
        for (int round = 0; round < 300; ++round) {
            Mutant mutant(program);
            for (int64_t changes = random.whole(1, 5) / 3 + 1; changes > 0; --changes) mutate(mutant, random);
            if (!why_invalid(mutant.program).empty()) {
                ++refused;
                continue;
            }
            Supplies supplies;
            if (!supplies.give(mutant)) continue;
            ++ran;
            INFO("graph ", i, ", round ", round);
            const int32_t isa = levels()[static_cast<size_t>(round) % levels().size()];
            run_between_guards(mutant.program, isa, round % 2 == 0 ? Edge::kStart : Edge::kEnd);
        }
    }
    CHECK(refused > 1000);
    CHECK(ran > 500);
}

}  // namespace gatun::check
