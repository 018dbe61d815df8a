// Dropout: draws written out by hand, nothing dropped is a copy; the definition's bits over maps with halos and gaps,
// on all levels and threads.
#include "map_cases.h"
#include "ops/dropout/dropout.h"

namespace gatun::check {

TEST_CASE("dropout: words, shares of what is kept, copies") {
    Random random("dropout");
    const int64_t columns = 3000, features = 7;
    const std::vector<float> values = random.reals(columns * features, 1, 2);
    for (const int32_t threads : {1, 3}) {
        const Context context = context_of(levels().back(), threads);
        std::vector<float> x = values, y(values.size(), 5.0f);
        const gatun_map from{x.data(), columns * features, columns * features, features, 1, 1, columns, features};
        gatun_map to = from;
        to.data = y.data();
        // SplitMix64's first word of seed 0 is 0xe220a8397b1dcdaf: 0xcdaf is the first feature's draw.
        gatun_dropout draws{1, 0xcdaf, 2.0f};
        REQUIRE(gatun_dropout_run(context.get(), &draws, &from, &to, 0) == GATUN_OK);
        CHECK(y[0] == 0.0f);
        draws.kept = 0xcdb0;
        REQUIRE(gatun_dropout_run(context.get(), &draws, &from, &to, 0) == GATUN_OK);
        CHECK(y[0] == 2.0f * x[0]);
        CHECK(y[1] == 2.0f * x[1]);  // 0x7b1d
        CHECK(y[3] == 0.0f);         // 0xe220
        int64_t kept = 0;
        for (size_t i = 0; i < y.size(); ++i) {
            kept += y[i] != 0.0f ? 1 : 0;
            CHECK((y[i] == 0.0f || y[i] == 2.0f * x[i]));
        }
        CHECK(static_cast<double>(kept) / static_cast<double>(y.size()) ==
              doctest::Approx(0xcdb0 / 65536.0).epsilon(0.05));
        std::vector<float> sum = y;
        for (size_t i = 0; i < y.size(); ++i) sum[i] += y[i];
        REQUIRE(gatun_dropout_run(context.get(), &draws, &from, &to, 1) == GATUN_OK);
        CHECK(first_difference(sum, y) < 0);
        draws = {7, 65536, 1.0f};
        REQUIRE(gatun_dropout_run(context.get(), &draws, &from, &to, 0) == GATUN_OK);
        CHECK(first_difference(x, y) < 0);
    }
}

TEST_CASE("dropout: the definition's bits, tails, halos, gaps, what accumulates, in place") {
    Random random("dropout maps");
    const std::vector<LevelContext> contexts = level_contexts();
    for (const Extent& e : kExtents) {
        for (const int32_t kept : {0, 1, 40000, 65535, 65536}) {
            const gatun_dropout draws = {random.bits(), kept, static_cast<float>(random.real(1, 2))};
            const std::vector<float> x = random.reals(e.positions() * e.features, -2, 2);
            const std::vector<float> before = random.reals(e.positions() * e.features, -2, 2);
            for (const LevelContext& c : contexts) {
                INFO(e.text(), ", key ", draws.key, ", kept ", kept, " on ", c.text());
                const FloatMap from = map_of(e, e.features, c.edge, x, {});
                const FloatMap y = poisoned_map(e, e.features, c.edge), sum = map_of(e, e.features, c.edge, before);
                const FloatMap wanted = poisoned_map(e, e.features, c.edge);
                const FloatMap wanted_sum = map_of(e, e.features, c.edge, before);
                scalar::dropout(draws, from.map(), wanted.map(), false);
                scalar::dropout(draws, from.map(), wanted_sum.map(), true);
                REQUIRE(gatun_dropout_run(c.context.get(), &draws, &from.map(), &y.map(), 0) == GATUN_OK);
                REQUIRE(gatun_dropout_run(c.context.get(), &draws, &from.map(), &sum.map(), 1) == GATUN_OK);
                CHECK(first_difference(x, from.inside()) == -1);
                CHECK(first_difference(wanted.copy(), y.copy()) == -1);
                CHECK(first_difference(wanted_sum.copy(), sum.copy()) == -1);
                REQUIRE(gatun_dropout_run(c.context.get(), &draws, &from.map(), &from.map(), 0) == GATUN_OK);
                CHECK(first_difference(wanted.inside(), from.inside()) == -1);
            }
        }
    }
}

TEST_CASE("dropout: what is dropped is zero, whatever it was, and keys go round") {
    const std::vector<float> x = {std::nanf(""), INFINITY, -INFINITY, -1.0f, -0.0f, 0x1p-149f, 3.0f};
    const Extent e = {1, 1, 1, 7, 0};
    for (const LevelContext& c : level_contexts()) {
        for (const uint64_t key : {uint64_t{0}, UINT64_MAX}) {
            for (const int32_t kept : {0, 30000, 65536}) {
                INFO(c.text(), ", key ", key, ", kept ", kept);
                const gatun_dropout draws = {key, kept, 1.0f};
                const FloatMap from = map_of(e, 7, c.edge, x), y = poisoned_map(e, 7, c.edge);
                REQUIRE(gatun_dropout_run(c.context.get(), &draws, &from.map(), &y.map(), 0) == GATUN_OK);
                const std::vector<float> found = y.inside();
                for (int32_t f = 0; f < 7; ++f) {
                    const float wanted = scalar::keeps(draws, 0, 7, f) ? x[static_cast<size_t>(f)] : 0.0f;
                    CHECK(same_bits(found[static_cast<size_t>(f)], wanted));
                }
            }
        }
    }
}

}  // namespace gatun::check
