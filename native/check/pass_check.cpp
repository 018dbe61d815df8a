// Passes on a device against the processor: outputs to the bit, gradients but for the rounding of their sums, which the
// device adds up in chunks. What is compared is relative to the largest of a tensor: where that is one number, or few,
// terms that cancelled each other leave more than rounding's own 1e-7 per term's root.
#include <cstdlib>

#include "pass_device.h"

namespace gatun::check {
namespace {

constexpr double kRounding = 1e-4;

std::vector<gatun_tap> random_taps(Random& random, int32_t halo) {
    std::vector<gatun_tap> taps(static_cast<size_t>(random.whole(1, 5)));
    for (gatun_tap& tap : taps) {
        tap = {static_cast<int32_t>(random.whole(-halo, halo)), static_cast<int32_t>(random.whole(-halo, halo))};
    }
    return taps;
}

int64_t in_lanes(int64_t count) { return (count + GATUN_LANES - 1) / GATUN_LANES * GATUN_LANES; }

// Grids, some of so many positions that gradients are cut into chunks.
struct Grid {
    int32_t examples, rows, columns;

    explicit Grid(Random& random)
        : examples(static_cast<int32_t>(random.whole(1, 4))),
          rows(static_cast<int32_t>(random.whole(1, 9))),
          columns(static_cast<int32_t>(random.whole(0, 2) == 0 ? random.whole(30, 60) : random.whole(1, 9))) {}
    // Of positions that fill a device.
    static Grid large(Random& random) {
        Grid grid(random);
        grid.rows = static_cast<int32_t>(random.whole(20, 30));
        grid.columns = static_cast<int32_t>(random.whole(8200, 9000)) / (grid.examples * grid.rows) + 1;
        return grid;
    }
};

int32_t some_features(Random& random) {
    return static_cast<int32_t>(random.whole(0, 1) == 0 ? random.whole(1, 40) : 4 * random.whole(1, 9));
}

struct AffineCase {
    Random& random;
    PassDevice device;
    const Grid grid;
    const int32_t inputs, outputs, halo;
    const std::vector<gatun_tap> taps;
    const int32_t unseen;

    explicit AffineCase(Random& from, int32_t channels = 0, int32_t levels = 0)
        : AffineCase(from, Grid(from), some_features(from), channels, levels) {}

    AffineCase(Random& from, const Grid& on, int32_t features, int32_t channels = 0, int32_t levels = 0)
        : random(from),
          device(from),
          grid(on),
          inputs(channels == 0 ? some_features(from) : channels * levels),
          outputs(features),
          halo(static_cast<int32_t>(from.whole(0, 2))),
          taps(random_taps(from, halo)),
          unseen(channels == 0 ? static_cast<int32_t>(from.whole(0, inputs - 1))
                               : static_cast<int32_t>(from.whole(0, channels - 1)) * levels) {}

    int64_t packed() const { return in_lanes(outputs) * (static_cast<int64_t>(taps.size()) * inputs - unseen); }
    // Random weights behind the last output too: what is there goes nowhere.
    gatun_affine affine() {
        return {device.floats(packed()),
                random.whole(0, 1) == 0 ? nullptr : device.floats(outputs),
                taps.data(),
                static_cast<int32_t>(taps.size()),
                inputs,
                outputs,
                unseen};
    }
    gatun_map map(int32_t features, int32_t around = 0, int32_t times = 1) {
        return device.map(grid.examples, times * grid.rows, times * grid.columns, features, around);
    }
};

}  // namespace

TEST_CASE("pass: products") {
    Random random("pass products");
    for (int i = 0; i < 40; ++i) {
        AffineCase c(random);
        const gatun_affine affine = c.affine();
        const auto stride = static_cast<int32_t>(random.whole(1, 2));
        const gatun_map x = c.map(c.inputs, c.halo, stride), y = c.map(c.outputs);
        const auto accumulate = static_cast<int32_t>(random.whole(0, 1));
        c.device.run([&](gatun_context* context) {
            return gatun_affine_strided_run(context, &affine, &x, stride, &y, accumulate);
        });
        CHECK(c.device.same_bits());
    }
}

TEST_CASE("pass: gradients of products") {
    Random random("pass gradients");
    for (int i = 0; i < 30; ++i) {
        AffineCase c(random);
        const gatun_affine affine = c.affine();
        const auto stride = static_cast<int32_t>(random.whole(1, 2));
        const gatun_map x = c.map(c.inputs, c.halo, stride), dy = c.map(c.outputs);
        float* weights = c.device.floats(c.packed());
        float* bias = random.whole(0, 1) == 0 ? nullptr : c.device.floats(c.outputs);
        c.device.run([&](gatun_context* context) {
            return gatun_affine_strided_gradient(context, &affine, &x, stride, &dy, weights, bias);
        });
        CHECK(c.device.difference() < kRounding);
    }
}

TEST_CASE("pass: products of many positions and their gradients") {
    Random random("pass tiles");
    for (const int32_t outputs : {1, 12, 16, 25, 32, 40, 64, 70, 132}) {
        AffineCase c(random, Grid::large(random), outputs);
        const gatun_affine affine = c.affine();
        const gatun_map x = c.map(c.inputs, c.halo), y = c.map(c.outputs);
        const auto accumulate = static_cast<int32_t>(random.whole(0, 1));
        c.device.run([&](gatun_context* context) { return gatun_affine_run(context, &affine, &x, &y, accumulate); });
        CHECK(c.device.same_bits());
        float* weights = c.device.floats(c.packed());
        float* bias = random.whole(0, 1) == 0 ? nullptr : c.device.floats(c.outputs);
        c.device.run(
            [&](gatun_context* context) { return gatun_affine_gradient(context, &affine, &x, &y, weights, bias); });
        CHECK(c.device.difference() < kRounding);
    }
}

TEST_CASE("pass: lookups and their gradients") {
    Random random("pass lookups");
    for (int i = 0; i < 30; ++i) {
        const auto channels = static_cast<int32_t>(random.whole(1, 3)),
                   levels = static_cast<int32_t>(random.whole(2, 9));
        AffineCase c(random, channels, levels);
        const gatun_affine affine = c.affine();
        const gatun_levels x =
            c.device.level_map(c.grid.examples, c.grid.rows, c.grid.columns, channels, levels, c.halo);
        const gatun_map y = c.map(c.outputs), dy = c.map(c.outputs);
        float* outside = random.whole(0, 1) == 0 ? nullptr : c.device.floats(c.outputs);
        float* weights = c.device.floats(c.packed());
        float* bias = random.whole(0, 1) == 0 ? nullptr : c.device.floats(c.outputs);
        c.device.run([&](gatun_context* context) { return gatun_lookup_run(context, &affine, outside, &x, &y); });
        CHECK(c.device.same_bits());
        c.device.run([&](gatun_context* context) {
            return gatun_lookup_gradient(context, &affine, &x, &dy, weights, bias, outside);
        });
        CHECK(c.device.difference() < kRounding);
    }
}

TEST_CASE("pass: maps feature by feature") {
    Random random("pass maps");
    for (int i = 0; i < 12; ++i) {
        PassDevice device(random);
        const Grid g(random);
        const int32_t half = some_features(random);
        const auto map = [&](int32_t features) { return device.map(g.examples, g.rows, g.columns, features); };
        const gatun_map one = map(half), two = map(2 * half), slope = map(half), slopes = map(2 * half);
        const gatun_map to = map(half), others = map(2 * half);
        const auto accumulate = static_cast<int32_t>(random.whole(0, 1));
        float *factors = device.floats(g.examples), *vector = device.floats(half);
        for (int32_t kind = GATUN_RELU; kind <= GATUN_ELU; ++kind) {
            device.run([&](gatun_context* c) {
                return gatun_activation_run(c, kind, &one, &to) |
                       gatun_activation_gradient(c, kind, &to, &slope, &one, accumulate);
            });
            CHECK(device.same_bits());
        }
        device.run([&](gatun_context* c) {
            return gatun_gate_run(c, &two, &to) | gatun_gate_gradient(c, &two, &slope, &others, accumulate) |
                   gatun_linear_gate_run(c, &two, &one) |
                   gatun_linear_gate_gradient(c, &two, &slope, &others, accumulate);
        });
        CHECK(device.same_bits());
        device.run([&](gatun_context* c) {
            return gatun_concat_elu_run(c, &one, &two) | gatun_concat_elu_gradient(c, &two, &slopes, &to, accumulate) |
                   gatun_copy(c, &to, &slope, accumulate) | gatun_broadcast(c, vector, &one) |
                   gatun_sum_run(c, &one, 1, 0.5f, &to, accumulate) |
                   gatun_sum_gradient(c, &to, 1, 0.5f, &slope, accumulate) | gatun_scale_examples(c, factors, &slope);
        });
        CHECK(device.same_bits());
        device.run([&](gatun_context* c) { return gatun_broadcast_gradient(c, &slope, vector); });
        CHECK(device.difference() < kRounding);
    }
}

TEST_CASE("pass: sums of coarse maps") {
    Random random("pass coarse");
    for (int i = 0; i < 10; ++i) {
        PassDevice device(random);
        const Grid g(random);
        const auto repeat = static_cast<int32_t>(random.whole(2, 5));
        const int32_t features = some_features(random);
        const gatun_map fine = device.map(g.examples, g.rows, g.columns, features);
        const gatun_map coarse =
            device.map(g.examples, (g.rows + repeat - 1) / repeat, (g.columns + repeat - 1) / repeat, features);
        const auto accumulate = static_cast<int32_t>(random.whole(0, 1));
        device.run([&](gatun_context* c) {
            return gatun_sum_run(c, &coarse, repeat, 0.5f, &fine, accumulate) |
                   gatun_sum_gradient(c, &fine, repeat, 0.5f, &coarse, accumulate);
        });
        CHECK(device.same_bits());
    }
}

TEST_CASE("pass: recurrent layers") {
    Random random("pass recurrent");
    for (int i = 0; i < 12; ++i) {
        PassDevice device(random);
        const auto cell = static_cast<int32_t>(i % 3), n = static_cast<int32_t>(random.whole(1, 20));
        const auto columns = static_cast<int32_t>(random.whole(1, 7)), hidden = some_features(random);
        const int32_t gates = cell == GATUN_CELL_TANH ? 1 : cell == GATUN_CELL_GRU ? 3 : 4;
        const int32_t width = (cell == GATUN_CELL_TANH ? 1 : cell == GATUN_CELL_GRU ? 4 : 5) * hidden;
        const bool keeps = random.whole(0, 1) == 0;
        static constexpr gatun_tap kBefore = {0, -1}, kBehind = {0, 1};
        const gatun_affine state = {device.floats(in_lanes(gates * hidden) * hidden, 0.3),
                                    device.floats(gates * hidden),
                                    &kBefore,
                                    1,
                                    hidden,
                                    gates * hidden,
                                    0};
        const gatun_affine back = {
            device.floats(in_lanes(hidden) * gates * hidden, 0.3), nullptr, &kBehind, 1, gates * hidden, hidden, 0};
        const gatun_map x = device.map(n, 1, columns, gates * hidden), y = device.map(n, 1, columns, hidden, 1);
        const gatun_map kept = device.map(n, 1, keeps ? columns : 1, width, 1);
        const gatun_map dy = device.map(n, 1, columns, hidden), dx = device.map(n, 1, columns, gates * hidden);
        const auto accumulate = static_cast<int32_t>(random.whole(0, 1));
        device.run([&](gatun_context* c) { return gatun_recurrent_run(c, cell, &state, &x, &y, &kept); });
        CHECK(device.same_bits());
        if (!keeps) continue;
        device.run([&](gatun_context* c) {
            return gatun_recurrent_gradient(c, cell, &back, &y, &kept, &dy, &dx, accumulate);
        });
        CHECK(device.difference() < kRounding);
    }
}

TEST_CASE("pass: LSTMs of grids") {
    Random random("pass grids");
    constexpr int32_t kWays[] = {GATUN_GRID_DOWN, GATUN_GRID_RIGHT, GATUN_GRID_LEFT};
    for (int i = 0; i < 18; ++i) {
        PassDevice device(random);
        const int32_t way = kWays[i % 3], hidden = some_features(random), gates = 4 * hidden, width = 5 * hidden;
        // Lines of some are so long that a whole device takes them.
        const auto n = static_cast<int32_t>(random.whole(1, 3)), rows = static_cast<int32_t>(random.whole(1, 6)),
                   columns = static_cast<int32_t>(i % 6 < 3 ? random.whole(1, 7) : random.whole(260, 300));
        const bool keeps = random.whole(0, 1) == 0;
        const auto taps = way == GATUN_GRID_DOWN    ? std::vector<gatun_tap>{{-1, -1}, {-1, 0}, {-1, 1}}
                          : way == GATUN_GRID_RIGHT ? std::vector<gatun_tap>{{-1, 0}, {0, -1}}
                                                    : std::vector<gatun_tap>{{-1, 0}, {0, 1}};
        std::vector<gatun_tap> back = taps;
        for (gatun_tap& tap : back) tap = {-tap.row, -tap.column};
        const auto count = static_cast<int32_t>(taps.size());
        const gatun_affine state = {
            device.floats(in_lanes(gates) * count * hidden, 0.3), nullptr, taps.data(), count, hidden, gates, 0};
        const gatun_affine backwards = {
            device.floats(in_lanes(hidden) * count * gates, 0.3), nullptr, back.data(), count, gates, hidden, 0};
        const gatun_map x = device.map(n, rows, columns, gates), y = device.map(n, rows, columns, hidden, 1);
        const gatun_map kept = keeps ? device.map(n, rows, columns, width, 1) : gatun_map{};
        const gatun_map dy = device.map(n, rows, columns, hidden), dx = device.map(n, rows, columns, gates);
        const auto accumulate = static_cast<int32_t>(random.whole(0, 1));
        device.run(
            [&](gatun_context* c) { return gatun_grid_lstm_run(c, way, &state, &x, &y, keeps ? &kept : nullptr); });
        CHECK(device.same_bits());
        if (!keeps) continue;
        device.run([&](gatun_context* c) {
            return gatun_grid_lstm_gradient(c, way, &backwards, &y, &kept, &dy, &dx, accumulate);
        });
        CHECK(device.difference() < kRounding);
    }
}

TEST_CASE("pass: distributions") {
    Random random("pass distributions");
    for (int i = 0; i < 24; ++i) {
        PassDevice device(random);
        const auto type = static_cast<int32_t>(i % 4);
        const bool pixels = type == GATUN_LOGISTIC_MIXTURE && random.whole(0, 1) == 0;
        const auto levels = static_cast<int32_t>(type == GATUN_BERNOULLI ? 2 : random.whole(2, 40));
        const auto components = static_cast<int32_t>(random.whole(1, 20));
        const gatun_distribution d = {type, type == GATUN_GAUSSIAN ? 0 : levels,
                                      type == GATUN_LOGISTIC_MIXTURE ? components : 0, pixels ? 3 : 1};
        const int32_t width = type == GATUN_BERNOULLI     ? 1
                              : type == GATUN_CATEGORICAL ? levels
                              : type == GATUN_GAUSSIAN    ? 2
                                                          : (pixels ? 10 : 3) * components;
        const auto n = static_cast<int32_t>(random.whole(1, 4)), places = static_cast<int32_t>(random.whole(1, 40));
        const gatun_map outputs = device.map(n, 1, places, width), gradient = device.map(n, 1, places, width);
        const int64_t positions = int64_t{places} * d.channels;
        gatun_values values{nullptr, nullptr, positions};
        if (type == GATUN_GAUSSIAN) {
            values.reals = device.floats(n * positions);
        } else {
            values.levels = device.levels(n * positions, 0, levels);
        }
        float* log_prob = device.floats(n * positions);
        device.run([&](gatun_context* c) {
            return gatun_log_prob(c, &d, &outputs, &values, log_prob, positions) |
                   gatun_log_prob_gradient(c, &d, &outputs, &values, 0.25f, &gradient);
        });
        CHECK(device.same_bits());
    }
}

TEST_CASE("pass: NADE") {
    Random random("pass nade");
    for (int i = 0; i < 6; ++i) {
        PassDevice device(random);
        const auto hidden = static_cast<int32_t>(random.whole(1, 70)),
                   positions = static_cast<int32_t>(random.whole(1, 9));
        const auto n = static_cast<int32_t>(random.whole(1, 30));
        std::vector<int32_t> order(static_cast<size_t>(positions));
        for (int32_t k = 0; k < positions; ++k) order[static_cast<size_t>(k)] = positions - 1 - k;
        const int64_t width = in_lanes(hidden);
        const gatun_nade nade = {device.floats(positions * width),
                                 device.floats(2 * width),
                                 device.floats(positions * width),
                                 device.floats(positions),
                                 order.data(),
                                 hidden,
                                 positions};
        float *w = device.floats(hidden * positions), *c = device.floats(hidden),
              *v = device.floats(hidden * positions);
        float* b = device.floats(positions);
        // A chain's values lie side by side.
        const auto chain = [&] {
            return gatun_map{device.floats(n * positions), positions, positions, 1, n, 1, positions, 1};
        };
        const gatun_map x = chain(), logits = chain();
        device.run([&](gatun_context* context) {
            return gatun_nade_pack(context, &nade, w, c, v, b) | gatun_nade_run(context, &nade, &x, &logits);
        });
        CHECK(device.same_bits());
        std::vector<float> scratch(1 << 16);
        device.run([&](gatun_context* context) {
            return gatun_nade_gradient(context, &nade, &x, &logits, w, c, v, b, scratch.data());
        });
        CHECK(device.difference() < kRounding);
    }
}

TEST_CASE("pass: what a recorder cannot write down, and what no pass has") {
    gatun_context* recorder = nullptr;
    REQUIRE(gatun_record_create(&recorder) == GATUN_OK);
    const Context owner(recorder);
    double operations = 0;
    float value = 1;
    const int32_t status = gatun_probe_multiply(recorder, 1, &operations);
    CHECK((status & 0xff) == GATUN_UNSUPPORTED);
    char text[256] = {};
    gatun_error_text(recorder, status, text, sizeof text);
    CHECK(std::string(text).find("cannot be recorded") != std::string::npos);
    gatun_cuda_device* device = nullptr;
    gatun_cuda_memory* memory = nullptr;
    REQUIRE(gatun_cuda_open(0, &device, text, sizeof text) == GATUN_OK);
    REQUIRE(gatun_cuda_memory_create(device, &memory, text, sizeof text) == GATUN_OK);
    CHECK(gatun_cuda_download(memory, &value, sizeof value, text, sizeof text) == GATUN_INVALID_ARGUMENT);
    CHECK(std::string(text).find("memory that no pass has") != std::string::npos);
    CHECK(gatun_cuda_upload(memory, &value, sizeof value, text, sizeof text) == GATUN_OK);
    gatun_cuda_memory_destroy(memory);
    gatun_cuda_close(device);
}

TEST_CASE("pass: no memory left") {
    char text[256] = {};
    gatun_cuda_device* device = nullptr;
    gatun_cuda_memory* memory = nullptr;
    REQUIRE(gatun_cuda_open(0, &device, text, sizeof text) == GATUN_OK);
    gatun_cuda_describe(device, text, sizeof text);
    if (std::string(text).find("emulated") == std::string::npos) {
        gatun_cuda_close(device);
        return;  // a real device's memory is not filled for this
    }
    REQUIRE(gatun_cuda_memory_create(device, &memory, text, sizeof text) == GATUN_OK);
    gatun_context* recorder = nullptr;
    REQUIRE(gatun_record_create(&recorder) == GATUN_OK);
    const Context owner(recorder);
    std::vector<float> values(1 << 10);
    REQUIRE(gatun_clear(recorder, 1 << 10, values.data()) == GATUN_OK);
    const gatun_call* calls = nullptr;
    REQUIRE(gatun_record_calls(recorder, &calls) == 1);
    gatun_cuda_pass* pass = nullptr;
    setenv("GATUN_EMULATED_MEMORY", "100", 1);
    CHECK(gatun_cuda_pass_create(memory, calls, 1, GATUN_CUDA_F32, &pass, text, sizeof text) == GATUN_OUT_OF_MEMORY);
    unsetenv("GATUN_EMULATED_MEMORY");
    CHECK(pass == nullptr);
    CHECK(std::string(text).find("memory for a pass, 4352 bytes: out of memory") != std::string::npos);
    CHECK(std::string(text).find("are free") != std::string::npos);
    CHECK(gatun_cuda_pass_create(memory, calls, 1, GATUN_CUDA_F32, &pass, text, sizeof text) == GATUN_OK);
    gatun_cuda_pass_destroy(pass);
    gatun_call none = calls[0];
    none.kind = GATUN_CALLS;
    CHECK(gatun_cuda_pass_create(memory, &none, 1, GATUN_CUDA_F32, &pass, text, sizeof text) == GATUN_UNSUPPORTED);
    CHECK(std::string(text) == "call " + std::to_string(GATUN_CALLS) + ": a call of kind " +
                                   std::to_string(GATUN_CALLS) + ", which is none");
    gatun_cuda_memory_destroy(memory);
    gatun_cuda_close(device);
}

}  // namespace gatun::check
