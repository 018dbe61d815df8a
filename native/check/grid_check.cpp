// Step programs of grids: the bits of their definition, however a run is cut up, on every level, in parts of any size.
#include <doctest/doctest.h>

#include "grid_streams.h"
#include "guarded.h"
#include "step/grid/team.h"

namespace gatun::check {
namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr int kPrograms = 80;
#else
constexpr int kPrograms = 250;
#endif

struct Cut {
    int32_t isa, threads;
    Edge edge;
    int64_t part;
    std::vector<int64_t> pieces;
    int64_t patience = -1;  // of who shares a part; below 0: nobody does
};

// Together whatever can be shared is: these programs are too small for what pays.
void run_steps(gatun_context* context, const gatun_grid_program& program, const gatun_grid_run& run, int64_t patience) {
    const grid::Worth worth{0, 1, 0, patience};
    const int64_t members = grid::Team::members(program, run.streams, context->pool.threads(), worth);
    if (patience < 0 || members == 1) {
        REQUIRE(gatun_grid_run_steps(context, &program, &run) == GATUN_OK);
    } else {
        grid::run_together(context, program, run, members, worth);
    }
}

void step_in_halves(gatun_context* context, const gatun_grid_program& program, const gatun_grid_run& run) {
    Guarded<float> outputs(run.streams * distribution_outputs(program.distribution), Edge::kEnd);
    REQUIRE(gatun_grid_outputs(context, &program, &run, outputs.data()) == GATUN_OK);
    REQUIRE(gatun_grid_take(context, &program, &run) == GATUN_OK);
    check_halves(context, program, run, outputs.data());
}

// Runs the streams in pieces of the lengths that `pieces` gives in turn, 0 for one step in halves; everything lies
// between guard pages.
GridStreams stepped(const GridProgram& program, const GridStreams& start, const Cut& cut) {
    const Context context = context_of(cut.isa, cut.threads);
    REQUIRE(gatun_grid_check(context.get(), &program.p) == GATUN_OK);
    Guarded<float> state(program.p.state_floats * start.count, cut.edge), reals(start.reals, cut.edge),
        log_prob(start.log_prob, cut.edge);
    Guarded<int32_t> levels(start.levels, cut.edge), classes(start.classes, cut.edge);
    Guarded<uint8_t> known(start.known, cut.edge);
    for (size_t i = 0; i < start.log_prob.size(); ++i) {  // what is not given must not be read
        if (!start.known.empty() && start.known[i] != 0) continue;
        if (start.levels.empty()) reals[static_cast<int64_t>(i)] = Guarded<float>::poison_value();
        if (!start.levels.empty()) levels[static_cast<int64_t>(i)] = Guarded<int32_t>::poison_value();
    }
    REQUIRE(gatun_grid_reset(context.get(), &program.p, state.data(), start.count, cut.part) == GATUN_OK);
    int64_t position = 0;
    for (size_t piece = 0; position < program.positions(); ++piece) {
        const int64_t length = cut.pieces[piece % cut.pieces.size()];
        const int64_t next = std::min(std::max<int64_t>(length, 1), program.positions() - position);
        gatun_grid_run run{};
        run.state = state.data();
        run.noise = start.noise;
        run.values = {start.levels.empty() ? nullptr : levels.data(), start.reals.empty() ? nullptr : reals.data(),
                      program.positions()};
        run.classes = classes.data();
        run.known = start.known.empty() ? nullptr : known.data();
        run.log_prob = log_prob.data();
        run.first_position = position;
        run.positions = next;
        run.streams = start.count;
        run.part = cut.part;
        if (length == 0) {
            step_in_halves(context.get(), program.p, run);
        } else {
            run_steps(context.get(), program.p, run, cut.patience);
        }
        position += next;
    }
    GridStreams end = start;
    end.levels = levels.copy();
    end.reals = reals.copy();
    end.log_prob = log_prob.copy();
    for (int64_t s = 0; s < start.count; ++s) {
        const int64_t first = s / cut.part * cut.part;
        append_stream(program, state.data() + program.p.state_floats * first, std::min(cut.part, start.count - first),
                      s - first, end.state);
    }
    return end;
}

}  // namespace

TEST_CASE("grid: random programs have the bits of their definition") {
    Random random("grid");
    for (int i = 0; i < kPrograms; ++i) {
        const GridProgram program(random);
        const GridStreams start(program, random);
        INFO("program ", i, " of ", program.operations.size(), " operations, ", program.p.rows, " x ",
             program.p.columns, " x ", program.p.channels, ", ", start.count, " streams");
        const GridStreams expected = defined(program, start);
        const int64_t all = program.positions();
        for (const int32_t isa : levels()) {
            INFO(level_name(isa));
            check_same(expected, stepped(program, start, {isa, 1, Edge::kStart, start.count, {all}}));
            check_same(expected, stepped(program, start, {isa, 2, Edge::kEnd, (start.count + 1) / 2, {1}}));
            check_same(expected, stepped(program, start, {isa, 3, Edge::kEnd, 2, {1, 2, 5, 3}}));
            check_same(expected, stepped(program, start, {isa, 2, Edge::kEnd, 2, {0, 0, 3}}));
            check_same(expected, stepped(program, start, {isa, 3, Edge::kEnd, start.count, {2, 9, 0, 40}, 0}));
        }
    }
}

TEST_CASE("grid: threads that share a part leave its bits") {
    Random random("grid team");
    for (int i = 0; i < kPrograms; ++i) {
        const GridProgram program(random);
        const GridStreams start(program, random);
        INFO("program ", i, " of ", program.operations.size(), " operations, ", program.p.rows, " x ",
             program.p.columns, " x ", program.p.channels, ", ", start.count, " streams");
        const int32_t isa = levels().back();
        const int64_t all = program.positions();
        const GridStreams alone = stepped(program, start, {isa, 1, Edge::kEnd, start.count, {all}});
        for (const int32_t threads : {2, 3, 5}) {
            check_same(alone, stepped(program, start, {isa, threads, Edge::kEnd, start.count, {all}, 0}));
            check_same(alone, stepped(program, start, {isa, threads, Edge::kStart, start.count, {all}, 20}));
            check_same(alone, stepped(program, start, {isa, threads, Edge::kEnd, start.count, {5, 0, 30}, 20}));
        }
    }
}

TEST_CASE("grid: what positions take is measured, together where there is something to share") {
    Random random("grid measure");
    for (int i = 0; i < 10; ++i) {
        const GridProgram program(random);
        for (const int32_t threads : {1, 2}) {
            const Context context = context_of(levels().back(), threads);
            double apart = -1, together = -1;
            REQUIRE(gatun_grid_measure(context.get(), &program.p, &apart, &together) == GATUN_OK);
            CHECK(apart > 0);
            CHECK(apart < 1e9);
            CHECK((threads == 1 ? together == apart : together > 0));
        }
    }
}

}  // namespace gatun::check
