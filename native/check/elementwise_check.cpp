// Copies, broadcasts, encodings, examples times factors: the bits of the definitions with any number of threads.
#include "map_cases.h"
#include "ops/elementwise/elementwise.h"

namespace gatun::check {
namespace {

struct Shape {
    int32_t examples, rows, columns, features;
};

const Shape kShapes[] = {{0, 1, 3, 2},  {1, 1, 0, 4},     {2, 1, 3, 0},    {1, 1, 1, 1},
                         {2, 3, 5, 7},  {1, 1, 1000, 3},  {3, 1, 257, 16}, {64, 1, 64, 17},
                         {2, 8, 8, 33}, {1, 2, 513, 100}, {1, 1, 40000, 1}};

gatun_map dense(float* data, const Shape& s) {
    const int64_t row = int64_t{s.columns} * s.features;
    return {data, s.rows * row, row, s.features, s.examples, s.rows, s.columns, s.features};
}

int64_t size_of(const Shape& s) { return int64_t{s.examples} * s.rows * s.columns * s.features; }

template <class Body>
void each_context(Body body) {
    for (const int32_t isa : levels()) {
        for (const int32_t threads : {1, 2, 3}) {
            INFO(level_name(isa), " threads ", threads);
            body(context_of(isa, threads).get());
        }
    }
}

}  // namespace

TEST_CASE("copy: written and added") {
    Random random("copy");
    for (const Shape& s : kShapes) {
        const std::vector<float> x = random.wholes(size_of(s));
        const std::vector<float> before = random.reals(size_of(s), -2, 2);
        each_context([&](gatun_context* context) {
            Guarded<float> from(x);
            Guarded<float> to(size_of(s));
            const gatun_map a = dense(from.data(), s);
            const gatun_map b = dense(to.data(), s);
            REQUIRE(gatun_copy(context, &a, &b, 0) == GATUN_OK);
            CHECK(first_difference(x, to.copy()) == -1);
            Guarded<float> sum(before);
            const gatun_map c = dense(sum.data(), s);
            REQUIRE(gatun_copy(context, &a, &c, 1) == GATUN_OK);
            CHECK(first_difference(added(before, x), sum.copy()) == -1);
        });
    }
}

TEST_CASE("copy: into some features of a wider map") {
    Random random("copy wide");
    const Shape s = {2, 3, 9, 5};
    const Shape wide = {2, 3, 9, 12};
    const std::vector<float> x = random.wholes(size_of(s));
    each_context([&](gatun_context* context) {
        Guarded<float> from(x);
        std::vector<float> to(static_cast<size_t>(size_of(wide)), 99.0f);
        const gatun_map a = dense(from.data(), s);
        gatun_map b = dense(to.data(), wide);
        b.data += 4;
        b.features = 5;
        REQUIRE(gatun_copy(context, &a, &b, 0) == GATUN_OK);
        for (size_t i = 0; i < to.size(); ++i) {
            const size_t position = i / 12;
            const size_t f = i % 12;
            CHECK(to[i] == (f >= 4 && f < 9 ? x[position * 5 + f - 4] : 99.0f));
        }
    });
}

TEST_CASE("broadcast: every position, and its gradient") {
    Random random("broadcast");
    for (const Shape& s : kShapes) {
        const std::vector<float> vector = random.wholes(s.features);
        const std::vector<float> dy = random.wholes(size_of(s));
        const std::vector<float> before = random.wholes(s.features);
        std::vector<float> sums = before;
        for (size_t i = 0; i < dy.size(); ++i) sums[i % static_cast<size_t>(s.features)] += dy[i];  // exact
        each_context([&](gatun_context* context) {
            INFO("examples ", s.examples, " rows ", s.rows, " columns ", s.columns, " features ", s.features);
            Guarded<float> v(vector);
            Guarded<float> y(size_of(s));
            const gatun_map a = dense(y.data(), s);
            REQUIRE(gatun_broadcast(context, v.data(), &a) == GATUN_OK);
            int64_t wrong = 0;
            for (int64_t i = 0; i < y.size(); ++i) wrong += y[i] == vector[static_cast<size_t>(i % s.features)] ? 0 : 1;
            CHECK(wrong == 0);
            Guarded<float> slopes(dy);
            Guarded<float> gradient(before);
            const gatun_map b = dense(slopes.data(), s);
            REQUIRE(gatun_broadcast_gradient(context, &b, gradient.data()) == GATUN_OK);
            CHECK(first_difference(sums, gradient.copy()) == -1);
        });
    }
}

TEST_CASE("broadcast: the gradient's bits do not depend on level or threads") {
    Random random("broadcast bits");
    for (const Shape& s : kShapes) {
        std::vector<float> dy = random.reals(size_of(s), -1, 1);
        const gatun_map slopes = dense(dy.data(), s);
        std::vector<float> wanted(static_cast<size_t>(s.features), 0.5f);
        scalar::broadcast_gradient(slopes, wanted.data());
        each_context([&](gatun_context* context) {
            std::vector<float> gradient(wanted.size(), 0.5f);
            REQUIRE(gatun_broadcast_gradient(context, &slopes, gradient.data()) == GATUN_OK);
            CHECK(first_difference(wanted, gradient) == -1);
        });
    }
}

std::vector<std::pair<Shape, int32_t>> shapes_and_levels() {
    std::vector<std::pair<Shape, int32_t>> all;
    for (const Shape& s : kShapes) all.insert(all.end(), {{s, 2}, {s, 19}});
    return all;
}

TEST_CASE("encode: a number for each level") {
    Random random("encode");
    for (const auto& each : shapes_and_levels()) {
        const Shape& s = each.first;
        const int32_t count = each.second;
        const std::vector<float> table = random.reals(count, -1, 1);
        std::vector<int32_t> x(static_cast<size_t>(size_of(s)));
        for (int32_t& level : x) level = static_cast<int32_t>(random.whole(0, count - 1));
        each_context([&](gatun_context* context) {
            Guarded<float> numbers(table);
            Guarded<int32_t> from(x);
            Guarded<float> to(size_of(s));
            const gatun_map y = dense(to.data(), s);
            const gatun_levels in = {from.data(), y.stride_example, y.stride_row, y.stride_column,
                                     s.examples,  s.rows,           s.columns,    s.features};
            REQUIRE(gatun_encode(context, numbers.data(), count, &in, &y) == GATUN_OK);
            int64_t wrong = 0;
            for (size_t i = 0; i < x.size(); ++i) {
                wrong += to[static_cast<int64_t>(i)] == table[static_cast<size_t>(x[i])] ? 0 : 1;
            }
            CHECK(wrong == 0);
        });
    }
}

TEST_CASE("copy, broadcast: maps with halos and gaps, by the definitions") {
    Random random("elementwise maps");
    const std::vector<LevelContext> contexts = level_contexts();
    for (const Extent& e : kExtents) {
        const std::vector<float> x = random.reals(e.positions() * e.features, -2, 2);
        const std::vector<float> before = random.reals(e.positions() * e.features, -2, 2);
        const std::vector<float> vector = random.reals(e.features, -2, 2);
        for (const LevelContext& c : contexts) {
            INFO(e.text(), " on ", c.text());
            const FloatMap mx = map_of(e, e.features, c.edge, x, {}), sum = map_of(e, e.features, c.edge, before);
            const FloatMap to = poisoned_map(e, e.features, c.edge), wanted = poisoned_map(e, e.features, c.edge);
            const FloatMap more = map_of(e, e.features, c.edge, before);
            REQUIRE(gatun_copy(c.context.get(), &mx.map(), &to.map(), 0) == GATUN_OK);
            REQUIRE(gatun_copy(c.context.get(), &mx.map(), &sum.map(), 1) == GATUN_OK);
            scalar::copy(mx.map(), wanted.map(), false);
            scalar::copy(mx.map(), more.map(), true);
            CHECK(first_difference(wanted.copy(), to.copy()) == -1);
            CHECK(first_difference(more.copy(), sum.copy()) == -1);
            Guarded<float> v(vector, c.edge), gradient(vector, c.edge), total(vector);
            REQUIRE(gatun_broadcast(c.context.get(), v.data(), &to.map()) == GATUN_OK);
            REQUIRE(gatun_broadcast_gradient(c.context.get(), &sum.map(), gradient.data()) == GATUN_OK);
            scalar::broadcast(vector.data(), wanted.map());
            scalar::broadcast_gradient(more.map(), total.data());
            CHECK(first_difference(wanted.copy(), to.copy()) == -1);
            CHECK(first_difference(total.copy(), gradient.copy()) == -1);
        }
    }
}

TEST_CASE("encode: maps with halos and gaps, by the definition") {
    Random random("encode maps");
    const std::vector<LevelContext> contexts = level_contexts();
    for (const Extent& e : kExtents) {
        for (const int32_t levels : {2, 19}) {
            const std::vector<float> table = random.reals(levels, -1, 1);
            std::vector<int32_t> x(static_cast<size_t>(e.positions() * e.features));
            for (int32_t& level : x) level = static_cast<int32_t>(random.whole(0, levels - 1));
            for (const LevelContext& c : contexts) {
                INFO(e.text(), ", ", levels, " levels on ", c.text());
                size_t i = 0;
                const LevelMap mx(e.grid(), e.features, 0, {}, -1, c.edge, [&] { return x[i++]; });
                const FloatMap to = poisoned_map(e, e.features, c.edge), wanted = poisoned_map(e, e.features, c.edge);
                Guarded<float> numbers(table, c.edge);
                REQUIRE(gatun_encode(c.context.get(), numbers.data(), levels, &mx.map(), &to.map()) == GATUN_OK);
                scalar::encode(table.data(), mx.map(), wanted.map());
                CHECK(first_difference(wanted.copy(), to.copy()) == -1);
            }
        }
    }
}

TEST_CASE("examples times factors: the definition's bits, and nothing beside them") {
    Random random("scale examples");
    const std::vector<LevelContext> contexts = level_contexts();
    for (const Extent& e : kExtents) {
        const std::vector<float> y = random.reals(e.positions() * e.features, -2, 2);
        std::vector<float> factors = random.reals(e.n, -2, 2);
        if (e.n > 1) factors.front() = 0;
        if (e.n > 2) factors.back() = INFINITY;
        for (const LevelContext& c : contexts) {
            INFO(e.text(), " on ", c.text());
            Guarded<float> by(factors, c.edge);
            const FloatMap found = map_of(e, e.features, c.edge, y), wanted = map_of(e, e.features, c.edge, y);
            REQUIRE(gatun_scale_examples(c.context.get(), by.data(), &found.map()) == GATUN_OK);
            scalar::scale_examples(factors.data(), wanted.map());
            CHECK(first_difference(wanted.copy(), found.copy()) == -1);
        }
    }
}

}  // namespace gatun::check
