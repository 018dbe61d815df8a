// NADE: logits near the definition and of the same bits on every level, batch and any number of threads; gradients.
#include <doctest/doctest.h>

#include "dense_shape.h"
#include "ops/nade/nade.h"

namespace gatun::check {
namespace {

struct Case {
    DenseShape shape;  // inputs: positions, outputs: hidden units
    std::vector<int32_t> order;
    std::vector<float> w, c, v, b, x, dlogits;

    Case(const DenseShape& s, Random& random) : shape(s), order(shuffled(s.inputs, random)) {
        const int64_t weights = int64_t{s.inputs} * s.outputs, values = int64_t{s.inputs} * s.examples;
        w = random.reals(weights, -1, 1);
        c = random.reals(s.outputs, -1, 1);
        v = random.reals(weights, -1, 1);
        b = random.reals(s.inputs, -1, 1);
        x = random.reals(values, -1, 1);
        for (float& value : x) {
            if (random.whole(0, 1) == 0) value = random.whole(0, 1) == 0 ? 0.0f : 1.0f;
        }
        dlogits = random.reals(values, -1, 1);
    }
    gatun_nade nade() const { return {nullptr, nullptr, nullptr, nullptr, order.data(), shape.outputs, shape.inputs}; }
};

std::vector<Case> cases(Random& random) {
    std::vector<Case> all;
    for (const DenseShape& shape : dense_shapes(random, 30)) all.emplace_back(shape, random);
    return all;
}

// The packed weights between guard pages.
struct Packed {
    Guarded<float> input, start, output, output_bias;
    gatun_nade nade;

    Packed(const Case& c, gatun_context* context)
        : input(nade_width(c.nade()) * c.shape.inputs),
          start(2 * nade_width(c.nade())),
          output(nade_width(c.nade()) * c.shape.inputs),
          output_bias(c.shape.inputs),
          nade{input.data(),   start.data(),    output.data(), output_bias.data(),
               c.order.data(), c.shape.outputs, c.shape.inputs} {
        REQUIRE(gatun_nade_pack(context, &nade, c.w.data(), c.c.data(), c.v.data(), c.b.data()) == GATUN_OK);
    }
};

std::vector<float> run(const Case& c, int32_t isa, int32_t threads, int64_t first, int64_t count) {
    const Context context = context_of(isa, threads);
    Packed packed(c, context.get());
    const int32_t positions = c.shape.inputs;
    const std::vector<float> some(c.x.begin() + first * positions, c.x.begin() + (first + count) * positions);
    const Edge edge = threads == 1 ? Edge::kEnd : Edge::kStart;
    Rows<float> x(some, static_cast<int32_t>(count), positions, threads == 1 ? 0 : 3, edge);
    Rows<float> logits({}, static_cast<int32_t>(count), positions, threads == 1 ? 2 : 0, edge);
    const gatun_map from = x.map<gatun_map>(true), to = logits.map<gatun_map>(true);
    REQUIRE(gatun_nade_run(context.get(), &packed.nade, &from, &to) == GATUN_OK);
    return logits.inside();
}

struct Gradients {
    std::vector<float> w, c, v, b;
};

Gradients gradients(const Case& c, int32_t isa, int32_t threads) {
    const Context context = context_of(isa, threads);
    Packed packed(c, context.get());
    const Edge edge = threads == 1 ? Edge::kEnd : Edge::kStart;
    Rows<float> x(c.x, c.shape.examples, c.shape.inputs, 0, edge);
    Rows<float> dlogits(c.dlogits, c.shape.examples, c.shape.inputs, 0, edge);
    Guarded<float> w(c.w, edge), hidden(c.c, edge), v(c.v, edge), b(c.b, edge);
    Guarded<float> scratch(gatun_nade_scratch(context.get(), &packed.nade));
    const gatun_map from = x.map<gatun_map>(true), d = dlogits.map<gatun_map>(true);
    REQUIRE(gatun_nade_gradient(context.get(), &packed.nade, &from, &d, w.data(), hidden.data(), v.data(), b.data(),
                                scratch.data()) == GATUN_OK);
    return {w.copy(), hidden.copy(), v.copy(), b.copy()};
}

void check_near(const std::vector<float>& found, const std::vector<float>& start, const std::vector<scalar::Sum>& sums,
                double rounding) {
    for (size_t i = 0; i < found.size(); ++i) {
        const double before = static_cast<double>(start[i]);
        INFO("element ", i, ": found ", found[i], ", wanted ", before + sums[i].value);
        REQUIRE(std::fabs(static_cast<double>(found[i]) - (before + sums[i].value)) <=
                rounding * (std::fabs(before) + sums[i].size));
    }
}

}  // namespace

TEST_CASE("nade: logits are near the definition, and the same bits everywhere") {
    Random random("nade");
    for (const Case& c : cases(random)) {
        const int64_t positions = c.shape.inputs, examples = c.shape.examples;
        const std::vector<float> first = run(c, levels().front(), 1, 0, examples);
        std::vector<double> wanted(static_cast<size_t>(positions));
        for (int64_t n = 0; n < examples; ++n) {
            scalar::nade(c.nade(), c.w.data(), c.c.data(), c.v.data(), c.b.data(), c.x.data() + n * positions,
                         wanted.data());
            for (int64_t d = 0; d < positions; ++d) {
                const double error =
                    static_cast<double>(first[static_cast<size_t>(n * positions + d)]) - wanted[static_cast<size_t>(d)];
                INFO(c.shape.line(), ", example ", n, ", position ", d);
                REQUIRE(std::fabs(error) <= 1e-6 * (2 + c.shape.outputs) * (1 + 0.05 * static_cast<double>(positions)));
            }
        }
        for (const int32_t isa : levels()) {
            INFO(c.shape.line(), " on ", level_name(isa));
            CHECK(first_difference(first, run(c, isa, 3, 0, examples)) == -1);
            if (examples < 2) continue;
            const std::vector<float> last = run(c, isa, 1, examples - 1, 1);
            CHECK(first_difference(std::vector<float>(first.end() - positions, first.end()), last) == -1);
        }
    }
}

TEST_CASE("nade: gradients") {
    Random random("nade gradients");
    for (const Case& c : cases(random)) {
        std::vector<scalar::Sum> dw(c.w.size()), dc(c.c.size()), dv(c.v.size()), db(c.b.size());
        for (int64_t n = 0; n < c.shape.examples; ++n) {
            const int64_t from = n * c.shape.inputs;
            scalar::nade_gradient(c.nade(), c.w.data(), c.c.data(), c.v.data(), c.x.data() + from,
                                  c.dlogits.data() + from, dw.data(), dc.data(), dv.data(), db.data());
        }
        const double rounding = 0x1p-20 * (c.shape.examples + c.shape.inputs + 2);
        for (const int32_t isa : levels()) {
            INFO(c.shape.line(), " on ", level_name(isa));
            const Gradients one = gradients(c, isa, 1), three = gradients(c, isa, 3);
            check_near(one.w, c.w, dw, rounding);
            check_near(one.c, c.c, dc, rounding);
            check_near(one.v, c.v, dv, rounding);
            check_near(one.b, c.b, db, rounding);
            CHECK(first_difference(one.w, three.w) == -1);
            CHECK(first_difference(one.c, three.c) == -1);
            CHECK(first_difference(one.v, three.v) == -1);
            CHECK(first_difference(one.b, three.b) == -1);
        }
    }
}

}  // namespace gatun::check
