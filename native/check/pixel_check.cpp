// The mixture over the pixels of colour images: ln p of each channel, its gradient and its draws against the
// definition.
#include <limits>

#include "cases.h"
#include "guarded.h"
#include "ops/distribution/distribution.h"
#include "simd/math_kernels.h"

namespace gatun::check {
namespace {

constexpr int kChannels = 3;

// A moved mean is rounded, as its coefficients are: an error of some 2^-22 in it, times up to e^7.
constexpr double kTolerance = 4e-4;

// Some pixels with outputs in the range of the data, log-scales about the clamp and above it.
struct Pixels {
    gatun_distribution d;
    int64_t count, outputs, stride;
    std::vector<float> parameters;
    std::vector<int32_t> levels;

    Pixels(int32_t level_count, int32_t components, int64_t pixels, int64_t gap, Random& random)
        : d{GATUN_LOGISTIC_MIXTURE, level_count, components, kChannels},
          count(pixels),
          outputs(distribution_outputs(d)),
          stride(outputs + gap),
          parameters(random.reals(pixels * stride, -2, 2)) {
        for (int64_t i = 0; i < count; ++i) {
            for (int64_t c = 0; c < kChannels; ++c) {
                for (int64_t k = 0; k < components; ++k) {
                    const int64_t mean = i * stride + (1 + 3 * c) * components + k;
                    parameters[static_cast<size_t>(mean)] = static_cast<float>(random.real(-1.2, 1.2));
                    parameters[static_cast<size_t>(mean + components)] = static_cast<float>(random.real(-7.5, 1));
                }
                const int64_t edge = random.whole(0, 5);
                levels.push_back(edge == 0   ? 0
                                 : edge == 1 ? level_count - 1
                                             : static_cast<int32_t>(random.whole(0, level_count - 1)));
            }
        }
    }
    std::string name() const {
        return std::to_string(d.levels) + " levels, " + std::to_string(d.components) + " components";
    }
    std::vector<double> precise(int64_t pixel) const {
        const float* p = parameters.data() + pixel * stride;
        return std::vector<double>(p, p + outputs);
    }
    const int32_t* at(int64_t pixel) const { return levels.data() + pixel * kChannels; }
    double whole(const std::vector<double>& p, int64_t pixel) const {
        return scalar::pixel_log_prob(d, p.data(), at(pixel), kChannels - 1);
    }
};

std::vector<Pixels> cases(Random& random) {
    std::vector<Pixels> all;
    for (const int32_t levels : {2, 5, 256}) {
        for (const int32_t components : {1, 3, 10, 16, 17}) {
            all.emplace_back(levels, components, random.whole(0, 40), random.whole(0, 3), random);
        }
    }
    return all;
}

std::vector<float> log_prob_on(int32_t isa, const Pixels& p, Edge edge) {
    Guarded<float> parameters(p.parameters, edge), result(p.count * kChannels, edge);
    Guarded<int32_t> levels(p.levels, edge);
    Guarded<float> scratch(distribution_scratch(p.d), Edge::kEnd);
    GATUN_PICK(isa, distribution_kernels)
        .log_prob(p.d, parameters.data(), p.stride, levels.data(), nullptr, kChannels, p.count, result.data(),
                  kChannels, scratch.data());
    return result.copy();
}

std::vector<float> gradient_on(int32_t isa, const Pixels& p, float scale, Edge edge) {
    Guarded<float> parameters(p.parameters, edge), result(p.count * p.outputs, edge);
    Guarded<int32_t> levels(p.levels, edge);
    Guarded<float> scratch(distribution_scratch(p.d), Edge::kEnd);
    GATUN_PICK(isa, distribution_kernels)
        .gradient(p.d, parameters.data(), p.stride, levels.data(), nullptr, kChannels, p.count, scale, result.data(),
                  p.outputs, scratch.data());
    return result.copy();
}

// -d ln p / d output i by finite differences; NaN where those from above and below do not agree: at a clamp or where
// the mass of a bin gives way to the density.
double slope_of(const Pixels& p, int64_t pixel, size_t i) {
    std::vector<double> parameters = p.precise(pixel);
    const double here = parameters[i], step = 1e-6;
    double values[5];
    for (int s = -2; s <= 2; ++s) {
        parameters[i] = here + s * step;
        values[s + 2] = -p.whole(parameters, pixel);
    }
    const double below = (3 * values[2] - 4 * values[1] + values[0]) / (2 * step);
    const double above = (-3 * values[2] + 4 * values[3] - values[4]) / (2 * step);
    const bool smooth = std::fabs(above - below) <= 1e-5 * std::max(1.0, std::fabs(above));
    return smooth ? (above + below) / 2 : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

TEST_CASE("pixel: log-probabilities of the channels add up to the definition's") {
    Random random("pixel log_prob");
    for (const Pixels& p : cases(random)) {
        std::vector<float> first;
        for (const int32_t isa : levels()) {
            for (const Edge edge : {Edge::kStart, Edge::kEnd}) {
                INFO(p.name(), " on ", level_name(isa));
                const std::vector<float> result = log_prob_on(isa, p, edge);
                if (first.empty()) first = result;
                CHECK(first_difference(first, result) == -1);
            }
        }
        for (int64_t i = 0; i < p.count; ++i) {
            double sum = 0;
            for (int c = 0; c < kChannels; ++c) {
                sum += static_cast<double>(first[static_cast<size_t>(i * kChannels + c)]);
                const double truth = scalar::pixel_log_prob(p.d, p.precise(i).data(), p.at(i), c);
                INFO(p.name(), " pixel ", i, " channel ", c, " truth ", truth);
                CHECK(std::fabs(sum - truth) <= kTolerance * std::max(1.0, std::fabs(truth)));
            }
        }
    }
}

TEST_CASE("pixel: gradient against finite differences of the definition") {
    Random random("pixel gradient");
    int64_t checked = 0, skipped = 0;
    for (const Pixels& p : cases(random)) {
        std::vector<float> first;
        for (const int32_t isa : levels()) {
            INFO(p.name(), " on ", level_name(isa));
            const std::vector<float> result = gradient_on(isa, p, 0.25f, Edge::kEnd);
            if (first.empty()) first = result;
            CHECK(first_difference(first, result) == -1);
        }
        for (int64_t pixel = 0; pixel < p.count; ++pixel) {
            double largest = 0.25;
            std::vector<double> slopes;
            for (size_t i = 0; i < static_cast<size_t>(p.outputs); ++i) {
                slopes.push_back(0.25 * slope_of(p, pixel, i));
                if (!std::isnan(slopes[i])) largest = std::max(largest, std::fabs(slopes[i]));
            }
            for (size_t i = 0; i < slopes.size(); ++i) {
                const float found = first[static_cast<size_t>(pixel * p.outputs) + i];
                INFO(p.name(), " pixel ", pixel, " output ", i, " found ", found, " wanted ", slopes[i]);
                ++(std::isnan(slopes[i]) ? skipped : checked);
                CHECK(!(std::fabs(static_cast<double>(found) - slopes[i]) > kTolerance * largest));
                CHECK(!std::isnan(found));
            }
        }
    }
    CHECK(skipped * 20 <= checked);
}

TEST_CASE("pixel: draws are what the definition makes of the same uniforms and the channels before") {
    Random random("pixel draw");
    const auto uniform = GATUN_PICK(GATUN_ISA_BASELINE, math_kernels).uniform;
    for (const Pixels& p : cases(random)) {
        const gatun_noise noise = {random.bits(), random.bits(), random.whole(0, 1) == 0 ? 1.0f : 0.7f,
                                   static_cast<int32_t>(random.whole(0, 3) == 0)};
        const int64_t red = kChannels * random.whole(0, 1 << 20);
        for (int c = 0; c < kChannels; ++c) {
            std::vector<int32_t> drawn;
            for (const int32_t isa : levels()) {
                std::vector<int32_t> values = p.levels;
                Guarded<float> parameters(p.parameters), scratch(distribution_scratch(p.d), Edge::kEnd);
                GATUN_PICK(isa, distribution_kernels)
                    .draw(p.d, noise, 0, red + c, parameters.data(), p.stride, values.data() + c, nullptr, kChannels,
                          p.count, scratch.data());
                if (drawn.empty()) drawn = values;
                CHECK(first_difference(drawn, values) == -1);
            }
            for (int64_t i = 0; i < p.count; ++i) {
                const uint64_t sample = noise.first_sample + static_cast<uint64_t>(i);
                const double u0 = static_cast<double>(uniform(noise.seed, sample, red, 0));
                const double u1 = static_cast<double>(uniform(noise.seed, sample, red + c, 1));
                bool right = false;
                for (const double off : {0.0, -1e-6, 1e-6}) {
                    for (const double off1 : {0.0, -1e-6, 1e-6}) {
                        const double wanted = scalar::pixel_draw(
                            p.d, p.precise(i).data(), p.at(i), c, static_cast<double>(noise.temperature),
                            noise.mode != 0, u0 + off, std::clamp(u1 * (1 + off1), 1e-9, 1 - 1e-9));
                        right = right || wanted == drawn[static_cast<size_t>(i * kChannels + c)];
                    }
                }
                INFO(p.name(), " pixel ", i, " channel ", c, " seed ", noise.seed);
                CHECK(right);
            }
        }
    }
}

TEST_CASE("pixel: probabilities add up to one") {
    Random random("pixel total");
    Pixels p(3, 4, 1, 0, random);
    for (size_t c = 0; c < kChannels; ++c) {
        for (size_t k = 0; k < 4; ++k) p.parameters[(2 + 3 * c) * 4 + k] = static_cast<float>(random.real(-1.5, 0));
    }
    for (const int32_t isa : levels()) {
        double total = 0;
        for (int32_t value = 0; value < 27; ++value) {
            p.levels = {value / 9, value / 3 % 3, value % 3};
            const std::vector<float> l = log_prob_on(isa, p, Edge::kEnd);
            total += std::exp(static_cast<double>(l[0]) + static_cast<double>(l[1]) + static_cast<double>(l[2]));
        }
        INFO(level_name(isa));
        CHECK(std::fabs(total - 1) <= 4e-6);
    }
}

TEST_CASE("pixel: entries give the same bits with any number of threads") {
    Random random("pixel entries");
    const int32_t examples = 3, columns = 50;
    const Pixels p(256, 5, int64_t{examples} * columns, 0, random);
    std::vector<float> parameters = p.parameters;
    std::vector<int32_t> level_data = p.levels;
    const auto outputs = static_cast<int32_t>(p.outputs);
    const gatun_map map = {
        parameters.data(), columns * p.outputs, columns * p.outputs, p.outputs, examples, 1, columns, outputs};
    const gatun_values values = {level_data.data(), nullptr, columns * kChannels};
    for (const int32_t isa : levels()) {
        const std::vector<float> alone = log_prob_on(isa, p, Edge::kEnd);
        const std::vector<float> slopes = gradient_on(isa, p, 0.5f, Edge::kEnd);
        for (const int32_t threads : {1, 3}) {
            const Context context = context_of(isa, threads);
            INFO(level_name(isa), " threads ", threads);
            std::vector<float> result(alone.size(), NAN), gradient(slopes.size(), NAN);
            REQUIRE(gatun_log_prob(context.get(), &p.d, &map, &values, result.data(), columns * kChannels) == GATUN_OK);
            CHECK(first_difference(alone, result) == -1);
            gatun_map to = map;
            to.data = gradient.data();
            REQUIRE(gatun_log_prob_gradient(context.get(), &p.d, &map, &values, 0.5f, &to) == GATUN_OK);
            CHECK(first_difference(slopes, gradient) == -1);
        }
    }
}

}  // namespace gatun::check
