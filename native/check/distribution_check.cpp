// Log-probabilities against their scalar definition, gradients against its finite differences.
#include <limits>

#include "cases.h"
#include "distribution_cases.h"
#include "guarded.h"
#include "ops/distribution/distribution.h"

namespace gatun::check {
namespace {

constexpr int64_t kCounts[] = {0, 1, 2, 15, 16, 17, 40};

std::vector<float> log_prob_on(int32_t isa, const Places& p, Edge edge) {
    Guarded<float> parameters(p.parameters, edge);
    Guarded<int32_t> levels(p.levels, edge);
    Guarded<float> reals(p.reals, edge);
    Guarded<float> result(p.count, edge);
    Guarded<float> scratch(distribution_scratch(p.d), Edge::kStart);
    GATUN_PICK(isa, distribution_kernels)
        .log_prob(p.d, parameters.data(), p.stride, discrete(p.d) ? levels.data() : nullptr,
                  discrete(p.d) ? nullptr : reals.data(), p.stride_values, p.count, result.data(), 1, scratch.data());
    return result.copy();
}

std::vector<float> gradient_on(int32_t isa, const Places& p, float scale, Edge edge) {
    Guarded<float> parameters(p.parameters, edge);
    Guarded<int32_t> levels(p.levels, edge);
    Guarded<float> reals(p.reals, edge);
    Guarded<float> result(p.count * p.outputs, edge);
    Guarded<float> scratch(distribution_scratch(p.d), Edge::kStart);
    GATUN_PICK(isa, distribution_kernels)
        .gradient(p.d, parameters.data(), p.stride, discrete(p.d) ? levels.data() : nullptr,
                  discrete(p.d) ? nullptr : reals.data(), p.stride_values, p.count, scale, result.data(), p.outputs,
                  scratch.data());
    return result.copy();
}

double log_prob_at(const Places& p, const std::vector<double>& parameters, int64_t place) {
    return scalar::log_prob(p.d, parameters.data(), p.level(place), p.real(place));
}

// -d ln p / d output i by finite differences from above and from below; NaN where the two do not agree: at the clamp of
// the log-scales, and where the mass of a bin gives way to the density.
double slope_of(const Places& p, int64_t place, size_t i) {
    std::vector<double> parameters = p.precise(place);
    const double here = parameters[i];
    const double step = 1e-6;  // the narrowest logistic is e^-7 wide
    double values[5];
    for (int s = -2; s <= 2; ++s) {
        parameters[i] = here + s * step;
        values[s + 2] = -log_prob_at(p, parameters, place);
    }
    const double below = (3 * values[2] - 4 * values[1] + values[0]) / (2 * step);
    const double above = (-3 * values[2] + 4 * values[3] - values[4]) / (2 * step);
    if (std::fabs(above - below) > 1e-5 * std::max(1.0, std::fabs(above)))
        return std::numeric_limits<double>::quiet_NaN();
    return (above + below) / 2;
}

}  // namespace

TEST_CASE("log-probabilities' sums: in the order of positions, in double") {
    Random random("log_prob_sums");
    for (const int32_t examples : {0, 1, 7, 8, 9, 40}) {
        for (const int32_t positions : {0, 1, 5, 784}) {
            const int64_t stride = positions + 3;
            const std::vector<float> log_prob = random.reals(examples * stride, -9, 0);
            std::vector<double> expected(static_cast<size_t>(examples), 0.0);
            for (int64_t n = 0; n < examples; ++n) {
                for (int64_t d = 0; d < positions; ++d) {
                    expected[static_cast<size_t>(n)] +=
                        static_cast<double>(log_prob[static_cast<size_t>(n * stride + d)]);
                }
            }
            for (const int32_t threads : {1, 2, 3}) {
                const auto context = context_of(levels().front(), threads);
                Guarded<float> from(log_prob);
                Guarded<double> sums(examples);
                REQUIRE(gatun_log_prob_sums(context.get(), from.data(), stride, examples, positions, sums.data()) ==
                        GATUN_OK);
                CHECK(std::equal(expected.begin(), expected.end(), sums.data()));
            }
        }
    }
}

TEST_CASE("distribution: log-probability against the definition") {
    Random random("log_prob");
    for (const gatun_distribution& d : distributions()) {
        for (const int64_t count : kCounts) {
            const Places p(d, count, count % 2 * 3, random);
            std::vector<float> first;
            for (const int32_t isa : levels()) {
                for (const Edge edge : {Edge::kStart, Edge::kEnd}) {
                    INFO(name_of(d), " count ", count, " on ", level_name(isa));
                    const std::vector<float> result = log_prob_on(isa, p, edge);
                    if (first.empty()) first = result;
                    CHECK(first_difference(first, result) == -1);
                }
            }
            for (int64_t place = 0; place < count; ++place) {
                const double truth = log_prob_at(p, p.precise(place), place);
                const double error = std::fabs(static_cast<double>(first[static_cast<size_t>(place)]) - truth);
                INFO(name_of(d), " place ", place, " truth ", truth, " error ", error);
                CHECK(error <= 2e-6 * std::max(1.0, std::fabs(truth)));
            }
        }
    }
}

TEST_CASE("distribution: gradient against finite differences of the definition") {
    Random random("gradient");
    int64_t checked = 0;
    int64_t skipped = 0;
    for (const gatun_distribution& d : distributions()) {
        const int64_t count = d.components > 10 || d.levels > 100 ? 5 : 21;
        const Places p(d, count, 2, random);
        std::vector<float> first;
        for (const int32_t isa : levels()) {
            for (const Edge edge : {Edge::kStart, Edge::kEnd}) {
                INFO(name_of(d), " on ", level_name(isa));
                const std::vector<float> result = gradient_on(isa, p, 0.25f, edge);
                if (first.empty()) first = result;
                CHECK(first_difference(first, result) == -1);
            }
        }
        for (int64_t place = 0; place < count; ++place) {
            double largest = 0.25;
            std::vector<double> slopes;
            for (size_t i = 0; i < static_cast<size_t>(p.outputs); ++i) {
                slopes.push_back(0.25 * slope_of(p, place, i));
                if (!std::isnan(slopes[i])) largest = std::max(largest, std::fabs(slopes[i]));
            }
            for (size_t i = 0; i < slopes.size(); ++i) {
                const float found = first[static_cast<size_t>(place * p.outputs) + i];
                INFO(name_of(d), " place ", place, " level ", p.level(place), " output ", i, " found ", found,
                     " wanted ", slopes[i]);
                ++(std::isnan(slopes[i]) ? skipped : checked);
                CHECK(!(std::fabs(static_cast<double>(found) - slopes[i]) > 1e-5 * largest));
                CHECK(!std::isnan(found));
            }
        }
    }
    CHECK(skipped * 50 <= checked);
}

TEST_CASE("distribution: the clamp of log-scales") {
    for (const int32_t isa : levels()) {
        for (const int32_t level : {0, 100, 255}) {
            const gatun_distribution d = {GATUN_LOGISTIC_MIXTURE, 256, 3, 0};
            Random random("clamp");
            Places p(d, 1, 0, random);
            p.levels[0] = level;
            p.parameters = {0, 0, 0, -0.2f, -0.215f, -0.2f, -7.5f, -7.0f, -6.5f};
            if (level != 100) p.parameters[3] = p.parameters[4] = p.parameters[5] = level == 0 ? -0.99f : 0.99f;
            const std::vector<float> g = gradient_on(isa, p, 1.0f, Edge::kEnd);
            INFO(level_name(isa), " level ", level);
            CHECK(g[6] == 0.0f);  // below: no slope
            CHECK(g[7] != 0.0f);  // at -7: as above it
            CHECK(g[8] != 0.0f);
            std::vector<double> up = p.precise(0);
            up[7] += 1e-7;
            const double slope = -(log_prob_at(p, up, 0) - log_prob_at(p, p.precise(0), 0)) / 1e-7;
            CHECK(std::fabs(static_cast<double>(g[7]) - slope) <= 1e-4 * std::max(1.0, std::fabs(slope)));
        }
    }
}

TEST_CASE("distribution: probabilities add up to one") {
    Random random("total");
    for (const gatun_distribution& d : distributions()) {
        if (!discrete(d) || d.levels > 300) continue;
        Places p(d, 1, 0, random);
        const size_t components = static_cast<size_t>(d.components);
        for (size_t k = 0; k < components; ++k) {  // wide enough for no bin to fall to the density
            p.parameters[2 * components + k] = static_cast<float>(random.real(-1.5, 0));
            p.parameters[components + k] = static_cast<float>(random.real(-0.5, 0.5));
        }
        for (const int32_t isa : levels()) {
            double total = 0;
            for (p.levels[0] = 0; p.levels[0] < d.levels; ++p.levels[0]) {
                total += std::exp(static_cast<double>(log_prob_on(isa, p, Edge::kEnd)[0]));
            }
            INFO(name_of(d), " on ", level_name(isa));
            CHECK(std::fabs(total - 1) <= 2e-6);
        }
    }
}

TEST_CASE("distribution: extreme outputs") {
    const gatun_distribution categorical = {GATUN_CATEGORICAL, 3, 0, 0};
    const gatun_distribution bernoulli = {GATUN_BERNOULLI, 2, 0, 0};
    Random random("extreme");
    for (const int32_t isa : levels()) {
        Places p(categorical, 1, 0, random);
        p.parameters = {-INFINITY, 3e38f, -3e38f};
        p.levels[0] = 1;
        CHECK(log_prob_on(isa, p, Edge::kEnd)[0] == 0.0f);
        p.levels[0] = 0;
        CHECK(log_prob_on(isa, p, Edge::kEnd)[0] == -INFINITY);
        Places b(bernoulli, 1, 0, random);
        b.parameters = {1e4f};
        b.levels[0] = 0;
        CHECK(log_prob_on(isa, b, Edge::kEnd)[0] == -1e4f);
        CHECK(gradient_on(isa, b, 1.0f, Edge::kEnd)[0] == 1.0f);
        b.levels[0] = 1;
        CHECK(log_prob_on(isa, b, Edge::kEnd)[0] == 0.0f);
    }
}

TEST_CASE("distribution: entries give the same bits with any number of threads") {
    Random random("entries");
    for (const gatun_distribution& d : distributions()) {
        const int32_t examples = 3;
        const int32_t columns = d.levels > 100 || d.components > 10 ? 20 : 70;
        const Places p(d, int64_t{examples} * columns, 0, random);
        const int64_t outputs = p.outputs;
        std::vector<float> parameters = p.parameters;
        std::vector<int32_t> level_data = p.levels;
        std::vector<float> real_data = p.reals;
        const gatun_map map = {parameters.data(), columns * outputs,
                               columns * outputs, outputs,
                               examples,          1,
                               columns,           static_cast<int32_t>(outputs)};
        const gatun_values values = {discrete(d) ? level_data.data() : nullptr,
                                     discrete(d) ? nullptr : real_data.data(), columns};
        for (const int32_t isa : levels()) {
            const std::vector<float> alone = log_prob_on(isa, p, Edge::kEnd);
            const std::vector<float> slopes = gradient_on(isa, p, 0.5f, Edge::kEnd);
            for (const int32_t threads : {1, 2, 3}) {
                const Context context = context_of(isa, threads);
                INFO(name_of(d), " on ", level_name(isa), " threads ", threads);
                std::vector<float> result(alone.size(), NAN);
                REQUIRE(gatun_log_prob(context.get(), &d, &map, &values, result.data(), columns) == GATUN_OK);
                CHECK(first_difference(alone, result) == -1);
                std::vector<float> gradient(slopes.size(), NAN);
                gatun_map to = map;
                to.data = gradient.data();
                REQUIRE(gatun_log_prob_gradient(context.get(), &d, &map, &values, 0.5f, &to) == GATUN_OK);
                CHECK(first_difference(slopes, gradient) == -1);
            }
        }
    }
}

}  // namespace gatun::check
