// Looking up one-hot inputs: bit for bit the product with them, on every level and any number of threads; gradients.
#include <doctest/doctest.h>

#include "affine_shape.h"
#include "ops/lookup/lookup.h"

namespace gatun::check {
namespace {

// One case: a shape whose inputs are channels of one-hot levels.
struct Case {
    AffineShape shape;  // in: channels * levels
    int32_t channels, one_hot;
    bool with_outside;
    std::vector<float> weights, bias, outside, dy;
    std::vector<int32_t> x;

    Case(AffineShape s, int32_t channel_count, int32_t level_count, bool whole, Random& random)
        : shape(std::move(s)), channels(channel_count), one_hot(level_count), with_outside(random.whole(0, 1) == 1) {
        shape.in = channels * one_hot;
        shape.unseen = shape.taps.empty() ? 0 : one_hot * static_cast<int32_t>(random.whole(0, channels));
        const auto draw = [&](int64_t count) { return whole ? random.wholes(count) : random.reals(count, -2, 2); };
        weights = draw(shape.packed());
        bias = draw(shape.out);
        outside = draw(shape.out);
        dy = draw(shape.positions() * shape.out);
        x.resize(static_cast<size_t>(shape.positions() * channels));
        for (int32_t& level : x) level = static_cast<int32_t>(random.whole(0, one_hot - 1));
    }
    std::string line() const {
        return shape.line() + ", " + std::to_string(channels) + " channels of " + std::to_string(one_hot) + " levels" +
               (with_outside ? ", with a vector for the outside" : "");
    }
};

template <class T>
auto from(const std::vector<T>& values) {
    return [&values, i = size_t{0}]() mutable { return values[i++]; };
}

struct Memory {
    Guarded<float> weights, bias, outside_memory;
    LevelMap x;
    gatun_affine affine;
    float* outside;

    Memory(const Case& c, Edge edge)
        : weights(c.weights, edge),
          bias(c.bias, edge),
          outside_memory(c.outside, edge),
          x(c.shape, c.channels, c.shape.gapx, Halo::of(c.shape.taps), -1, edge, from(c.x)),
          affine{weights.data(),      c.shape.bias != 0 ? bias.data() : nullptr,
                 c.shape.taps.data(), c.shape.tap_count(),
                 c.shape.in,          c.shape.out,
                 c.shape.unseen},
          outside(c.with_outside ? outside_memory.data() : nullptr) {}
};

std::vector<Case> cases(Random& random, bool whole) {
    std::vector<Case> all;
    for (const AffineShape& shape : affine_shapes()) {
        if (shape.in > 100) continue;  // weights of a panel are not an issue here
        all.emplace_back(shape, 1, static_cast<int32_t>(random.whole(1, 17)), whole, random);
        all.emplace_back(shape, 3, static_cast<int32_t>(random.whole(1, 5)), whole, random);
    }
    for (int i = 0; i < 60; ++i) {
        const int32_t channels = static_cast<int32_t>(random.whole(1, 4));
        all.emplace_back(random_affine_shape(random), channels, static_cast<int32_t>(random.whole(1, 20)), whole,
                         random);
    }
    return all;
}

void check_near(const std::vector<float>& found, const std::vector<float>& start, const std::vector<scalar::Sum>& sums,
                bool exact, int64_t terms) {
    const double rounding = exact ? 0 : static_cast<double>(terms) * 0x1p-24;
    for (size_t i = 0; i < found.size(); ++i) {
        const double before = static_cast<double>(start[i]);
        INFO("element ", i, ": found ", found[i], ", wanted ", before + sums[i].value);
        REQUIRE(std::fabs(static_cast<double>(found[i]) - (before + sums[i].value)) <=
                rounding * (std::fabs(before) + sums[i].size));
    }
}

struct Gradients {
    std::vector<float> weights, bias, outside;
};

Gradients gradients(const Case& c, int32_t isa, int32_t threads, Edge edge, const Gradients& start) {
    const Context context = context_of(isa, threads);
    Memory memory(c, edge);
    FloatMap dy(c.shape, c.shape.out, c.shape.gapy, {}, 0.0f, edge, from(c.dy));
    Guarded<float> weights(start.weights, edge), bias(start.bias, edge), outside(start.outside, edge);
    REQUIRE(gatun_lookup_gradient(context.get(), &memory.affine, &memory.x.map(), &dy.map(), weights.data(),
                                  c.shape.bias != 0 ? bias.data() : nullptr,
                                  c.with_outside ? outside.data() : nullptr) == GATUN_OK);
    return {weights.copy(), bias.copy(), outside.copy()};
}

}  // namespace

TEST_CASE("lookup: outputs have the bits of the definition") {
    Random random("lookup");
    for (const Case& c : cases(random, false)) {
        const std::vector<float> poison(c.dy.size(), std::nanf(""));
        Memory plain(c, Edge::kEnd);
        FloatMap wanted(c.shape, c.shape.out, c.shape.gapy, {}, 0.0f, Edge::kEnd, from(poison));
        scalar::lookup(plain.affine, plain.outside, plain.x.map(), wanted.map());
        for (const int32_t isa : levels()) {
            for (const int32_t threads : {1, 3}) {
                const Context context = context_of(isa, threads);
                const Edge edge = threads == 1 ? Edge::kEnd : Edge::kStart;
                Memory memory(c, edge);
                FloatMap y(c.shape, c.shape.out, c.shape.gapy, {}, 0.0f, edge, from(poison));
                REQUIRE(gatun_lookup_run(context.get(), &memory.affine, memory.outside, &memory.x.map(), &y.map()) ==
                        GATUN_OK);
                INFO(c.line(), " on ", level_name(isa), ", ", threads, " threads");
                CHECK(first_difference(wanted.copy(), y.copy()) == -1);
            }
        }
    }
}

TEST_CASE("lookup: the bits of the affine operation over one-hot inputs") {
    Random random("lookup one-hot");
    for (Case& c : cases(random, false)) {
        c.with_outside = false;
        std::vector<float> hot;
        for (const int32_t level : c.x) {
            for (int32_t l = 0; l < c.one_hot; ++l) hot.push_back(l == level ? 1.0f : 0.0f);
        }
        const std::vector<float> poison(c.dy.size(), std::nanf(""));
        const int32_t isa = levels()[static_cast<size_t>(random.whole(0, static_cast<int64_t>(levels().size()) - 1))];
        const Context context = context_of(isa);
        Memory memory(c, Edge::kEnd);
        FloatMap x(c.shape, c.shape.in, 0, Halo::of(c.shape.taps), 0.0f, Edge::kEnd, from(hot));
        FloatMap product(c.shape, c.shape.out, 0, {}, 0.0f, Edge::kEnd, from(poison));
        FloatMap looked_up(c.shape, c.shape.out, 0, {}, 0.0f, Edge::kEnd, from(poison));
        REQUIRE(gatun_affine_run(context.get(), &memory.affine, &x.map(), &product.map(), 0) == GATUN_OK);
        REQUIRE(gatun_lookup_run(context.get(), &memory.affine, nullptr, &memory.x.map(), &looked_up.map()) ==
                GATUN_OK);
        INFO(c.line(), " on ", level_name(isa));
        CHECK(first_difference(product.copy(), looked_up.copy()) == -1);
    }
}

TEST_CASE("lookup: gradients come near to their sums, with the same bits on 1, 2 and 3 threads") {
    Random random("lookup gradient");
    for (const bool whole : {false, true}) {
        for (const Case& c : cases(random, whole)) {
            const auto draw = [&](int64_t n) { return whole ? random.wholes(n) : random.reals(n, -2, 2); };
            const Gradients start = {draw(c.shape.packed()), draw(c.shape.out), draw(c.shape.out)};
            Memory memory(c, Edge::kEnd);
            FloatMap dy(c.shape, c.shape.out, c.shape.gapy, {}, 0.0f, Edge::kEnd, from(c.dy));
            std::vector<scalar::Sum> weights(start.weights.size()), bias(start.bias.size()), outside(bias.size());
            scalar::lookup_gradient(memory.affine, memory.x.map(), dy.map(), weights.data(),
                                    c.shape.bias != 0 ? bias.data() : nullptr,
                                    c.with_outside ? outside.data() : nullptr);
            const int64_t terms = c.shape.positions() * (1 + int64_t{c.shape.tap_count()} * c.channels) + 4;
            for (const int32_t isa : levels()) {
                INFO(c.line(), " on ", level_name(isa));
                const Gradients one = gradients(c, isa, 1, Edge::kEnd, start);
                check_near(one.weights, start.weights, weights, whole, terms);
                check_near(one.bias, start.bias, bias, whole, terms);
                check_near(one.outside, start.outside, outside, whole, terms);
                for (const int32_t threads : {2, 3}) {
                    const Gradients more = gradients(c, isa, threads, Edge::kStart, start);
                    CHECK(first_difference(one.weights, more.weights) == -1);
                    CHECK(first_difference(one.bias, more.bias) == -1);
                    CHECK(first_difference(one.outside, more.outside) == -1);
                }
            }
        }
    }
}

}  // namespace gatun::check
