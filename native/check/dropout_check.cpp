// Dropout: draws written out by hand, nothing dropped is a copy, the same with any number of threads.
#include "cases.h"

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

}  // namespace gatun::check
