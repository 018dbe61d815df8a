// Activations against their scalar definition, their gradients against its finite differences.
#include "map_cases.h"
#include "ops/activation/activation.h"

namespace gatun::check {
namespace {

constexpr int32_t kKinds[] = {GATUN_RELU, GATUN_LEAKY_RELU, GATUN_TANH, GATUN_SIGMOID, GATUN_ELU};

std::vector<int64_t> counts() {
    std::vector<int64_t> all;
    for (int64_t count = 0; count <= 35; ++count) all.push_back(count);
    for (const int64_t count : {63, 64, 65, 127, 1009, 5000}) all.push_back(count);
    return all;
}

// The largest distance of dx from a finite difference of the definition at x times dy.
double largest_error(int32_t kind, const std::vector<float>& x, const std::vector<float>& dy,
                     const std::vector<float>& dx) {
    constexpr double kStep = 1e-5;
    double largest = 0;
    for (size_t i = 0; i < x.size(); ++i) {
        const double at = static_cast<double>(x[i]);
        const double rise = scalar::activation(kind, at + kStep) - scalar::activation(kind, at - kStep);
        const double wanted = rise / (2 * kStep) * static_cast<double>(dy[i]);
        const double error = std::fabs(static_cast<double>(dx[i]) - wanted);
        if (std::isnan(error)) return error;
        largest = std::max(largest, error);
    }
    return largest;
}

}  // namespace

TEST_CASE("activation: run against the definition") {
    Random random("activation run");
    for (const int32_t kind : kKinds) {
        for (const int64_t count : counts()) {
            const std::vector<float> x = random.reals(count, -6, 6);
            std::vector<float> first;
            for (const int32_t isa : levels()) {
                for (const Edge edge : {Edge::kStart, Edge::kEnd}) {
                    INFO("kind ", kind, " count ", count, " on ", level_name(isa));
                    Guarded<float> in(x, edge);
                    Guarded<float> out(count, edge);
                    GATUN_PICK(isa, activation_kernels).run(kind, in.data(), out.data(), count);
                    if (first.empty()) first = out.copy();
                    CHECK(first_difference(first, out.copy()) == -1);
                    GATUN_PICK(isa, activation_kernels).run(kind, in.data(), in.data(), count);
                    CHECK(first_difference(first, in.copy()) == -1);
                }
            }
            for (size_t i = 0; i < x.size(); ++i) {
                INFO("kind ", kind, " at x = ", x[i]);
                CHECK(ulps(first[i], scalar::activation(kind, static_cast<double>(x[i]))) <= 2.0);
            }
        }
    }
}

TEST_CASE("activation: what is no number, infinite or zero") {
    const float nan = std::nanf("");
    for (const int32_t isa : levels()) {
        const std::vector<float> x = {nan, INFINITY, -INFINITY, 0.0f, -0.0f, 1e-45f, -1e-45f};
        const float wanted[5][7] = {{nan, INFINITY, 0, 0, -0.0f, 1e-45f, 0},
                                    {nan, INFINITY, -INFINITY, 0, -0.0f, 1e-45f, -0.0f},
                                    {nan, 1, -1, 0, -0.0f, 1e-45f, -1e-45f},
                                    {nan, 1, 0, 0.5f, 0.5f, 0.5f, 0.5f},
                                    {nan, INFINITY, -1, 0, -0.0f, 1e-45f, -1e-45f}};
        for (const int32_t kind : kKinds) {
            std::vector<float> y(x.size());
            GATUN_PICK(isa, activation_kernels).run(kind, x.data(), y.data(), static_cast<int64_t>(x.size()));
            for (size_t i = 0; i < x.size(); ++i) {
                INFO(level_name(isa), " kind ", kind, " x = ", x[i], " y = ", y[i]);
                CHECK(same_bits(y[i], wanted[kind][i]));
            }
        }
    }
}

TEST_CASE("activation: gradient against finite differences of the definition") {
    Random random("activation gradient");
    const double step = 1e-5;
    for (const int32_t kind : kKinds) {
        for (const int64_t count : counts()) {
            std::vector<float> x = random.reals(count, 0.01, 6);  // no finite difference at the bend
            for (float& value : x) value = random.whole(0, 1) == 0 ? value : -value;
            const std::vector<float> dy = random.reals(count, -2, 2);
            const std::vector<float> before = random.reals(count, -2, 2);
            std::vector<float> first;
            for (const int32_t isa : levels()) {
                INFO("kind ", kind, " count ", count, " on ", level_name(isa));
                const ActivationKernels& kernels = GATUN_PICK(isa, activation_kernels);
                Guarded<float> y(count);
                kernels.run(kind, x.data(), y.data(), count);
                Guarded<float> slope(dy);
                Guarded<float> dx(count);
                kernels.gradient(kind, y.data(), slope.data(), dx.data(), count, false);
                if (first.empty()) first = dx.copy();
                CHECK(first_difference(first, dx.copy()) == -1);
                Guarded<float> sum(before);
                kernels.gradient(kind, y.data(), slope.data(), sum.data(), count, true);
                for (int64_t i = 0; i < count; ++i) CHECK(sum[i] == before[static_cast<size_t>(i)] + dx[i]);
            }
            for (size_t i = 0; i < x.size(); ++i) {
                const double at = static_cast<double>(x[i]);
                const double slope =
                    (scalar::activation(kind, at + step) - scalar::activation(kind, at - step)) / (2 * step);
                INFO("kind ", kind, " at x = ", x[i]);
                CHECK(std::fabs(scalar::activation_derivative(kind, at) - slope) <= 1e-8);
                CHECK(std::fabs(static_cast<double>(first[i]) - slope * static_cast<double>(dy[i])) <= 1e-6);
            }
        }
    }
}

TEST_CASE("activation: maps with halos, several rows, threads") {
    Random random("activation maps");
    const int32_t examples = 3, rows = 5, columns = 70, features = 37;
    for (const int64_t gap : {0, 3}) {  // floats between columns
        const int64_t column = features + gap, row = columns * column + 11, example = rows * row + 29;
        const std::vector<float> x = random.reals(examples * example, -3, 3);
        std::vector<float> first;
        for (const int32_t isa : levels()) {
            for (const int32_t threads : {1, 2, 3}) {
                const Context context = context_of(isa, threads);
                std::vector<float> in = x;
                std::vector<float> out(x.size(), -77.0f);
                const gatun_map from = {in.data(), example, row, column, examples, rows, columns, features};
                gatun_map to = from;
                to.data = out.data();
                REQUIRE(gatun_activation_run(context.get(), GATUN_TANH, &from, &to) == GATUN_OK);
                if (first.empty()) first = out;
                INFO(level_name(isa), " threads ", threads);
                CHECK(first_difference(first, out) == -1);
            }
        }
        int64_t inside = 0;
        for (int64_t i = 0; i < static_cast<int64_t>(first.size()); ++i) {
            const int64_t in_row = i % example % row;
            const bool data = i % example < rows * row && in_row < columns * column && in_row % column < features;
            inside += data ? 1 : 0;
            const float value = first[static_cast<size_t>(i)];
            CHECK((data ? std::fabs(value) <= 1 : value == -77.0f));
        }
        CHECK(inside == int64_t{examples} * rows * columns * features);
    }
}

TEST_CASE("activation: gradients of maps with halos and gaps, against finite differences of the definition") {
    Random random("activation gradient maps");
    const std::vector<LevelContext> contexts = level_contexts();
    for (const int32_t kind : kKinds) {
        for (const Extent& e : kExtents) {
            const int64_t count = e.positions() * e.features;
            std::vector<float> x = random.reals(count, 0.01, 6);  // no finite difference at the bend
            for (float& value : x) value = random.whole(0, 1) == 0 ? value : -value;
            const std::vector<float> dy = random.reals(count, -2, 2), before = random.reals(count, -2, 2);
            std::vector<float> first;
            for (const LevelContext& c : contexts) {
                INFO("kind ", kind, ", ", e.text(), " on ", c.text());
                gatun_context* context = c.context.get();
                const FloatMap y = map_of(e, e.features, c.edge, x), mdy = map_of(e, e.features, c.edge, dy, {});
                const FloatMap dx = poisoned_map(e, e.features, c.edge), sum = map_of(e, e.features, c.edge, before);
                REQUIRE(gatun_activation_run(context, kind, &y.map(), &y.map()) == GATUN_OK);
                REQUIRE(gatun_activation_gradient(context, kind, &y.map(), &mdy.map(), &dx.map(), 0) == GATUN_OK);
                REQUIRE(gatun_activation_gradient(context, kind, &y.map(), &mdy.map(), &sum.map(), 1) == GATUN_OK);
                const std::vector<float> found = dx.inside();
                CHECK(first_difference(added(before, found), sum.inside()) == -1);
                for (const FloatMap* map : {&dx, &sum}) CHECK(outside_is_left(*map, e, c.edge));
                const FloatMap& place = c.threads == 1 ? y : mdy;  // where dx may lie, too
                REQUIRE(gatun_activation_gradient(context, kind, &y.map(), &mdy.map(), &place.map(), 0) == GATUN_OK);
                CHECK(first_difference(found, place.inside()) == -1);
                if (&c == &contexts.front()) first = found;
                CHECK(first_difference(first, found) == -1);
            }
            INFO("kind ", kind, ", ", e.text());
            CHECK(largest_error(kind, x, dy, first) <= 1e-6);
        }
    }
}

}  // namespace gatun::check
