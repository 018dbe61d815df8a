// Steps allocate nothing: operator new is counted while a program runs that ran before.
#include <doctest/doctest.h>

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

#include "grid_streams.h"
#include "step/grid/team.h"

#if !defined(__SANITIZE_ADDRESS__)  // the sanitizer's own operators must stay

namespace {

std::atomic<int64_t> allocations{0};

void* counted(size_t bytes, size_t alignment) {
    allocations.fetch_add(1, std::memory_order_relaxed);
    const size_t whole = (bytes + alignment - 1) / alignment * alignment;
    void* memory = std::aligned_alloc(alignment, whole == 0 ? alignment : whole);
    if (memory == nullptr) throw std::bad_alloc();
    return memory;
}

}  // namespace

void* operator new(size_t bytes) { return counted(bytes, alignof(std::max_align_t)); }
void* operator new[](size_t bytes) { return counted(bytes, alignof(std::max_align_t)); }
void* operator new(size_t bytes, std::align_val_t alignment) { return counted(bytes, static_cast<size_t>(alignment)); }
void* operator new[](size_t bytes, std::align_val_t alignment) {
    return counted(bytes, static_cast<size_t>(alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, size_t, std::align_val_t) noexcept { std::free(memory); }

namespace gatun::check {
namespace {

constexpr int32_t kHidden = 20, kLevels = 5;
constexpr int64_t kStreams = 7, kPositions = 50;

gatun_step_operation operation(int32_t kind, int32_t input, int32_t output, int32_t inputs, int32_t outputs,
                               int32_t first_distance, int32_t taps) {
    return {nullptr, nullptr, nullptr, kind, input, output, inputs,    outputs, first_distance, taps, 0,
            1,       1.0f,    -1,      -1,   -1,    0,      GATUN_F32, 0};
}

}  // namespace

TEST_CASE("step: a run of a program that ran before allocates nothing") {
    Random random("allocation");
    const auto first = random.reals(int64_t{2} * 2 * GATUN_LANES, -1, 1),
               second = random.reals(int64_t{kHidden} * GATUN_LANES, -1, 1), table = random.reals(kLevels, -1, 1);
    const gatun_step_slot slots[] = {{0, 1, 3, 0, 0}, {16, kHidden, 1, 0, 0}, {48, kLevels, 1, 0, 0}};
    const int32_t distances[] = {2, 1, 0};
    gatun_step_operation operations[] = {
        operation(GATUN_STEP_AFFINE, 0, 1, 1, kHidden, 0, 2),
        operation(GATUN_STEP_ACTIVATION, 1, 1, kHidden, kHidden, 2, 1),
        operation(GATUN_STEP_AFFINE, 1, 2, kHidden, kLevels, 2, 1),
        operation(GATUN_STEP_DRAW, 2, -1, kLevels, 0, 2, 1),
        operation(GATUN_STEP_ENCODE, -1, 0, 0, 1, 0, 0),
    };
    operations[0].weights = first.data();
    operations[1].argument = GATUN_TANH;
    operations[2].weights = second.data();
    operations[4].weights = table.data();
    const gatun_step_program program{operations, slots, distances, {GATUN_CATEGORICAL, kLevels, 0, 0}, 64, 5, 3,
                                     3,          0,     nullptr};
    std::vector<float> state(64 * kStreams), log_prob(kStreams * kPositions);
    std::vector<int32_t> levels(kStreams * kPositions);
    for (const int32_t isa : check::levels()) {
        const Context context = context_of(isa, 1);
        REQUIRE(gatun_step_check(context.get(), &program) == GATUN_OK);
        gatun_step_run run{};
        run.state = state.data();
        run.noise = {3, 0, 1.0f, 0};
        run.log_prob = log_prob.data();
        run.positions = 1;
        run.streams = kStreams;
        REQUIRE(gatun_step_reset(context.get(), &program, state.data(), kStreams) == GATUN_OK);
        int64_t after_first = 0;
        for (int64_t position = 0; position < kPositions; ++position) {
            run.first_position = position;
            run.values = {levels.data() + position, nullptr, kPositions};
            if (gatun_step(context.get(), &program, &run) != GATUN_OK) FAIL("a step failed");
            if (position == 0) after_first = allocations.load();
        }
        const int64_t during = allocations.load() - after_first;
        INFO("level " << level_name(isa));
        CHECK(after_first > 0);  // the operators above are those that count
        CHECK(during == 0);
    }
}

TEST_CASE("grid: a run that threads share allocates nothing when it ran before") {
    Random random("grid allocation");
    constexpr grid::Worth kAll{0, 1, 0, 5};
    const Context context = context_of(check::levels().back(), 2);
    int shared = 0;
    for (int i = 0; i < 20; ++i) {
        const GridProgram program(random);
        GridStreams streams(program, random);
        if (grid::Team::members(program.p, streams.count, 2, kAll) == 1) continue;
        REQUIRE(gatun_grid_check(context.get(), &program.p) == GATUN_OK);
        ++shared;
        std::vector<float> lines(static_cast<size_t>(program.p.state_floats * streams.count + GATUN_LANES));
        const size_t beyond = reinterpret_cast<uintptr_t>(lines.data()) % 64 / sizeof(float);
        float* state = lines.data() + (GATUN_LANES - beyond) % GATUN_LANES;
        gatun_grid_run run{};
        run.state = state;
        run.noise = streams.noise;
        run.values = {streams.levels.empty() ? nullptr : streams.levels.data(),
                      streams.reals.empty() ? nullptr : streams.reals.data(), program.positions()};
        run.classes = streams.classes.data();
        run.positions = program.positions();
        run.streams = run.part = streams.count;
        int64_t after_first = 0;
        for (int turn = 0; turn < 3; ++turn) {
            if (turn == 1) after_first = allocations.load();
            REQUIRE(gatun_grid_reset(context.get(), &program.p, state, run.streams, run.part) == GATUN_OK);
            grid::run_together(context.get(), program.p, run, 2, kAll);
        }
        CHECK(allocations.load() == after_first);
    }
    CHECK(shared > 5);
}

}  // namespace gatun::check

#endif
