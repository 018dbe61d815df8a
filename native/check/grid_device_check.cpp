// Step programs of grids on a device: the bits of their definition, however streams are spread and a run is cut up. The
// device is the first that libgatun_cuda.so finds, or the emulated one, whichever the program is linked with.
#include <cstdlib>
#include <memory>
#include <stdexcept>

#include "gatun_cuda.h"
#include "grid_streams.h"
#include "guarded.h"

namespace gatun::check {
namespace {

int few(int many) { return std::getenv("GATUN_CHECK_LIGHT") == nullptr ? many : many / 25; }

template <class Call>
void on_device(Call&& call) {
    char text[512] = {};
    if (call(text, static_cast<int32_t>(sizeof text)) != GATUN_OK) throw std::runtime_error(text);
}

template <class T, void (*kDestroy)(T*)>
struct Destroy {
    void operator()(T* p) const { kDestroy(p); }
};
using Device = std::unique_ptr<gatun_cuda_device, Destroy<gatun_cuda_device, gatun_cuda_close>>;
using Grid = std::unique_ptr<gatun_cuda_grid, Destroy<gatun_cuda_grid, gatun_cuda_grid_destroy>>;
using Streams =
    std::unique_ptr<gatun_cuda_grid_streams, Destroy<gatun_cuda_grid_streams, gatun_cuda_grid_streams_destroy>>;

Device opened() {
    gatun_cuda_device* device = nullptr;
    on_device([&](char* text, int32_t size) { return gatun_cuda_open(0, &device, text, size); });
    return Device(device);
}

Grid copied(const Device& device, const GridProgram& program) {
    gatun_cuda_grid* made = nullptr;
    on_device(
        [&](char* text, int32_t size) { return gatun_cuda_grid_create(device.get(), &program.p, &made, text, size); });
    return Grid(made);
}

Streams streams_of(const Grid& grid, int64_t count, const gatun_cuda_launch* launch) {
    gatun_cuda_grid_streams* made = nullptr;
    on_device([&](char* text, int32_t size) {
        return gatun_cuda_grid_streams_create(grid.get(), count, launch, &made, text, size);
    });
    return Streams(made);
}

bool multiplies(const GridProgram& program) {
    return std::ranges::any_of(program.operations, [](const auto& op) { return op.kind == GATUN_STEP_AFFINE; });
}

// What it finds itself, or anything.
gatun_cuda_launch any_launch(Random& random) {
    if (random.whole(0, 2) == 0) return {};
    return {static_cast<int32_t>(random.whole(2, 16)) * 32, static_cast<int32_t>(random.whole(1, 20)),
            int32_t{1} << random.whole(0, 3), 0, 0};
}

// A step in two halves, between which others go on in the place of the streams.
void step_in_halves(Streams& streams, const Grid& grid, const GridProgram& program, const gatun_grid_run& run) {
    Guarded<float> outputs(run.streams * distribution_outputs(program.p.distribution), Edge::kEnd);
    on_device([&](char* text, int32_t size) {
        return gatun_cuda_grid_outputs(streams.get(), &run, outputs.data(), text, size);
    });
    gatun_cuda_launch launch{};
    gatun_cuda_grid_launch(streams.get(), &launch);
    Streams others = streams_of(grid, run.streams, &launch);
    on_device([&](char* text, int32_t size) { return gatun_cuda_grid_copy(others.get(), streams.get(), text, size); });
    streams = std::move(others);
    on_device([&](char* text, int32_t size) { return gatun_cuda_grid_take(streams.get(), &run, text, size); });
    check_halves(context_of(levels().back(), 1).get(), program.p, run, outputs.data());
}

// From the beginning to the end, in pieces of up to `most` positions, some of one in halves.
GridStreams run_on(Streams& streams, const Grid& grid, const GridProgram& program, const GridStreams& start,
                   int64_t most, Random& random) {
    GridStreams end = start;
    for (size_t i = 0; i < start.log_prob.size(); ++i) {  // what is not given must not be read
        if (!start.known.empty() && start.known[i] != 0) continue;
        if (!end.reals.empty()) end.reals[i] = Guarded<float>::poison_value();
        if (!end.levels.empty()) end.levels[i] = Guarded<int32_t>::poison_value();
    }
    gatun_grid_run run{};
    run.noise = start.noise;
    run.values = {end.levels.empty() ? nullptr : end.levels.data(), end.reals.empty() ? nullptr : end.reals.data(),
                  program.positions()};
    run.classes = start.classes.data();
    run.known = start.known.empty() ? nullptr : start.known.data();
    run.log_prob = end.log_prob.data();
    run.streams = start.count;
    while (run.first_position < program.positions()) {
        run.positions = std::min(random.whole(0, most), program.positions() - run.first_position);
        if (run.positions == 0) {
            run.positions = 1;
            step_in_halves(streams, grid, program, run);
        } else {
            on_device([&](char* text, int32_t size) {
                return gatun_cuda_grid_run(streams.get(), &run, nullptr, text, size);
            });
        }
        run.first_position += run.positions;
    }
    gatun_cuda_launch launch{};
    gatun_cuda_grid_launch(streams.get(), &launch);
    std::vector<float> state(static_cast<size_t>(program.p.state_floats * start.count));
    on_device([&](char* text, int32_t size) { return gatun_cuda_grid_state(streams.get(), state.data(), text, size); });
    for (int64_t s = 0; s < start.count; ++s) {
        const int64_t first = s / launch.streams * launch.streams;
        append_stream(program, state.data() + program.p.state_floats * first,
                      std::min<int64_t>(launch.streams, start.count - first), s - first, end.state);
    }
    return end;
}

}  // namespace

TEST_CASE("grids on a device: random programs have the bits of their definition") {
    Random random("grids on a device");
    const Device device = opened();
    for (int i = 0; i < few(250); ++i) {
        const GridProgram program(random, i % 3 == 0);
        const GridStreams start(program, random);
        const gatun_cuda_launch wanted = any_launch(random);
        INFO("program ", i, " of ", program.operations.size(), " operations, ", program.p.rows, " x ",
             program.p.columns, " x ", program.p.channels, ", ", start.count, " streams, ", wanted.threads,
             " threads, ", wanted.streams, " streams a block, tiles of ", wanted.tile);
        const GridStreams expected = defined(program, start);
        const Grid grid = copied(device, program);
        if (i % 3 == 0 && multiplies(program)) CHECK(gatun_cuda_grid_precision(grid.get()) == GATUN_BF16);
        Streams streams = streams_of(grid, start.count, &wanted);
        // Again and again from the beginning: in a few pieces, in more, mostly in halves.
        for (const int64_t most : {program.positions(), int64_t{7}, int64_t{1}}) {
            check_same(expected, run_on(streams, grid, program, start, most, random));
            on_device([&](char* text, int32_t size) { return gatun_cuda_grid_reset(streams.get(), text, size); });
        }
    }
}

TEST_CASE("grids on a device: what cannot be is said") {
    Random random("grids on a device that cannot be");
    const Device device = opened();
    GridProgram program(random);
    gatun_cuda_grid_streams* streams = nullptr;
    char text[512] = {};
    const gatun_cuda_launch launch = {512, 1, 1, 2, 0};
    CHECK(gatun_cuda_grid_streams_create(copied(device, program).get(), 4, &launch, &streams, text, sizeof text) ==
          GATUN_INVALID_ARGUMENT);
    CHECK(std::string(text) == "a launch of 512 threads, 1 streams a block, tiles of 1, 2 blocks a stream, for a grid");
    const Grid grid = copied(device, program);
    const Streams two = streams_of(grid, 2, nullptr), three = streams_of(grid, 3, nullptr);
    CHECK(gatun_cuda_grid_copy(two.get(), three.get(), text, sizeof text) == GATUN_INVALID_ARGUMENT);
    CHECK(std::string(text).find("a copy of streams of another program, or that are not as many") == 0);
    gatun_grid_run run{};
    run.positions = 2;
    CHECK(gatun_cuda_grid_take(two.get(), &run, text, sizeof text) == GATUN_INVALID_ARGUMENT);
    CHECK(std::string(text) == "half of 2 steps");
    program.p.state_floats = int64_t{1} << 40;
    CHECK(gatun_cuda_grid_streams_create(copied(device, program).get(), 4, nullptr, &streams, text, sizeof text) ==
          GATUN_OUT_OF_MEMORY);
    CHECK(std::string(text).find("memory for the state of 4 streams, 17592186044416 bytes") == 0);
    CHECK(streams == nullptr);
}

}  // namespace gatun::check
