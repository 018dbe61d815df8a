// The affine operation with a stride: the bits of the definition at every stride-th position, gradients near it.
#include "affine_shape.h"
#include "ops/affine/affine.h"

namespace gatun::check {
namespace {

struct Strided {
    AffineShape small, large;
    int32_t stride;

    std::string line() const { return small.line() + " stride=" + std::to_string(stride); }
};

std::vector<Strided> shapes(Random& random) {
    std::vector<Strided> all;
    for (int i = 0; i < 40; ++i) {
        AffineShape small = random_affine_shape(random);
        if (i == 0) small.n = 0;
        Strided s{small, small, static_cast<int32_t>(random.whole(1, 3))};
        s.large.h *= s.stride;
        s.large.t *= s.stride;
        all.push_back(s);
    }
    return all;
}

auto from(const std::vector<float>& values) {
    return [&values, i = size_t{0}]() mutable { return values[i++]; };
}

// Taps beyond the grid read what lies just outside of it.
std::vector<gatun_tap> within(const AffineShape& large) {
    std::vector<gatun_tap> taps = large.taps;
    for (gatun_tap& tap : taps) {
        tap.row = std::clamp(tap.row, -large.h, large.h);
        tap.column = std::clamp(tap.column, -large.t, large.t);
    }
    return taps;
}

struct Case {
    Strided s;
    std::vector<gatun_tap> taps;
    std::vector<float> x, dy, before, weights, bias;

    Case(const Strided& shape, Random& random) : s(shape), taps(within(shape.large)) {
        x = random.reals(s.large.positions() * s.large.in, -2, 2);
        dy = random.reals(s.small.positions() * s.small.out, -2, 2);
        before = random.reals(s.small.positions() * s.small.out, -2, 2);
        weights = random.reals(s.small.packed(), -2, 2);
        bias = random.reals(s.small.out, -2, 2);
    }
};

struct Memory {
    Guarded<float> weights, bias;
    FloatMap x;
    gatun_affine affine;

    Memory(const Case& c, Edge edge)
        : weights(c.weights, edge),
          bias(c.bias, edge),
          x(c.s.large, c.s.large.in, c.s.large.gapx, Halo::of(c.taps), 0.0f, edge, from(c.x)),
          affine{weights.data(),
                 c.s.small.bias != 0 ? bias.data() : nullptr,
                 c.taps.data(),
                 c.s.small.tap_count(),
                 c.s.small.in,
                 c.s.small.out,
                 0} {}
};

}  // namespace

TEST_CASE("strided: outputs have the defined bits at every stride-th position") {
    Random random("strided run");
    for (const Strided& s : shapes(random)) {
        const Case c(s, random);
        for (const bool accumulate : {false, true}) {
            Memory defined(c, Edge::kEnd);
            const FloatMap wanted(s.small, s.small.out, s.small.gapy, {}, 0.0f, Edge::kEnd, from(c.before));
            scalar::affine(defined.affine, defined.x.map(), wanted.map(), accumulate, s.stride);
            for (const int32_t isa : levels()) {
                for (const int32_t threads : {1, 3}) {
                    INFO(s.line(), " on ", level_name(isa), ", ", threads, " threads");
                    const Edge edge = threads == 1 ? Edge::kEnd : Edge::kStart;
                    const Context context = context_of(isa, threads);
                    Memory m(c, edge);
                    const FloatMap y(s.small, s.small.out, s.small.gapy, {}, 0.0f, edge, from(c.before));
                    REQUIRE(gatun_affine_strided_run(context.get(), &m.affine, &m.x.map(), s.stride, &y.map(),
                                                     accumulate) == GATUN_OK);
                    CHECK(first_difference(wanted.copy(), y.copy()) == -1);
                }
            }
        }
    }
}

TEST_CASE("strided: gradients come near to the defined sums, with the same bits on any number of threads") {
    Random random("strided gradient");
    for (const Strided& s : shapes(random)) {
        const Case c(s, random);
        const size_t packed = c.weights.size(), outputs = c.bias.size();
        Memory defined(c, Edge::kEnd);
        const FloatMap dy(s.small, s.small.out, s.small.gapy, {}, 0.0f, Edge::kEnd, from(c.dy));
        std::vector<scalar::Sum> weights(packed), bias(outputs);
        scalar::affine_gradient(defined.affine, defined.x.map(), dy.map(), weights.data(), bias.data(), s.stride);
        for (const int32_t isa : levels()) {
            std::vector<float> first;
            for (const int32_t threads : {1, 2, 3}) {
                INFO(s.line(), " on ", level_name(isa), ", ", threads, " threads");
                const Context context = context_of(isa, threads);
                Memory m(c, Edge::kStart);
                Guarded<float> found(std::vector<float>(packed, 0.0f)), sums(std::vector<float>(outputs, 0.0f));
                REQUIRE(gatun_affine_strided_gradient(context.get(), &m.affine, &m.x.map(), s.stride, &dy.map(),
                                                      found.data(), sums.data()) == GATUN_OK);
                if (first.empty()) first = found.copy();
                CHECK(first_difference(first, found.copy()) == -1);
                const double rounding = static_cast<double>(s.small.positions() + 4) * 0x1p-24;
                for (size_t i = 0; i < packed; ++i) {
                    const double error = std::fabs(static_cast<double>(first[i]) - weights[i].value);
                    CHECK(error <= rounding * weights[i].size);
                }
                for (size_t i = 0; i < outputs; ++i) {
                    const double error = std::fabs(static_cast<double>(sums[static_cast<int64_t>(i)]) - bias[i].value);
                    CHECK(error <= rounding * bias[i].size);
                }
            }
        }
    }
}

}  // namespace gatun::check
