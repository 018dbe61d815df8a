// The affine operation: outputs bit for bit as defined, on every level and any number of threads; gradients.
#include <doctest/doctest.h>

#include <numeric>

#include "affine_shape.h"
#include "ops/affine/affine.h"
#include "ops/affine/few.h"
#include "ops/affine/panels.h"
#include "ops/pack/pack.h"

namespace gatun::check {
namespace {

// The numbers of one case: reals, or small whole numbers with which every sum is exact.
struct Numbers {
    AffineShape shape;
    bool whole;
    std::vector<float> x, dy, before, weights, bias;

    Numbers(const AffineShape& s, bool exact, Random& random) : shape(s), whole(exact) {
        x = draw(random, s.positions() * s.in);
        dy = draw(random, s.positions() * s.out);
        before = draw(random, s.positions() * s.out);
        bias = draw(random, s.out);
        weights = draw(random, s.packed());
        const int64_t flat = s.flat();
        for (int64_t at = 0; at < s.packed(); ++at) {
            if (at / (flat * GATUN_LANES) * GATUN_LANES + at % GATUN_LANES >= s.out)
                weights[static_cast<size_t>(at)] = 0;
        }
    }

private:
    std::vector<float> draw(Random& random, int64_t count) const {
        return whole ? random.wholes(count) : random.reals(count, -2, 2);
    }
};

// Gives the values of a vector one after the other.
auto from(const std::vector<float>& values) {
    return [&values, i = size_t{0}]() mutable { return values[i++]; };
}

// A case's memory, all of it between guard pages.
struct Memory {
    Guarded<float> weights, bias;
    FloatMap x;
    gatun_affine affine;

    Memory(const Numbers& c, Edge edge)
        : weights(c.weights, edge),  // whole blocks: 64-byte aligned at either edge
          bias(c.bias, edge),
          x(c.shape, c.shape.in, c.shape.gapx, Halo::of(c.shape.taps), 0.0f, edge, from(c.x)),
          affine{weights.data(),      c.shape.bias != 0 ? bias.data() : nullptr,
                 c.shape.taps.data(), c.shape.tap_count(),
                 c.shape.in,          c.shape.out,
                 c.shape.unseen} {}
};

std::vector<float> defined(const Numbers& c, bool accumulate) {
    Memory memory(c, Edge::kEnd);
    FloatMap y(c.shape, c.shape.out, c.shape.gapy, {}, 0.0f, Edge::kEnd, from(c.before));
    scalar::affine(memory.affine, memory.x.map(), y.map(), accumulate);
    return y.copy();
}

using Run = int32_t(gatun_context* context, const gatun_affine* affine, const gatun_map* x, const gatun_map* y,
                    int32_t accumulate);

int32_t run_few(gatun_context* context, const gatun_affine* affine, const gatun_map* x, const gatun_map* y,
                int32_t accumulate) {
    REQUIRE(few_fits(*affine, *x, *y));
    few_run(*context, *affine, *x, *y, accumulate != 0);
    return GATUN_OK;
}

void check_run(const Numbers& c, bool accumulate, Run& run = gatun_affine_run) {
    const std::vector<float> wanted = defined(c, accumulate);
    const std::vector<float> poison(c.before.size(), std::nanf(""));
    for (const int32_t isa : levels()) {
        for (const int32_t threads : {1, 3}) {
            const Context context = context_of(isa, threads);
            const Edge edge = threads == 1 ? Edge::kEnd : Edge::kStart;
            Memory memory(c, edge);
            FloatMap y(c.shape, c.shape.out, c.shape.gapy, {}, 0.0f, edge, from(accumulate ? c.before : poison));
            const std::vector<float> x = memory.x.copy();
            REQUIRE(run(context.get(), &memory.affine, &memory.x.map(), &y.map(), accumulate) == GATUN_OK);
            INFO(c.shape.line(), " on ", level_name(isa), ", ", threads, " threads, accumulate ", accumulate);
            CHECK(first_difference(wanted, y.copy()) == -1);
            CHECK(first_difference(x, memory.x.copy()) == -1);
        }
    }
}

struct Gradients {
    std::vector<float> weights, bias;
};

// By the entry, or as that has gradients of many weights.
enum class Way { kEntry, kPanels };

// Adds to `before`'s first numbers, as gradients of several calls are added up.
Gradients gradients(const Numbers& c, Way way, int32_t isa, int32_t threads, Edge edge, const Gradients& start) {
    const Context context = context_of(isa, threads);
    Memory memory(c, edge);
    FloatMap dy(c.shape, c.shape.out, c.shape.gapy, {}, 0.0f, edge, from(c.dy));
    Guarded<float> weights(start.weights, edge), bias(start.bias, edge);
    float* sums = c.shape.bias != 0 ? bias.data() : nullptr;
    if (way == Way::kPanels) {
        add_panels(*context, memory.affine, memory.x.map(), dy.map(), weights.data(), sums);
    } else {
        REQUIRE(gatun_affine_gradient(context.get(), &memory.affine, &memory.x.map(), &dy.map(), weights.data(),
                                      sums) == GATUN_OK);
    }
    return {weights.copy(), bias.copy()};
}

void check_near(const std::vector<float>& found, const std::vector<float>& start, const std::vector<scalar::Sum>& sums,
                bool exact, int64_t positions) {
    // The error of a sum of n terms in float is at most n roundings of the sum of their sizes.
    const double rounding = exact ? 0 : static_cast<double>(positions + 4) * 0x1p-24;
    for (size_t i = 0; i < found.size(); ++i) {
        const double before = static_cast<double>(start[i]);
        INFO("element ", i, ": found ", found[i], ", wanted ", before + sums[i].value);
        REQUIRE(std::fabs(static_cast<double>(found[i]) - (before + sums[i].value)) <=
                rounding * (std::fabs(before) + sums[i].size));
    }
}

void check_gradient(const Numbers& c, Way way, Random& random) {
    const Gradients start = {c.whole ? random.wholes(c.shape.packed()) : random.reals(c.shape.packed(), -2, 2),
                             c.whole ? random.wholes(c.shape.out) : random.reals(c.shape.out, -2, 2)};
    Memory memory(c, Edge::kEnd);
    FloatMap dy(c.shape, c.shape.out, c.shape.gapy, {}, 0.0f, Edge::kEnd, from(c.dy));
    std::vector<scalar::Sum> weights(start.weights.size()), bias(start.bias.size());
    scalar::affine_gradient(memory.affine, memory.x.map(), dy.map(), weights.data(),
                            c.shape.bias != 0 ? bias.data() : nullptr);
    for (const int32_t isa : levels()) {
        INFO(c.shape.line(), " on ", level_name(isa));
        const Gradients one = gradients(c, way, isa, 1, Edge::kEnd, start);
        check_near(one.weights, start.weights, weights, c.whole, c.shape.positions());
        check_near(one.bias, start.bias, bias, c.whole, c.shape.positions());
        for (const int32_t threads : {2, 3}) {
            INFO(threads, " threads");
            const Gradients more = gradients(c, way, isa, threads, Edge::kStart, start);
            CHECK(first_difference(one.weights, more.weights) == -1);
            CHECK(first_difference(one.bias, more.bias) == -1);
        }
    }
}

// What the definition itself is held against: the sum in double, exact for whole numbers.
void check_sum(const Numbers& c) {
    Memory memory(c, Edge::kEnd);
    const gatun_map& x = memory.x.map();
    const std::vector<float> found = defined(c, false);
    size_t at = 0;
    for (int64_t n = 0; n < x.examples; ++n) {
        for (int64_t i = 0; i < x.rows; ++i) {
            for (int64_t j = 0; j < x.columns; ++j, at += static_cast<size_t>(c.shape.out + c.shape.gapy)) {
                for (int32_t o = 0; o < c.shape.out; ++o) {
                    double sum = c.shape.bias != 0 ? static_cast<double>(c.bias[static_cast<size_t>(o)]) : 0;
                    const int64_t flat = c.shape.flat();
                    for (int64_t r = 0; r < flat; ++r) {
                        const gatun_tap& tap = c.shape.taps[static_cast<size_t>(r / c.shape.in)];
                        const float* value = x.data + n * x.stride_example + (i + tap.row) * x.stride_row +
                                             (j + tap.column) * x.stride_column + r % c.shape.in;
                        const int64_t weight = (o / GATUN_LANES * flat + r) * GATUN_LANES + o % GATUN_LANES;
                        sum +=
                            static_cast<double>(*value) * static_cast<double>(c.weights[static_cast<size_t>(weight)]);
                    }
                    REQUIRE(static_cast<double>(found[at + static_cast<size_t>(o)]) == sum);
                }
            }
        }
    }
}

}  // namespace

TEST_CASE("affine: outputs have the defined bits, shapes of the file") {
    Random random("affine file");
    for (const AffineShape& shape : affine_shapes()) {
        for (const bool whole : {false, true}) {
            const Numbers numbers(shape, whole, random);
            for (const bool accumulate : {false, true}) check_run(numbers, accumulate);
        }
    }
}

TEST_CASE("affine: outputs have the defined bits, random shapes") {
    Random random("affine random");
    for (int i = 0; i < 120; ++i) {
        const Numbers numbers(random_affine_shape(random, true), false, random);
        check_run(numbers, random.whole(0, 1) == 1);
    }
}

TEST_CASE("affine: outputs have the defined bits, every rest of a tile") {
    Random random("affine tiles");
    for (int32_t t = 1; t <= 26; ++t) {
        for (const int32_t out : {1, 15, 16, 17, 31, 32, 33, 48, 49, 63, 64, 65, 80, 100}) {
            AffineShape shape;
            shape.t = t;
            shape.out = out;
            shape.in = static_cast<int32_t>(random.whole(1, 4));
            shape.taps = AffineShape::causal(static_cast<int32_t>(random.whole(1, 2)), 1);
            check_run(Numbers(shape, false, random), t % 2 == 0);
        }
    }
}

TEST_CASE("affine: outputs have the defined bits, few of them with positions in the lanes") {
    Random random("affine few");
    for (int i = 0; i < 250; ++i) {
        AffineShape shape = random_affine_shape(random, true);
        shape.out = static_cast<int32_t>(random.whole(1, kMostFew));
        // Rests of vectors, of squares that are turned, and of tiles.
        shape.in = static_cast<int32_t>(random.whole(1, 50));
        shape.t = static_cast<int32_t>(i < 40 ? i + 1 : random.whole(1, shape.h == 1 ? 300 : 40));
        if (shape.h > 1 && i % 4 == 0) shape.h = static_cast<int32_t>(random.whole(1, 20));
        shape.unseen = std::min({shape.unseen, shape.in, shape.in * shape.tap_count() - 1});
        check_run(Numbers(shape, false, random), random.whole(0, 1) == 1, run_few);
    }
}

TEST_CASE("affine: few outputs, bands of rows") {
    Random random("affine bands");
    for (const char* line : {"n=2 h=28 t=28 in=96 out=3 taps=0:1,0:2,0:3,1:-3,1:3,2:0,3:-3,3:3",
                             "n=1 h=33 t=20 in=600 out=1 taps=-1:-1,0:0,1:1",
                             "n=3 h=40 t=5 in=17 out=2 taps=-9:0,0:-2,9:2", "n=1 h=2 t=1000 in=3 out=1 k=2 d=40"}) {
        check_run(Numbers(AffineShape::parse(line), false, random), false, run_few);
    }
}

TEST_CASE("affine: what has many outputs, or none, or no taps, or taps far apart, is not done as few") {
    const auto fits = [](const char* line) {
        const AffineShape s = AffineShape::parse(line);
        const gatun_affine affine = {nullptr, nullptr, s.taps.data(), s.tap_count(), s.in, s.out, s.unseen};
        const gatun_map map = {nullptr, 0, 0, 0, s.n, s.h, s.t, s.in};
        return few_fits(affine, map, map);
    };
    CHECK(fits("n=1 h=28 t=28 in=96 out=3 taps=3:3"));
    CHECK_FALSE(fits("n=1 h=28 t=28 in=96 out=4 taps=3:3"));
    CHECK_FALSE(fits("n=0 h=28 t=28 in=96 out=3 taps=3:3"));
    CHECK_FALSE(fits("n=1 h=0 t=28 in=96 out=3 taps=3:3"));
    CHECK_FALSE(fits("n=1 h=28 t=0 in=96 out=3 taps=3:3"));
    CHECK_FALSE(fits("n=1 h=28 t=28 in=96 out=3 taps=none"));
    CHECK_FALSE(fits("n=1 h=28 t=28 in=96 out=3 unseen=96"));
    CHECK_FALSE(fits("n=1 h=1000 t=28 in=96 out=3 taps=0:0,-900:0"));
    CHECK_FALSE(fits("n=1 h=1 t=9000 in=96 out=3 k=2 d=2000"));
}

TEST_CASE("affine: the definition is the sum, for whole numbers") {
    Random random("affine sum");
    for (const AffineShape& shape : affine_shapes()) {
        INFO(shape.line());
        check_sum(Numbers(shape, true, random));
    }
}

void check_gradients(Way way, Random& random) {
    std::vector<AffineShape> shapes = affine_shapes();
    for (int i = 0; i < 60; ++i) shapes.push_back(random_affine_shape(random, true));
    for (const AffineShape& shape : shapes) {
        for (const bool whole : {false, true}) check_gradient(Numbers(shape, whole, random), way, random);
    }
}

TEST_CASE("affine: gradients come near to their sums, with the same bits on 1, 2 and 3 threads") {
    Random random("affine gradient");
    check_gradients(Way::kEntry, random);
}

TEST_CASE("affine: gradients by panels, of few weights, too") {
    Random random("affine panels");
    check_gradients(Way::kPanels, random);
}

TEST_CASE("affine: backwards is forwards with transposed weights and the taps the other way") {
    Random random("affine adjoint");
    for (int i = 0; i < 80; ++i) {
        AffineShape shape = random_affine_shape(random);
        shape.bias = 0;
        const Numbers c(shape, true, random);
        Memory memory(c, Edge::kEnd);
        FloatMap y(shape, shape.out, 0, {}, 0.0f, Edge::kEnd, from(c.before));
        const Context context = context_of(levels().back());
        REQUIRE(gatun_affine_run(context.get(), &memory.affine, &memory.x.map(), &y.map(), 0) == GATUN_OK);

        // The parameter [outputs][inputs][taps] that the packed weights are made of.
        std::vector<float> parameter(static_cast<size_t>(int64_t{shape.out} * shape.in * shape.tap_count()));
        std::vector<int64_t> offsets(shape.taps.size());
        std::iota(offsets.begin(), offsets.end(), 0);
        const gatun_layout layout = {offsets.data(),
                                     int64_t{shape.in} * shape.tap_count(),
                                     shape.tap_count(),
                                     shape.tap_count(),
                                     shape.in,
                                     shape.out,
                                     0};
        scalar::unpack_add(layout, c.weights.data(), parameter.data());
        Guarded<float> packed(
            (shape.in + GATUN_LANES - 1) / GATUN_LANES * GATUN_LANES * int64_t{shape.tap_count()} * shape.out,
            Edge::kStart);
        REQUIRE(gatun_pack_transposed(context.get(), &layout, parameter.data(), packed.data()) == GATUN_OK);
        std::vector<gatun_tap> taps;
        for (int32_t k = shape.tap_count() - 1; k >= 0; --k) {
            const gatun_tap& tap = shape.taps[static_cast<size_t>(k)];
            taps.push_back({-tap.row, -tap.column});
        }
        const gatun_affine back = {packed.data(), nullptr, taps.data(), shape.tap_count(), shape.out, shape.in, 0};
        FloatMap dy(shape, shape.out, shape.gapy, Halo::of(taps), 0.0f, Edge::kEnd, from(c.dy));
        const std::vector<float> poison(c.x.size(), std::nanf(""));
        FloatMap dx(shape, shape.in, shape.gapx, {}, 0.0f, Edge::kStart, from(poison));
        REQUIRE(gatun_affine_run(context.get(), &back, &dy.map(), &dx.map(), 0) == GATUN_OK);

        double left = 0, right = 0;  // <A x, dy> and <x, A^T dy>
        const std::vector<float> ax = y.inside(), atdy = dx.inside();
        for (size_t k = 0; k < ax.size(); ++k) left += static_cast<double>(ax[k]) * static_cast<double>(c.dy[k]);
        for (size_t k = 0; k < atdy.size(); ++k) right += static_cast<double>(c.x[k]) * static_cast<double>(atdy[k]);
        INFO(shape.line());
        CHECK(left == right);
    }
}

}  // namespace gatun::check
