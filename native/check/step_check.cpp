// Step programs: the bits of the same graph over all positions, however a run is cut up.
#include <doctest/doctest.h>

#include <array>

#include "guarded.h"
#include "halves.h"
#include "step_streams.h"
#include "step_whole.h"

namespace gatun::check {
namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr int kGraphs = 100;
#else
constexpr int kGraphs = 300;
#endif

// A step in two halves: what the first says of the values is what the second makes of them.
void step_in_halves(gatun_context* context, const gatun_step_program& program, const gatun_step_run& run) {
    Guarded<float> outputs(run.streams * distribution_outputs(program.distribution), Edge::kEnd);
    REQUIRE(gatun_step_outputs(context, &program, &run, outputs.data()) == GATUN_OK);
    REQUIRE(gatun_step_take(context, &program, &run) == GATUN_OK);
    const int64_t at = program.places == nullptr ? 0 : program.places[run.first_position];
    check_halves(context, program.distribution, run, at, outputs.data());
}

// Runs the streams in pieces of the lengths that `pieces` gives in turn, 0 for one step in halves; everything lies
// between guard pages.
Streams stepped(const StepProgram& program, const Streams& start, int32_t isa, int32_t threads, Edge edge,
                const std::vector<int64_t>& pieces) {
    const Context context = context_of(isa, threads);
    const gatun_step_program native = program.native();
    REQUIRE(gatun_step_check(context.get(), &native) == GATUN_OK);
    Guarded<float> state(program.state_floats * start.count, edge), reals(start.reals, edge),
        log_prob(start.log_prob, edge);
    Guarded<int32_t> levels(start.levels, edge);
    Guarded<uint8_t> known(start.known, edge);
    Guarded<float> frames(start.condition.frames, edge);
    Guarded<int32_t> classes(start.condition.classes, edge);
    for (size_t i = 0; i < start.log_prob.size(); ++i) {  // what is not given must not be read
        if (start.given(i)) continue;
        if (start.levels.empty()) reals[static_cast<int64_t>(i)] = Guarded<float>::poison_value();
        if (!start.levels.empty()) levels[static_cast<int64_t>(i)] = Guarded<int32_t>::poison_value();
    }
    REQUIRE(gatun_step_reset(context.get(), &native, state.data(), start.count) == GATUN_OK);
    int64_t position = 0;
    for (size_t piece = 0; position < start.positions; ++piece) {
        const int64_t length = pieces[piece % pieces.size()];
        const int64_t next = std::min(std::max<int64_t>(length, 1), start.positions - position);
        const gatun_step_run run = {state.data(),
                                    start.noise,
                                    {start.levels.empty() ? nullptr : levels.data() + position,
                                     start.reals.empty() ? nullptr : reals.data() + position, start.positions},
                                    frames.data(),
                                    classes.data(),
                                    start.condition.frame_count,
                                    start.known.empty() ? nullptr : known.data() + position,
                                    log_prob.data() + position,
                                    position,
                                    next,
                                    start.count,
                                    nullptr,
                                    nullptr,
                                    threads > 1 ? 1 : 0,
                                    0};
        if (length == 0) {
            step_in_halves(context.get(), native, run);
        } else {
            REQUIRE(gatun_step(context.get(), &native, &run) == GATUN_OK);
        }
        position += next;
    }
    Streams end = start;
    end.levels = levels.copy();
    end.reals = reals.copy();
    end.log_prob = log_prob.copy();
    return end;
}

void check_same(const Streams& a, const Streams& b) {
    CHECK(first_difference(a.levels, b.levels) == -1);
    CHECK(first_difference(a.reals, b.reals) == -1);
    CHECK(first_difference(a.log_prob, b.log_prob) == -1);
}

// Draws every position from outputs over all positions, and holds values and log-probabilities against it.
void check_whole(const StepGraph& graph, const Streams& start, const Streams& found, int32_t isa) {
    const Context context = context_of(isa, 2);
    const int32_t positions = static_cast<int32_t>(found.positions);
    Streams values = found;
    WholeGraph whole(graph, context.get(), found.condition, positions);
    const gatun_map outputs = whole.run(values.levels, values.reals);
    const gatun_values all = {values.levels.empty() ? nullptr : values.levels.data(),
                              values.reals.empty() ? nullptr : values.reals.data(), found.positions};
    std::vector<float> log_prob(found.log_prob.size());
    REQUIRE(gatun_log_prob(context.get(), &graph.d, &outputs, &all, log_prob.data(), found.positions) == GATUN_OK);
    CHECK(first_difference(log_prob, found.log_prob) == -1);
    for (int32_t position = 0; position < positions; ++position) {
        gatun_map column = outputs;
        column.data += position * outputs.stride_column;
        column.columns = 1;
        const gatun_values at = {all.levels == nullptr ? nullptr : all.levels + position,
                                 all.reals == nullptr ? nullptr : all.reals + position, found.positions};
        REQUIRE(gatun_draw(context.get(), &graph.d, &found.noise, &column, position, &at) == GATUN_OK);
    }
    for (size_t i = 0; i < found.log_prob.size(); ++i) {
        INFO("value ", i, start.given(i) ? ", given" : ", drawn");
        if (!found.levels.empty()) {
            REQUIRE(found.levels[i] == (start.given(i) ? start.levels[i] : values.levels[i]));
        } else {
            REQUIRE(same_bits(found.reals[i], start.given(i) ? start.reals[i] : values.reals[i]));
        }
    }
}

}  // namespace

TEST_CASE("step: random programs have the bits of the graph over all positions") {
    Random random("step");
    for (int i = 0; i < kGraphs; ++i) {
        const StepGraph graph(random_distribution(random), random);
        const StepProgram program(graph, random);
        const Streams start(graph, random);
        INFO("graph ", i, " of ", graph.nodes.size(), " nodes, distribution ", graph.d.type, ", ", start.count,
             " streams, ", start.positions, " positions");
        const Streams one = stepped(program, start, levels()[0], 1, Edge::kEnd, {start.positions});
        for (const int32_t isa : levels()) {
            INFO(level_name(isa));
            check_whole(graph, start, one, isa);
            check_same(one, stepped(program, start, isa, 1, Edge::kStart, {start.positions}));
            check_same(one, stepped(program, start, isa, 2, Edge::kEnd, {1}));
            check_same(one, stepped(program, start, isa, 3, Edge::kEnd, {1, 2, 5, 3}));
            check_same(one, stepped(program, start, isa, 2, Edge::kEnd, {0, 0, 2}));
        }
    }
}

TEST_CASE("step: what steps take is measured, together where there is something to share") {
    Random random("step measure");
    for (int i = 0; i < 10; ++i) {
        const StepGraph graph(random_distribution(random), random);
        const StepProgram program(graph, random);
        const gatun_step_program native = program.native();
        for (const int32_t threads : {1, 2}) {
            const Context context = context_of(levels().back(), threads);
            double apart = -1, together = -1;
            REQUIRE(gatun_step_measure(context.get(), &native, &apart, &together) == GATUN_OK);
            CHECK(apart > 0);
            CHECK(apart < 1e9);
            CHECK((threads == 1 ? together == apart : together > 0));
        }
    }
}

TEST_CASE("step: a stream is the same alone as among others") {
    Random random("step streams");
    for (int i = 0; i < 40; ++i) {
        const StepGraph graph(random_distribution(random), random);
        const StepProgram program(graph, random);
        Streams start(graph, random);
        start.known.clear();
        const Streams all = stepped(program, start, levels().back(), 2, Edge::kEnd, {4});
        const int64_t chosen = random.whole(0, start.count - 1);
        const auto first = static_cast<size_t>(chosen * start.positions);
        const auto own = [&](auto values) {
            if (!values.empty())
                values = {values.begin() + static_cast<int64_t>(first),
                          values.begin() + static_cast<int64_t>(first) + start.positions};
            return values;
        };
        Streams alone = start;
        alone.count = 1;
        alone.noise.first_sample += static_cast<uint64_t>(chosen);
        alone.levels = own(start.levels);
        alone.reals = own(start.reals);
        alone.log_prob = own(start.log_prob);
        const int64_t frames = start.condition.frame_count * StepGraph::kFrameFeatures;
        const auto frame = start.condition.frames.begin() + chosen * frames;
        alone.condition.frames = {frame, frame + frames};
        alone.condition.classes = {start.condition.classes[static_cast<size_t>(chosen)]};
        const Streams found = stepped(program, alone, levels().back(), 1, Edge::kEnd, {start.positions});
        INFO("graph ", i, ", stream ", chosen, " of ", start.count);
        CHECK(first_difference(own(all.levels), found.levels) == -1);
        CHECK(first_difference(own(all.reals), found.reals) == -1);
        CHECK(first_difference(own(all.log_prob), found.log_prob) == -1);
    }
}

TEST_CASE("step: a chain whose mode counts, with values given in between") {
    constexpr int32_t kLevels = 5;
    // Logit 10 for the level after the last one, for level 0 at the start.
    std::vector<float> weights(static_cast<size_t>(kLevels) * GATUN_LANES), outside(kLevels);
    for (int32_t level = 0; level < kLevels; ++level) {
        weights[static_cast<size_t>(level) * GATUN_LANES + static_cast<size_t>((level + 1) % kLevels)] = 10;
    }
    outside[0] = 10;
    const gatun_step_slot slots[] = {{0, 1, 2, 1, 0}, {16, kLevels, 1, 0, 0}};
    const int32_t distances[] = {1, 0};
    const gatun_step_operation operations[] = {
        {weights.data(), nullptr, outside.data(), GATUN_STEP_LOOKUP, 0, 1, kLevels, kLevels, 0, 1, 0, 1, 1, -1, -1, -1,
         0, 0, 0},
        {nullptr, nullptr, nullptr, GATUN_STEP_DRAW, 1, -1, 0, 0, 1, 1, 0, 1, 1, -1, -1, -1, 0, 0, 0},
        {nullptr, nullptr, nullptr, GATUN_STEP_LEVEL, -1, 0, 0, 1, 0, 0, 0, 1, 1, -1, -1, -1, 0, 0, 0}};
    const gatun_step_program program = {operations, slots, distances, {GATUN_CATEGORICAL, kLevels, 0, 0}, 32, 3, 2,
                                        2,          0,     nullptr};
    for (const int32_t isa : levels()) {
        const Context context = context_of(isa);
        REQUIRE(gatun_step_check(context.get(), &program) == GATUN_OK);
        alignas(64) float state[32];
        std::array<int32_t, 8> values{};
        values[4] = 1;
        const std::array<uint8_t, 8> known = {0, 0, 0, 0, 1, 0, 0, 0};
        std::array<float, 8> log_prob{};
        gatun_step_run run = {state,
                              {7, 0, 1.0f, 1},
                              {values.data(), nullptr, 8},
                              nullptr,
                              nullptr,
                              0,
                              known.data(),
                              log_prob.data(),
                              0,
                              8,
                              1,
                              nullptr,
                              nullptr,
                              0,
                              0};
        for (int round = 0; round < 2; ++round) {  // a reset forgets the round before
            REQUIRE(gatun_step_reset(context.get(), &program, state, 1) == GATUN_OK);
            REQUIRE(gatun_step(context.get(), &program, &run) == GATUN_OK);
            CHECK(values == std::array<int32_t, 8>{0, 1, 2, 3, 1, 2, 3, 4});
            for (size_t i = 0; i < 8; ++i) {
                const double total = std::log(std::exp(10.0) + 4);
                CHECK(std::fabs(static_cast<double>(log_prob[i]) - ((i == 4 ? 0 : 10) - total)) < 1e-6);
            }
        }
        run.streams = 0;
        CHECK(gatun_step(context.get(), &program, &run) == GATUN_OK);
        run.streams = 1;
        run.positions = 0;
        CHECK(gatun_step(context.get(), &program, &run) == GATUN_OK);
    }
}

}  // namespace gatun::check
