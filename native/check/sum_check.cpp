// Sums of maps against their definitions: values that stand for several rows and columns, halos, gaps, guard pages, all
// levels and threads.
#include "map_cases.h"
#include "ops/sum/sum.h"

namespace gatun::check {
namespace {

struct SumExtent {
    Extent y;
    int32_t repeat;
};
constexpr int32_t kEverywhere = INT32_MAX;
constexpr SumExtent kSums[] = {{{0, 2, 3, 4, 0}, 1},    {{2, 0, 3, 4, 0}, 2},     {{2, 3, 0, 4, 0}, 3},
                               {{2, 3, 4, 0, 1}, 1},    {{2, 3, 4, 0, 1}, 2},     {{1, 1, 1, 1, 0}, 1},
                               {{1, 1, 1, 1, 0}, 5},    {{2, 3, 5, 7, 0}, 1},     {{2, 3, 5, 7, 2}, 1},
                               {{2, 3, 5, 7, 0}, 2},    {{1, 1, 10, 16, 0}, 4},   {{3, 4, 6, 33, 1}, 2},
                               {{2, 7, 9, 15, 3}, 3},   {{1, 5, 6, 17, 0}, 6},    {{2, 3, 4, 31, 5}, kEverywhere},
                               {{1, 1, 901, 20, 0}, 1}, {{1, 1, 901, 20, 0}, 7},  {{5, 12, 13, 24, 1}, 1},
                               {{5, 12, 13, 24, 1}, 5}, {{2, 1, 9000, 1, 0}, 320}};
constexpr float kScales[] = {1.0f, 0.70710678f, -3.0f};

int32_t parts(int32_t whole, int32_t repeat) { return static_cast<int32_t>((int64_t{whole} + repeat - 1) / repeat); }

// What accumulates begins with numbers, anything else with poison.
struct Case {
    Extent y, x;
    int32_t repeat;
    float scale;
    bool accumulate;

    std::vector<float> before(Random& random, const Extent& e) const {
        const int64_t count = e.positions() * e.features;
        return accumulate ? random.reals(count, -2, 2) : std::vector<float>(static_cast<size_t>(count), kPoison());
    }
    std::string text() const {
        return y.text() + ", repeat " + std::to_string(repeat) + ", scale " + std::to_string(scale) +
               (accumulate ? ", added" : ", written");
    }
};

template <class Body>
void each_case(Body&& body) {
    for (const auto& [y, repeat] : kSums) {
        const Extent x = {y.n, parts(y.h, repeat), parts(y.t, repeat), y.features, y.gap};
        for (const float scale : kScales) {
            for (const bool accumulate : {false, true}) body(Case{y, x, repeat, scale, accumulate});
        }
    }
}

// dx as it was and its gradient, in float, must lie within the rounding of so many terms.
void check_near(const Case& c, const std::vector<float>& before, const std::vector<scalar::Sum>& sums,
                const std::vector<float>& found) {
    const double terms = static_cast<double>(std::min(c.repeat, c.y.h)) * std::min(c.repeat, c.y.t);
    for (size_t i = 0; i < found.size(); ++i) {
        const double start = c.accumulate ? static_cast<double>(before[i]) : 0.0;
        const double allowed = (terms + 2) * 0x1p-24 * (std::fabs(start) + sums[i].size);
        CHECK(std::fabs(static_cast<double>(found[i]) - (start + sums[i].value)) <= allowed);
    }
}

}  // namespace

TEST_CASE("sum: the definition's bits, repeated, scaled, added") {
    Random random("sum");
    const std::vector<LevelContext> contexts = level_contexts();
    each_case([&](const Case& s) {
        const std::vector<float> x = random.reals(s.x.positions() * s.x.features, -2, 2);
        const std::vector<float> before = s.before(random, s.y);
        for (const LevelContext& c : contexts) {
            INFO(s.text(), " on ", c.text());
            const FloatMap mx = map_of(s.x, s.x.features, c.edge, x, {});
            const FloatMap wanted = map_of(s.y, s.y.features, c.edge, before);
            const FloatMap found = map_of(s.y, s.y.features, c.edge, before);
            scalar::sum(mx.map(), s.repeat, s.scale, wanted.map(), s.accumulate);
            REQUIRE(gatun_sum_run(c.context.get(), &mx.map(), s.repeat, s.scale, &found.map(), s.accumulate) ==
                    GATUN_OK);
            CHECK(first_difference(wanted.copy(), found.copy()) == -1);  // halo and gaps among them
        }
    });
}

TEST_CASE("sum: what is no number, infinite or zero stays so") {
    const std::vector<float> x = {std::nanf(""), INFINITY, -INFINITY, 0.0f, -0.0f, 0x1p-149f};
    const Extent one = {1, 1, 6, 1, 0};
    for (const LevelContext& c : level_contexts()) {
        for (const int32_t repeat : {1, 2}) {
            const Extent many = {1, repeat, 6 * repeat, 1, 0};
            const std::vector<float> before(static_cast<size_t>(many.positions()), -0.0f);  // -0 and x is x
            for (const int32_t accumulate : {0, 1}) {
                const FloatMap mx = map_of(one, 1, c.edge, x), my = map_of(many, 1, c.edge, before);
                REQUIRE(gatun_sum_run(c.context.get(), &mx.map(), repeat, 1.0f, &my.map(), accumulate) == GATUN_OK);
                const std::vector<float> y = my.inside();
                for (size_t i = 0; i < y.size(); ++i) {
                    INFO(c.text(), ", value ", i);
                    CHECK(same_bits(y[i], x[i / static_cast<size_t>(repeat) % x.size()]));
                }
            }
        }
    }
}

TEST_CASE("sum: gradients against sums in double, the same bits on all levels and threads") {
    Random random("sum gradient");
    const std::vector<LevelContext> contexts = level_contexts();
    each_case([&](const Case& s) {
        const std::vector<float> dy = random.reals(s.y.positions() * s.y.features, -2, 2);
        const std::vector<float> before = s.before(random, s.x);
        std::vector<scalar::Sum> sums(before.size());
        std::vector<float> first;
        for (const LevelContext& c : contexts) {
            INFO(s.text(), " on ", c.text());
            const FloatMap mdy = map_of(s.y, s.y.features, c.edge, dy, {});
            const FloatMap mdx = map_of(s.x, s.x.features, c.edge, before);
            REQUIRE(gatun_sum_gradient(c.context.get(), &mdy.map(), s.repeat, s.scale, &mdx.map(), s.accumulate) ==
                    GATUN_OK);
            CHECK(outside_is_left(mdx, s.x, c.edge));
            if (&c == &contexts.front()) {
                first = mdx.inside();
                scalar::sum_gradient(mdy.map(), s.repeat, s.scale, sums.data());
                check_near(s, before, sums, first);
            }
            CHECK(first_difference(first, mdx.inside()) == -1);
        }
    });
}

}  // namespace gatun::check
