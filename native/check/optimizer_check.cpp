// Optimiser steps against their definitions in double, and the vector sums of training; the same bits on all levels.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>

#include "cases.h"
#include "core/cpu.h"
#include "guarded.h"
#include "ops/optimizer/optimizer.h"
#include "optimizer_settings.h"

namespace gatun::check {
namespace {

struct Vectors {
    std::vector<float> parameters, gradient, first, second;

    Vectors(Random& random, int64_t count)
        : parameters(random.reals(count, -2, 2)),
          gradient(random.reals(count, -1, 1)),
          first(random.reals(count, -1, 1)),
          second(random.reals(count, 0.01, 1)) {
        for (int64_t i = 5; i < count; i += 11) gradient[static_cast<size_t>(i)] = 0;
    }
};

// What a step leaves, computed between guard pages; states that the optimiser has no use for are NULL.
std::array<std::vector<float>, 3> stepped(gatun_context* context, const gatun_optimizer& o, const Vectors& v,
                                          Edge edge) {
    Guarded<float> p(v.parameters, edge), g(v.gradient, edge), first(v.first, edge), second(v.second, edge);
    const int32_t status =
        gatun_optimizer_step(context, &o, p.size(), p.data(), g.data(), uses_first(o) ? first.data() : nullptr,
                             uses_second(o) ? second.data() : nullptr);
    CHECK(status == GATUN_OK);
    CHECK(first_difference(g.copy(), v.gradient) == -1);
    return {p.copy(), first.copy(), second.copy()};
}

void check_defined(const gatun_optimizer& o, const Vectors& v, const std::array<std::vector<float>, 3>& found) {
    constexpr double kRounding = 8 * 0x1p-24;
    for (size_t i = 0; i < v.parameters.size(); ++i) {
        const scalar::Stepped s =
            scalar::optimizer_step(o, static_cast<double>(v.parameters[i]), static_cast<double>(v.gradient[i]),
                                   static_cast<double>(v.first[i]), static_cast<double>(v.second[i]));
        INFO("element ", i, " of ", v.parameters.size());
        CHECK(std::fabs(static_cast<double>(found[0][i]) - s.parameter) <= kRounding * s.size);
        CHECK(std::fabs(static_cast<double>(found[1][i]) - s.first) <= kRounding * s.size);
        CHECK(std::fabs(static_cast<double>(found[2][i]) - s.second) <= kRounding * s.size);
    }
}

// Every tail, and both sides of what is handed to a thread at a time.
std::vector<int64_t> lengths() {
    std::vector<int64_t> found;
    for (int64_t n = 0; n <= 50; ++n) found.push_back(n);
    for (const int64_t n : {4095, 4096, 4097, 16383, 16384, 16385, 50001}) found.push_back(n);
    return found;
}

}  // namespace

TEST_CASE("optimizer: steps against the definition, tails, guard pages, levels, threads") {
    Random random("optimizer");
    for (const Setting& setting : kSettings) {
        for (const int64_t count : lengths()) {
            const Vectors v(random, count);
            INFO(setting.name, ", ", count, " parameters");
            std::array<std::vector<float>, 3> first;
            for (const int32_t isa : levels()) {
                for (const int32_t threads : {1, 3}) {
                    const Context context = context_of(isa, threads);
                    for (const Edge edge : {Edge::kStart, Edge::kEnd}) {
                        const auto found = stepped(context.get(), setting.optimizer, v, edge);
                        if (first[0].size() != v.parameters.size()) {
                            first = found;
                            check_defined(setting.optimizer, v, found);
                        }
                        INFO(isa_name(isa), ", ", threads, " threads");
                        for (size_t k = 0; k < 3; ++k) CHECK(first_difference(first[k], found[k]) == -1);
                    }
                }
            }
        }
    }
}

TEST_CASE("optimizer: parameters and gradients of zero stay zero") {
    for (const Setting& setting : kSettings) {
        const Context context = context_of(levels().back());
        std::vector<float> p(20), g(20), first(20), second(20);
        for (int64_t step = 1; step <= 3; ++step) {
            gatun_optimizer o = setting.optimizer;
            o.step = step;
            CHECK(gatun_optimizer_step(context.get(), &o, 20, p.data(), g.data(), first.data(), second.data()) ==
                  GATUN_OK);
        }
        INFO(setting.name);
        CHECK(std::all_of(p.begin(), p.end(), [](float x) { return x == 0; }));
    }
}

TEST_CASE("optimizer: an unknown kind is refused and changes nothing") {
    const Context context = context_of(levels()[0]);
    gatun_optimizer o = kSettings[0].optimizer;
    o.kind = 4;
    float p = 1;
    const float g = 1;
    const int32_t status = gatun_optimizer_step(context.get(), &o, 1, &p, &g, nullptr, nullptr);
    CHECK((status & 0xff) == GATUN_INVALID_ARGUMENT);
    std::array<char, 100> text{};
    gatun_error_text(context.get(), status, text.data(), static_cast<int32_t>(text.size()));
    CHECK(std::string(text.data()) == "optimizer kind 4, expected 0..3");
    CHECK(p == 1);
}

TEST_CASE("optimizer: sums of squares go by one order, and see what is not finite") {
    Random random("squares");
    for (const int64_t count : lengths()) {
        const std::vector<float> values = random.reals(count, -3, 3);
        const double wanted = scalar::sum_of_squares(count, values.data());
        for (const int32_t isa : levels()) {
            for (const int32_t threads : {1, 3}) {
                for (const Edge edge : {Edge::kStart, Edge::kEnd}) {
                    Guarded<float> guarded(values, edge);
                    double sum = -1;
                    CHECK(gatun_sum_of_squares(context_of(isa, threads).get(), count, guarded.data(), &sum) ==
                          GATUN_OK);
                    INFO(isa_name(isa), ", ", threads, " threads, ", count, " values");
                    CHECK(sum == wanted);
                    if (count == 0) continue;
                    guarded[random.whole(0, count - 1)] = random.bits() % 2 == 0 ? NAN : INFINITY;
                    gatun_sum_of_squares(context_of(isa, threads).get(), count, guarded.data(), &sum);
                    CHECK_FALSE(std::isfinite(sum));
                }
            }
        }
    }
}

TEST_CASE("optimizer: scaling and averaging, each rounded as written") {
    Random random("average");
    for (const int64_t count : lengths()) {
        const std::vector<float> values = random.reals(count, -3, 3);
        const std::vector<float> before = random.reals(count, -3, 3);
        for (const double decay : {0.0, 0.3, 0.9, 0.9995}) {
            const float weight = static_cast<float>(1 - decay);
            for (const int32_t isa : levels()) {
                const Context context = context_of(isa, 2);
                for (const Edge edge : {Edge::kStart, Edge::kEnd}) {
                    Guarded<float> from(values, edge), average(before, edge), scaled(values, edge);
                    CHECK(gatun_average(context.get(), count, decay, from.data(), average.data()) == GATUN_OK);
                    CHECK(gatun_scale(context.get(), count, weight, scaled.data()) == GATUN_OK);
                    for (int64_t i = 0; i < count; ++i) {
                        const float x = values[static_cast<size_t>(i)];
                        const float wanted = scalar::average(weight, x, before[static_cast<size_t>(i)]);
                        INFO(isa_name(isa), ", decay ", decay, ", element ", i, " of ", count);
                        REQUIRE(same_bits(average[i], wanted));
                        REQUIRE(same_bits(scaled[i], x * weight));
                    }
                }
            }
        }
    }
}

}  // namespace gatun::check
