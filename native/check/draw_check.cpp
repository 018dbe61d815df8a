// Draws: the value that the scalar definition makes of the same uniforms, and its frequency.
#include "cases.h"
#include "distribution_cases.h"
#include "guarded.h"
#include "simd/math_kernels.h"

namespace gatun::check {
namespace {

struct Drawn {
    std::vector<int32_t> levels;
    std::vector<float> reals;
};

Drawn draw_on(int32_t isa, const Places& p, const gatun_noise& noise, uint64_t first, int64_t position) {
    Guarded<float> parameters(p.parameters);
    Guarded<int32_t> levels(discrete(p.d) ? p.count : 0);
    Guarded<float> reals(discrete(p.d) ? 0 : p.count);
    Guarded<float> scratch(distribution_scratch(p.d), Edge::kStart);
    GATUN_PICK(isa, distribution_kernels)
        .draw(p.d, noise, first, position, parameters.data(), p.stride, discrete(p.d) ? levels.data() : nullptr,
              discrete(p.d) ? nullptr : reals.data(), 1, p.count, scratch.data());
    return {levels.copy(), reals.copy()};
}

double definition(const Places& p, int64_t place, const gatun_noise& noise, double u0, double u1) {
    const double temperature = static_cast<double>(noise.temperature);
    return scalar::draw(p.d, p.precise(place).data(), temperature, noise.mode != 0, u0, u1);
}

// Whether a value is what the definition draws, give or take what float makes of a uniform's distance to a boundary.
bool right(const Places& p, int64_t place, const gatun_noise& noise, int64_t position, int32_t found) {
    const auto uniform = GATUN_PICK(GATUN_ISA_BASELINE, math_kernels).uniform;
    const uint64_t sample = noise.first_sample + static_cast<uint64_t>(place);
    const double u0 = static_cast<double>(uniform(noise.seed, sample, position, 0));
    const double u1 = static_cast<double>(uniform(noise.seed, sample, position, 1));
    for (const double off : {0.0, -1e-6, 1e-6}) {
        for (const double off1 : {0.0, -1e-6, 1e-6}) {
            const double u = std::clamp(u1 * (1 + off1), 1e-9, 1 - 1e-9);
            if (definition(p, place, noise, u0 + off, u) == found) return true;
        }
    }
    return false;
}

}  // namespace

TEST_CASE("draw: what the definition makes of the same uniforms") {
    Random random("draw");
    for (const gatun_distribution& d : distributions()) {
        for (const float temperature : {1.0f, 0.5f, 3.0f}) {
            for (const int32_t mode : {0, 1}) {
                const Places p(d, d.levels > 100 ? 33 : 77, 1, random);
                const gatun_noise noise = {random.bits(), random.bits(), temperature, mode};
                const int64_t position = random.whole(0, 1 << 20);
                const Drawn first = draw_on(levels()[0], p, noise, 0, position);
                for (const int32_t isa : levels()) {
                    const Drawn again = draw_on(isa, p, noise, 0, position);
                    INFO(name_of(d), " on ", level_name(isa), " temperature ", temperature, " mode ", mode);
                    CHECK(first_difference(first.levels, again.levels) == -1);
                    CHECK(first_difference(first.reals, again.reals) == -1);
                }
                for (int64_t place = 0; place < p.count; ++place) {
                    INFO(name_of(d), " place ", place, " seed ", noise.seed, " mode ", mode);
                    if (discrete(d)) {
                        CHECK(right(p, place, noise, position, first.levels[static_cast<size_t>(place)]));
                        continue;
                    }
                    const auto uniform = GATUN_PICK(GATUN_ISA_BASELINE, math_kernels).uniform;
                    const uint64_t sample = noise.first_sample + static_cast<uint64_t>(place);
                    const double u = static_cast<double>(uniform(noise.seed, sample, position, 0));
                    const double wanted = definition(p, place, noise, u, 0.5);
                    const double error = static_cast<double>(first.reals[static_cast<size_t>(place)]) - wanted;
                    CHECK(std::fabs(error) <= 1e-6 * std::max(1.0, std::fabs(wanted)));
                }
            }
        }
    }
}

TEST_CASE("draw: a sample is its own, whatever it is drawn with; entries and threads too") {
    Random random("batch");
    for (const gatun_distribution& d : distributions()) {
        const Places p(d, 67, 0, random);
        const gatun_noise noise = {random.bits(), random.bits() >> 1, 0.8f, 0};
        const Drawn together = draw_on(levels().back(), p, noise, 0, 5);
        for (const int64_t from : {1, 16, 50}) {
            Places rest = p;
            rest.count -= from;
            rest.parameters.erase(rest.parameters.begin(), rest.parameters.begin() + from * p.stride);
            const Drawn alone = draw_on(levels().back(), rest, noise, static_cast<uint64_t>(from), 5);
            INFO(name_of(d), " from ", from);
            if (discrete(d))
                CHECK(std::equal(alone.levels.begin(), alone.levels.end(), together.levels.begin() + from));
            if (!discrete(d)) CHECK(std::equal(alone.reals.begin(), alone.reals.end(), together.reals.begin() + from));
        }
        for (const int32_t threads : {1, 2, 3}) {
            const Context context = context_of(levels().back(), threads);
            std::vector<float> parameters = p.parameters;
            std::vector<int32_t> drawn(static_cast<size_t>(p.count) * 3, -7);
            std::vector<float> reals(static_cast<size_t>(p.count) * 3, -7.0f);
            const gatun_map map = {parameters.data(),
                                   p.stride,
                                   p.stride,
                                   p.stride,
                                   static_cast<int32_t>(p.count),
                                   1,
                                   1,
                                   static_cast<int32_t>(p.outputs)};
            const gatun_values values = {discrete(d) ? drawn.data() : nullptr, discrete(d) ? nullptr : reals.data(), 3};
            REQUIRE(gatun_draw(context.get(), &d, &noise, &map, 5, &values) == GATUN_OK);
            for (size_t i = 0; i < drawn.size(); ++i) {
                INFO(name_of(d), " threads ", threads, " at ", i);
                CHECK(drawn[i] == (discrete(d) && i % 3 == 0 ? together.levels[i / 3] : -7));
                CHECK(reals[i] == (!discrete(d) && i % 3 == 0 ? together.reals[i / 3] : -7.0f));
            }
        }
    }
}

TEST_CASE("draw: frequencies of a fixed seed (chi-square)") {
    for (const gatun_distribution& d : {gatun_distribution{GATUN_BERNOULLI, 2, 0, 0},
                                        {GATUN_CATEGORICAL, 17, 0, 0},
                                        {GATUN_CATEGORICAL, 40, 0, 0},
                                        {GATUN_LOGISTIC_MIXTURE, 12, 3, 0}}) {
        Random random("frequencies");
        Places p(d, 1, 0, random);
        for (size_t i = 0; i < p.parameters.size(); ++i) {
            p.parameters[i] = static_cast<float>(1.5 * std::sin(1.0 + static_cast<double>(i)));  // no level is rare
        }
        if (d.components > 0) p.parameters = {0.3f, -0.2f, 0.5f, -0.6f, 0.1f, 0.7f, -1.0f, -1.5f, -0.8f};
        const int64_t draws = 100000;
        p.stride = 0;
        p.count = draws;
        const gatun_noise noise = {20240229, 0, 1.0f, 0};
        const Drawn drawn = draw_on(levels().back(), p, noise, 0, 3);
        std::vector<int64_t> seen(static_cast<size_t>(d.levels));
        for (const int32_t level : drawn.levels) ++seen[static_cast<size_t>(level)];
        double chi_square = 0;
        for (int32_t level = 0; level < d.levels; ++level) {
            const double expected =
                static_cast<double>(draws) * std::exp(scalar::log_prob(d, p.precise(0).data(), level, 0));
            REQUIRE(expected > 5);
            const double off = static_cast<double>(seen[static_cast<size_t>(level)]) - expected;
            chi_square += off * off / expected;
        }
        const double degrees = d.levels - 1;  // mean, variance 2 * degrees
        INFO(name_of(d), " chi-square ", chi_square);
        CHECK(chi_square < degrees + 4.5 * std::sqrt(2 * degrees) + 4);
    }
}

TEST_CASE("draw: moments of a gaussian") {
    Random random("moments");
    Places p({GATUN_GAUSSIAN, 0, 0, 0}, 1, 0, random);
    p.parameters = {1.5f, 0.0f};
    p.stride = 0;
    p.count = 100000;
    const Drawn drawn = draw_on(levels().back(), p, {7, 0, 2.0f, 0}, 0, 0);
    double moments[5] = {};
    for (const float x : drawn.reals) {
        double power = 1;
        for (double& moment : moments) {
            moment += power / static_cast<double>(p.count);
            power *= (static_cast<double>(x) - 1.5) / 2;
        }
    }
    CHECK(std::fabs(moments[1]) < 0.015);
    CHECK(std::fabs(moments[2] - 1) < 0.02);
    CHECK(std::fabs(moments[3]) < 0.04);
    CHECK(std::fabs(moments[4] - 3) < 0.15);
}

TEST_CASE("draw: the first of equal modes; a logit of 0 is no mode of 1; probability 0 is never drawn") {
    Random random("ties");
    for (const int32_t isa : levels()) {
        Places p({GATUN_CATEGORICAL, 20, 0, 0}, 1, 0, random);
        std::fill(p.parameters.begin(), p.parameters.end(), 1.0f);
        p.parameters[18] = p.parameters[19] = p.parameters[17] = 2.0f;
        CHECK(draw_on(isa, p, {1, 0, 1.0f, 1}, 0, 0).levels[0] == 17);
        std::fill(p.parameters.begin(), p.parameters.end(), -INFINITY);
        p.parameters[3] = p.parameters[18] = 0.0f;
        p.stride = 0;
        p.count = 1000;
        int64_t threes = 0;
        for (const int32_t level : draw_on(isa, p, {1, 0, 1.0f, 0}, 0, 0).levels) {
            CHECK((level == 3 || level == 18));
            threes += level == 3 ? 1 : 0;
        }
        CHECK(threes > 400);
        CHECK(threes < 600);
        Places b({GATUN_BERNOULLI, 2, 0, 0}, 1, 0, random);
        b.parameters = {0.0f};
        CHECK(draw_on(isa, b, {1, 0, 1.0f, 1}, 0, 0).levels[0] == 0);
    }
}

TEST_CASE("draw: where rounding leaves no level, the last that has a probability") {
    // This seed's position has the largest uniform that there is. Levels are added one by one, their total by a tree:
    // where the total is larger, the threshold may lie above all that the levels add up to.
    const uint64_t seed = 7;
    const int64_t position = 9813815;
    const MathKernels& math = GATUN_PICK(levels().back(), math_kernels);
    REQUIRE(math.uniform(seed, 0, position, 0) == 1 - 0x1p-24f);
    Random random("rounding");
    int64_t found = 0;
    for (int round = 0; round < 20000 && found < 50; ++round) {
        Places p({GATUN_CATEGORICAL, 16, 0, 0}, 1, 0, random);
        p.parameters[3] = 4.0f;
        p.parameters[15] = -INFINITY;
        std::vector<float> e(16);
        for (size_t i = 0; i < 16; ++i) p.parameters[i] -= 4.0f;
        math.exp(p.parameters.data(), e.data(), 16);
        const float total = math.sum(e.data());
        float added = 0;
        for (const float x : e) added += x;
        if (added > (1 - 0x1p-24f) * total) continue;
        ++found;
        for (const int32_t isa : levels()) CHECK(draw_on(isa, p, {seed, 0, 1.0f, 0}, 0, position).levels[0] == 14);
    }
    CHECK(found == 50);
}

}  // namespace gatun::check
