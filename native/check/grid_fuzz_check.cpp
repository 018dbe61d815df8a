// Broken step programs of grids: gatun_grid_check refuses what would read or write beside its memory, and whatever it
// lets pass runs between guard pages.
#include <doctest/doctest.h>

#include <array>
#include <memory>

#include "grid_program.h"
#include "guarded.h"
#include "step/grid/team.h"

namespace gatun::check {
namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr int kMutants = 3000;
#else
constexpr int kMutants = 12000;
#endif

int32_t extreme(Random& random, int32_t now) {
    const auto wide = static_cast<uint32_t>(now);  // which may wrap
    const std::array<uint32_t, 14> chosen = {0u,
                                             1u,
                                             ~0u,
                                             2u,
                                             4u,
                                             wide - 1u,
                                             wide + 1u,
                                             wide * 2u,
                                             16u,
                                             17u,
                                             static_cast<uint32_t>(INT32_MAX),
                                             static_cast<uint32_t>(INT32_MIN),
                                             1u << 24,
                                             static_cast<uint32_t>(random.whole(-20, 200))};
    return static_cast<int32_t>(chosen[static_cast<size_t>(random.whole(0, 13))]);
}

template <class T>
T& any_of(std::vector<T>& values, Random& random) {
    return values[static_cast<size_t>(random.whole(0, static_cast<int64_t>(values.size()) - 1))];
}

void change_operation(gatun_grid_operation& op, Random& random) {
    int32_t* const fields[] = {&op.kind,      &op.input,     &op.output, &op.chains,      &op.chain_use,
                               &op.inputs,    &op.outputs,   &op.unseen, &op.first_input, &op.first_output,
                               &op.first_tap, &op.tap_count, &op.before, &op.behind,      &op.argument,
                               &op.every,     &op.row,       &op.column, &op.sweep,       &op.precision};
    const int64_t field = random.whole(0, 22);
    if (field == 20) op.weights = nullptr;
    if (field == 21) op.bias = nullptr;
    if (field == 22) op.outside = nullptr;
    if (field < 20) *fields[field] = extreme(random, *fields[field]);
}

void change_slot(gatun_grid_slot& slot, Random& random) {
    int32_t* const fields[] = {&slot.features, &slot.rows,  &slot.columns, &slot.left,
                               &slot.right,    &slot.scale, &slot.levels};
    const int64_t field = random.whole(0, 8);
    if (field == 7) slot.offset = int64_t{extreme(random, static_cast<int32_t>(slot.offset))} * GATUN_LANES;
    if (field == 8) slot.offset = random.whole(0, 1) == 0 ? INT64_MAX - 15 : random.whole(-100, 1000);
    if (field < 7) *fields[field] = extreme(random, *fields[field]);
}

void change_program(GridProgram& program, Random& random) {
    gatun_grid_program& p = program.p;
    int32_t* const fields[] = {&p.rows,
                               &p.columns,
                               &p.distribution.type,
                               &p.distribution.levels,
                               &p.distribution.components,
                               &p.distribution.channels};
    const int64_t field = random.whole(0, 9);
    if (field < 6) *fields[field] = extreme(random, *fields[field]);
    if (field == 6) p.state_floats = random.whole(0, 1) == 0 ? INT64_MAX : random.whole(-100, 3000);
    // How long the arrays are cannot be seen from them: counts only shrink.
    if (field == 7) p.operation_count = static_cast<int32_t>(random.whole(-1, p.operation_count));
    if (field == 8) p.slot_count = static_cast<int32_t>(random.whole(-1, p.slot_count));
    if (field == 9) p.tap_count = static_cast<int32_t>(random.whole(-1, p.tap_count));
}

void mutate(GridProgram& program, Random& random) {
    switch (random.whole(0, 8)) {
        case 0:
        case 1:
        case 2:
        case 3:
            return change_operation(any_of(program.operations, random), random);
        case 4:
        case 5:
            return change_slot(any_of(program.slots, random), random);
        case 6:
            return change_program(program, random);
        case 7:
            if (program.taps.empty()) return;
            if (random.whole(0, 1) == 0) {
                any_of(program.taps, random).row = extreme(random, any_of(program.taps, random).row);
            } else {
                any_of(program.taps, random).column = extreme(random, any_of(program.taps, random).column);
            }
            return;
        default:
            if (random.whole(0, 1) == 0) {
                any_of(program.ends, random) = extreme(random, any_of(program.ends, random));
            } else {  // another order
                std::swap(any_of(program.operations, random), any_of(program.operations, random));
            }
    }
}

// Gives every operation of an accepted program memory of the size that it states, between guard pages.
class GridSupplies {
public:
    static constexpr int64_t kMost = 1 << 18;  // floats; programs that want more are left alone

    bool give(GridProgram& program) {
        const gatun_grid_program& p = program.p;
        if (p.state_floats > kMost || p.distribution.levels > kMost || p.distribution.components > kMost) return false;
        if (program.positions() > 4000) return false;
        for (int32_t i = 0; i < p.operation_count; ++i) {
            gatun_grid_operation& op = program.operations[static_cast<size_t>(i)];
            const int64_t blocks = (int64_t{op.outputs} + GATUN_LANES - 1) / GATUN_LANES;
            if (op.outputs > kMost || flat_of(op) > kMost || blocks * flat_of(op) > kMost / GATUN_LANES) return false;
            if (op.kind == GATUN_STEP_AFFINE || op.kind == GATUN_STEP_LOOKUP) {
                op.weights = memory(blocks * flat_of(op) * GATUN_LANES);
            }
            if (op.kind == GATUN_STEP_ENCODE && op.weights != nullptr) op.weights = memory(p.distribution.levels);
            if (op.bias != nullptr) op.bias = memory(op.outputs);
            if (op.outside != nullptr) op.outside = memory(op.outputs);
        }
        return true;
    }

private:
    const float* memory(int64_t floats) {
        memory_.push_back(std::make_unique<Guarded<float>>(floats));
        for (int64_t i = 0; i < floats; ++i) (*memory_.back())[i] = static_cast<float>(i % 7 - 3) * 0.25f;
        return memory_.back()->data();
    }

    std::vector<std::unique_ptr<Guarded<float>>> memory_;
};

void run_between_guards(const GridProgram& program, int32_t isa, Edge edge, int32_t threads) {
    constexpr int64_t kStreams = 3;
    constexpr grid::Worth kAll{0, 1, 0, 5};
    const Context context = context_of(isa, threads);
    int32_t classes_most = INT32_MAX, frame = 0;
    for (int32_t i = 0; i < program.p.operation_count; ++i) {
        const gatun_grid_operation& op = program.p.operations[i];
        if (op.kind == GATUN_STEP_CLASS) classes_most = std::min(classes_most, op.argument);
        if (op.kind == GATUN_STEP_FRAME) frame = op.outputs;
    }
    const int64_t positions = program.positions();
    Guarded<float> state(program.p.state_floats * kStreams, edge);
    Guarded<int32_t> levels(program.real() ? 0 : kStreams * positions, edge);
    Guarded<float> reals(program.real() ? kStreams * positions : 0, edge), log_prob(kStreams * positions, edge);
    Guarded<float> frames(std::vector<float>(static_cast<size_t>(kStreams * positions * frame), 0.5f), edge);
    Guarded<int32_t> classes(std::vector<int32_t>(kStreams, classes_most - 1), edge);
    gatun_grid_run run{};
    run.state = state.data();
    run.noise = {1, 2, 1.0f, 0};
    run.values = {program.real() ? nullptr : levels.data(), program.real() ? reals.data() : nullptr, positions};
    run.frames = frames.data();
    run.classes = classes.data();
    run.frame_count = positions;
    run.log_prob = log_prob.data();
    run.positions = positions;
    run.streams = kStreams;
    const int64_t members = grid::Team::members(program.p, kStreams, threads, kAll);
    run.part = members > 1 ? kStreams : 2;
    REQUIRE(gatun_grid_reset(context.get(), &program.p, state.data(), kStreams, run.part) == GATUN_OK);
    if (members > 1) {
        grid::run_together(context.get(), program.p, run, members, kAll);
    } else {
        REQUIRE(gatun_grid_run_steps(context.get(), &program.p, &run) == GATUN_OK);
    }
    bool in_range = true;
    for (const int32_t level : levels.copy()) {
        in_range = in_range && level >= 0 && level < program.p.distribution.levels;
    }
    CHECK(in_range);
}

}  // namespace

TEST_CASE("grid: mutated programs are refused or stay inside of their memory") {
    Random random("grid mutants");
    const Context context = context_of(levels().back(), 1);
    int accepted = 0, refused = 0;
    for (int i = 0; i < kMutants; ++i) {
        GridProgram program(random);
        for (int64_t more = random.whole(1, 3); more > 0; --more) mutate(program, random);
        if (grid::why_invalid(program.p).empty()) {
            GridSupplies supplies;
            if (!supplies.give(program)) continue;
            INFO("mutant ", i);
            ++accepted;
            run_between_guards(program, levels()[static_cast<size_t>(i) % levels().size()],
                               i % 2 == 0 ? Edge::kStart : Edge::kEnd, i % 4 == 0 ? 3 : 1);
        } else {
            ++refused;
        }
    }
    CHECK(accepted > kMutants / 20);
    CHECK(refused > kMutants / 4);
}

}  // namespace gatun::check
