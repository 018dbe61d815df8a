// The affine operation over rounded inputs: the definition itself, its bits at all positions, and what is special.
#include "affine_shape.h"
#include "ops/packed/packed.h"
#include "ops/rounded/rounded.h"
#include "rounded.h"

namespace gatun::check {
namespace {

// One output of one tap, its weight w and inputs x.
float one(const std::vector<float>& w, const std::vector<float>& x, float bias) {
    std::vector<float> weights(w.size() * GATUN_LANES);
    for (size_t i = 0; i < w.size(); ++i) weights[i * GATUN_LANES] = w[i];
    const float* from = x.data();
    return scalar::rounded_output({weights.data(), &bias, nullptr, 1, static_cast<int32_t>(w.size()), 1, 0}, &from, 0);
}

float run(int32_t isa, bool plain, const std::vector<float>& w, const std::vector<float>& x, float bias) {
    std::vector<float> weights(w.size() * GATUN_LANES);
    for (size_t i = 0; i < w.size(); ++i) weights[i * GATUN_LANES] = w[i];
    const auto inputs = static_cast<int32_t>(w.size());
    Guarded<char> packed(packed_bytes(GATUN_INT8_DYNAMIC, 1, inputs, 1)), rounded(rounded_bytes(1, inputs));
    CHECK(pack_for_steps({weights.data(), &bias, nullptr, 1, inputs, 1, 0}, false, 0, GATUN_INT8_DYNAMIC, packed.data())
              .empty());
    Guarded<float> in(x), y(1);
    const float* from = in.data();
    PackedStep step{};
    step.weights = step.behind = packed.data();
    step.x = &from;
    step.taps = 1;
    step.inputs = inputs;
    step.outputs = 1;
    step.activation = -1;
    step.y = y.data();
    step.positions = 1;
    step.end_block = 1;
    step.rounded = rounded.data();
    rounded_kernels(isa, plain).run(step);
    return y[0];
}

}  // namespace

TEST_CASE("rounded: whole numbers up to 127 are met exactly, others rounded with ties to even") {
    CHECK(one({127, 3, -2}, {127, 5, -7}, 0.5f) == 127 * 127 + 3 * 5 + 2 * 7 + 0.5f);
    CHECK(one({127, 1}, {127, 0.5f}, 0) == 127 * 127);
    CHECK(one({127, 1}, {127, 1.5f}, 0) == 127 * 127 + 2);
    CHECK(one({127, 1}, {127, -2.5f}, 0) == 127 * 127 - 2);
    CHECK(one({127}, {-0.0f}, 3) == 3);
    CHECK(one({0}, {5}, 3) == 3);
}

TEST_CASE("rounded: special inputs mean the same on all levels") {
    const float infinite = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
    Random random("special");
    for (const float special : {0.0f, -0.0f, infinite, -infinite, nan, -nan, 1e-45f, 0x1p-101f, -0x1p-100f, 3e38f}) {
        for (const int32_t inputs : {1, 3, 16, 17, 63, 64, 65, 200}) {
            const auto count = static_cast<size_t>(inputs);
            std::vector<float> w = random.wholes(inputs, -127, 127), x(count, special);
            w[0] = 127;
            for (const bool alone : {true, false}) {
                if (!alone) x = random.reals(inputs, -1, 1);
                x[count - 1] = special;
                const float expected = one(w, x, 0.25f);
                CHECK(std::isnan(expected) == !std::isfinite(special));
                for (const int32_t isa : levels()) {
                    INFO(special, " of ", inputs, " on ", level_name(isa));
                    CHECK(same_bits(run(isa, true, w, x, 0.25f), expected));
                    CHECK(same_bits(run(isa, false, w, x, 0.25f), expected));
                }
            }
        }
    }
}

TEST_CASE("rounded: as many inputs as sums can hold, all of them the largest, and no more") {
    const auto most = static_cast<size_t>(kMostRoundedInputs);
    const std::vector<float> w(most, -127), x(most, 2);
    const float expected = static_cast<float>(-127 * 127 * int64_t{kMostRoundedInputs}) * (2 / 127.0f);
    CHECK(one(w, x, 0) == expected);
    for (const int32_t isa : levels()) {
        CHECK(run(isa, true, w, x, 0) == expected);
        CHECK(run(isa, false, w, x, 0) == expected);
    }
    const gatun_affine more = {nullptr, nullptr, nullptr, 1, static_cast<int32_t>(most) + 1, 1, 0};
    CHECK(pack_for_steps(more, false, 0, GATUN_INT8_DYNAMIC, nullptr) ==
          "131073 inputs, of which at most 131072 can be rounded");
}

TEST_CASE("rounded: outputs at all positions have the defined bits") {
    Random random("rounded run");
    for (int i = 0; i < 40; ++i) {
        AffineShape s = random_affine_shape(random);
        if (i == 0) s.n = 0;
        if (i % 4 == 1) s.in = static_cast<int32_t>(random.whole(13, 90));
        const std::vector<float> values = random.reals(s.positions() * s.in, -2, 2), bias = random.reals(s.out, -2, 2);
        std::vector<float> weights = random.reals(s.packed(), -1, 1);
        round_to(GATUN_INT8_DYNAMIC, s.flat(), weights);
        const gatun_affine affine = {
            weights.data(), s.bias != 0 ? bias.data() : nullptr, s.taps.data(), s.tap_count(), s.in, s.out, 0};
        const auto filled = [&](Edge edge) {
            return FloatMap(s, s.in, s.gapx, Halo::of(s.taps), 0.0f, edge,
                            [&, at = size_t{0}]() mutable { return values[at++]; });
        };
        const auto empty = [&](Edge edge) { return FloatMap(s, s.out, s.gapy, {}, 0.0f, edge, [] { return 0.0f; }); };
        const FloatMap defined_x = filled(Edge::kEnd), wanted = empty(Edge::kEnd);
        const gatun_map& from = defined_x.map();
        const gatun_map& to = wanted.map();
        for (int64_t p = 0; p < s.positions(); ++p) {
            const int64_t n = p / s.t / s.h, row = p / s.t % s.h, column = p % s.t;
            std::vector<const float*> taps;
            for (const gatun_tap& tap : s.taps) {
                taps.push_back(from.data + n * from.stride_example + (row + tap.row) * from.stride_row +
                               (column + tap.column) * from.stride_column);
            }
            float* y = to.data + n * to.stride_example + row * to.stride_row + column * to.stride_column;
            for (int32_t o = 0; o < s.out; ++o) y[o] = scalar::rounded_output(affine, taps.data(), o);
        }
        for (const int32_t isa : levels()) {
            for (const int32_t threads : {1, 3}) {
                INFO(s.line(), " on ", level_name(isa), ", ", threads, " threads");
                const Edge edge = threads == 1 ? Edge::kEnd : Edge::kStart;
                const Context context = context_of(isa, threads);
                Guarded<char> packed(gatun_step_packed_bytes(GATUN_INT8_DYNAMIC, s.tap_count(), s.in, s.out));
                REQUIRE(gatun_step_pack(context.get(), &affine, 0, 0, GATUN_INT8_DYNAMIC, packed.data()) == GATUN_OK);
                gatun_affine without = affine;
                without.weights = without.bias = nullptr;
                const FloatMap x = filled(edge), y = empty(edge);
                REQUIRE(gatun_rounded_run(context.get(), &without, packed.data(), &x.map(), &y.map()) == GATUN_OK);
                CHECK(first_difference(wanted.copy(), y.copy()) == -1);
            }
        }
    }
}

}  // namespace gatun::check
