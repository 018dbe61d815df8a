// Definitions as the library hands them out, beside its kernels.
#include <doctest/doctest.h>

#include <algorithm>

#include "affine_shape.h"
#include "cases.h"
#include "gatun_definitions.h"
#include "guarded.h"
#include "ops/distribution/distribution.h"

namespace gatun::check {
namespace {

constexpr int32_t kExamples = 2, kRows = 3, kColumns = 5;

// Rows of features, nothing between them.
gatun_map map_of(std::vector<float>& values, int32_t rows, int32_t features) {
    const int64_t row = int64_t{kColumns} * features;
    REQUIRE(values.size() == static_cast<size_t>(kExamples * rows * row));
    return {values.data(), rows * row, row, features, kExamples, rows, kColumns, features};
}

constexpr int64_t positions(int32_t rows) { return int64_t{kExamples} * rows * kColumns; }

void check_near(const std::vector<float>& wanted, const std::vector<float>& found, double tolerance) {
    REQUIRE(wanted.size() == found.size());
    for (size_t i = 0; i < wanted.size(); ++i) {
        INFO("at ", i);
        CHECK(found[i] == doctest::Approx(static_cast<double>(wanted[i])).epsilon(tolerance));
    }
}

}  // namespace

TEST_CASE("definitions: affine, as the kernels") {
    Random random("definition of affine");
    constexpr int32_t kIn = 3, kOut = 18;
    const gatun_tap here{0, 0};
    std::vector<float> x = random.reals(positions(kRows) * kIn, -1, 1),
                       dy = random.reals(positions(kRows) * kOut, -1, 1);
    Guarded<float> weights(random.reals(2 * GATUN_LANES * kIn, -1, 1));
    const std::vector<float> bias = random.reals(kOut, -1, 1);
    const gatun_affine affine{weights.data(), bias.data(), &here, 1, kIn, kOut, 0};
    std::vector<float> y(dy.size()), wanted(dy.size());
    const Context context = context_of(levels().back(), 1);
    const gatun_map of_x = map_of(x, kRows, kIn), of_y = map_of(y, kRows, kOut), of_dy = map_of(dy, kRows, kOut);
    const gatun_map of_wanted = map_of(wanted, kRows, kOut);
    REQUIRE(gatun_affine_run(context.get(), &affine, &of_x, &of_wanted, 0) == GATUN_OK);
    CHECK(gatun_definition_affine(&affine, &of_x, &of_y) == GATUN_OK);
    CHECK(first_difference(wanted, y) == -1);

    std::vector<float> dw(2 * GATUN_LANES * kIn, 1.0f), db(kOut, 2.0f), dw2 = dw, db2 = db;
    REQUIRE(gatun_affine_gradient(context.get(), &affine, &of_x, &of_dy, dw.data(), db.data()) == GATUN_OK);
    CHECK(gatun_definition_affine_gradient(&affine, &of_x, &of_dy, dw2.data(), db2.data()) == GATUN_OK);
    for (int64_t at = 0; at < 2 * GATUN_LANES * kIn; ++at) {  // of outputs that are there
        if (at / (GATUN_LANES * kIn) * GATUN_LANES + at % GATUN_LANES < kOut) {
            CHECK(dw2[static_cast<size_t>(at)] ==
                  doctest::Approx(static_cast<double>(dw[static_cast<size_t>(at)])).epsilon(1e-5));
        }
    }
    check_near(db, db2, 1e-5);
    const std::vector<float> before = dw2;
    CHECK(gatun_definition_affine_gradient(&affine, &of_x, &of_dy, dw2.data(), nullptr) == GATUN_OK);
    CHECK(first_difference(before, dw2) != -1);  // it adds
}

TEST_CASE("definitions: a tap farther out than the grid is large reads just outside") {
    Random random("definition of a far tap");
    constexpr int32_t kIn = 3, kOut = 5, kLong = 6;
    const gatun_tap taps[] = {{0, -100}, {0, 0}};
    const std::vector<float> numbers = random.reals(kLong * kIn, -1, 1);
    Guarded<float> x(2 * kLong * kIn, Edge::kStart), weights(random.reals(GATUN_LANES * (2 * kIn - 1), -1, 1));
    for (int64_t i = 0; i < x.size(); ++i)
        x[i] = i < kLong * kIn ? 0.0f : numbers[static_cast<size_t>(i - kLong * kIn)];
    const gatun_affine affine{weights.data(), nullptr, taps, 2, kIn, kOut, 1};
    std::vector<float> y(kLong * kOut), wanted(y.size());
    const auto map = [](float* data, int32_t features) {
        return gatun_map{data, 0, 0, features, 1, 1, kLong, features};
    };
    const gatun_map of_x = map(x.data() + kLong * kIn, kIn), of_y = map(y.data(), kOut);
    const gatun_map of_wanted = map(wanted.data(), kOut);
    const Context context = context_of(levels().back(), 1);
    REQUIRE(gatun_affine_run(context.get(), &affine, &of_x, &of_wanted, 0) == GATUN_OK);
    CHECK(gatun_definition_affine(&affine, &of_x, &of_y) == GATUN_OK);
    CHECK(first_difference(wanted, y) == -1);
}

TEST_CASE("definitions: masked dense, as the kernels") {
    Random random("definition of dense");
    constexpr int32_t kIn = 7, kOut = 19;
    std::vector<int32_t> seen(kOut), rows(kOut), columns(kIn);
    for (int32_t o = 0; o < kOut; ++o) seen[o] = o * kIn / kOut, rows[o] = kOut - 1 - o;
    for (int32_t i = 0; i < kIn; ++i) columns[i] = kIn - 1 - i;
    const gatun_dense dense{seen.data(), rows.data(), columns.data(), kIn, kIn, kOut};
    std::vector<float> x = random.reals(positions(1) * kIn, -1, 1), y(positions(1) * kOut), wanted(y.size());
    const std::vector<float> weights = random.reals(kIn * kOut, -1, 1), bias = random.reals(kOut, -1, 1);
    Guarded<float> packed(2 * GATUN_LANES * kIn), packed_bias(2 * GATUN_LANES);
    const Context context = context_of(levels().back(), 1);
    gatun_map of_x = map_of(x, 1, kIn), of_y = map_of(y, 1, kOut), of_wanted = map_of(wanted, 1, kOut);
    for (gatun_map* map : {&of_x, &of_y, &of_wanted}) {  // an example a position
        map->examples *= map->columns, map->columns = 1, map->stride_example = map->features;
    }
    REQUIRE(gatun_dense_pack(context.get(), &dense, weights.data(), bias.data(), packed.data(), packed_bias.data()) ==
            GATUN_OK);
    REQUIRE(gatun_dense_run(context.get(), &dense, packed.data(), packed_bias.data(), &of_x, &of_wanted) == GATUN_OK);
    CHECK(gatun_definition_dense(&dense, weights.data(), bias.data(), &of_x, &of_y) == GATUN_OK);
    CHECK(first_difference(wanted, y) == -1);
}

TEST_CASE("definitions: gate, as the kernels") {
    Random random("definition of gate");
    constexpr int32_t kHalf = 9;
    std::vector<float> x = random.reals(positions(kRows) * 2 * kHalf, -4, 4), y(x.size() / 2), wanted(y.size());
    const Context context = context_of(levels().back(), 1);
    const gatun_map of_x = map_of(x, kRows, 2 * kHalf), of_y = map_of(y, kRows, kHalf);
    const gatun_map of_wanted = map_of(wanted, kRows, kHalf);
    REQUIRE(gatun_gate_run(context.get(), &of_x, &of_wanted) == GATUN_OK);
    CHECK(gatun_definition_gate(&of_x, &of_y) == GATUN_OK);
    check_near(wanted, y, 1e-6);
}

TEST_CASE("definitions: log-probabilities, as the kernels") {
    Random random("definition of log-probabilities");
    const gatun_distribution kinds[] = {{GATUN_BERNOULLI, 2, 0, 1},
                                        {GATUN_CATEGORICAL, 17, 0, 1},
                                        {GATUN_GAUSSIAN, 0, 0, 1},
                                        {GATUN_LOGISTIC_MIXTURE, 256, 5, 1},
                                        {GATUN_LOGISTIC_MIXTURE, 256, 5, 3}};
    const Context context = context_of(levels().back(), 1);
    for (const gatun_distribution& d : kinds) {
        INFO("type ", d.type, " channels ", d.channels);
        const auto outputs = static_cast<int32_t>(distribution_outputs(d));
        const int64_t stride = kColumns * distribution_positions(d), count = kExamples * stride;
        std::vector<float> parameters = random.reals(positions(1) * outputs, -1, 1);
        std::vector<float> reals = random.reals(count, -2, 2), found(count), wanted(count);
        std::vector<int32_t> values;
        for (int64_t i = 0; i < count; ++i)
            values.push_back(static_cast<int32_t>(random.whole(0, std::max(d.levels, 1) - 1)));
        const bool real = d.type == GATUN_GAUSSIAN;
        const gatun_values data{real ? nullptr : values.data(), real ? reals.data() : nullptr, stride};
        const gatun_map map = map_of(parameters, 1, outputs);
        REQUIRE(gatun_log_prob(context.get(), &d, &map, &data, wanted.data(), stride) == GATUN_OK);
        CHECK(gatun_definition_log_prob(&d, &map, &data, found.data(), stride) == GATUN_OK);
        check_near(wanted, found, 2e-5);
    }
}

}  // namespace gatun::check
