// The gate, the linear gate and the concatenated elu: run against their definitions, gradients against differences of
// them, over maps with halos, on all levels and threads.
#include "map_cases.h"
#include "ops/concat_elu/concat_elu.h"
#include "ops/gate/gate.h"
#include "ops/linear_gate/linear_gate.h"

namespace gatun::check {
namespace {

// An operation whose place reads `in` features times `features` and writes `out` times as many.
struct HalvesOp {
    const char* name;
    int32_t in, out;
    double ulps;  // what its values may be off
    void (*define)(const double* x, double* y, int64_t features);
    int32_t (*run)(gatun_context*, const gatun_map* x, const gatun_map* y);
    // `from`: y where from_output, else x.
    int32_t (*gradient)(gatun_context*, const gatun_map* from, const gatun_map* dy, const gatun_map* dx,
                        int32_t accumulate);
    bool from_output;
};

constexpr HalvesOp kOps[] = {
    {"gate", 2, 1, 4.5, scalar::gate, gatun_gate_run, gatun_gate_gradient, false},
    {"linear gate", 2, 1, 3.0, scalar::linear_gate, gatun_linear_gate_run, gatun_linear_gate_gradient, false},
    {"concat elu", 1, 2, 3.0, scalar::concat_elu, gatun_concat_elu_run, gatun_concat_elu_gradient, true}};

void check_values(const HalvesOp& op, const Extent& e, const std::vector<float>& x, const std::vector<float>& y) {
    const auto features = static_cast<size_t>(e.features);
    const size_t in = static_cast<size_t>(op.in) * features, out = static_cast<size_t>(op.out) * features;
    std::vector<double> wide(in), wanted(out);
    for (size_t place = 0; place * out < y.size(); ++place) {
        for (size_t i = 0; i < in; ++i) wide[i] = static_cast<double>(x[place * in + i]);
        op.define(wide.data(), wanted.data(), e.features);
        for (size_t i = 0; i < out; ++i) {
            INFO(op.name, " of ", wide[i % in]);
            CHECK(ulps(y[place * out + i], wanted[i]) <= op.ulps);
        }
    }
}

void check_slopes(const HalvesOp& op, const Extent& e, const std::vector<float>& x, const std::vector<float>& dy,
                  const std::vector<float>& dx) {
    constexpr double kStep = 1e-5;
    const auto features = static_cast<size_t>(e.features);
    const size_t in = static_cast<size_t>(op.in) * features, out = static_cast<size_t>(op.out) * features;
    std::vector<double> wide(in), low(out), high(out);
    for (size_t place = 0; place * in < x.size(); ++place) {
        for (size_t i = 0; i < in; ++i) wide[i] = static_cast<double>(x[place * in + i]);
        for (size_t i = 0; i < in; ++i) {
            const double at = wide[i];
            wide[i] = at - kStep;
            op.define(wide.data(), low.data(), e.features);
            wide[i] = at + kStep;
            op.define(wide.data(), high.data(), e.features);
            wide[i] = at;
            double wanted = 0;
            for (size_t o = 0; o < out; ++o) {
                wanted += static_cast<double>(dy[place * out + o]) * (high[o] - low[o]) / (2 * kStep);
            }
            CHECK(std::fabs(static_cast<double>(dx[place * in + i]) - wanted) < 2e-5);
        }
    }
}

}  // namespace

TEST_CASE(
    "halves: the gate, the linear gate and the concatenated elu against their definitions, forwards and backwards") {
    Random random("halves");
    const std::vector<LevelContext> contexts = level_contexts();
    for (const HalvesOp& op : kOps) {
        for (const Extent& e : kExtents) {
            const int32_t in = op.in * e.features, out = op.out * e.features;
            std::vector<float> x = random.reals(e.positions() * in, 0.001, 5);  // no difference quotient at the bend
            for (float& value : x) value = random.whole(0, 1) == 0 ? value : -value;
            const std::vector<float> dy = random.reals(e.positions() * out, -2, 2);
            const std::vector<float> before = random.reals(e.positions() * in, -2, 2);
            std::vector<float> first_y, first_dx;
            for (const LevelContext& c : contexts) {
                INFO(op.name, " of ", e.text(), " on ", c.text());
                const FloatMap mx = map_of(e, in, c.edge, x), my = poisoned_map(e, out, c.edge);
                const FloatMap mdy = map_of(e, out, c.edge, dy, {}), mdx = poisoned_map(e, in, c.edge);
                const FloatMap sum = map_of(e, in, c.edge, before);
                const gatun_map* source = op.from_output ? &my.map() : &mx.map();
                REQUIRE(op.run(c.context.get(), &mx.map(), &my.map()) == GATUN_OK);
                REQUIRE(op.gradient(c.context.get(), source, &mdy.map(), &mdx.map(), 0) == GATUN_OK);
                REQUIRE(op.gradient(c.context.get(), source, &mdy.map(), &sum.map(), 1) == GATUN_OK);
                const std::vector<float> y = my.inside(), dx = mdx.inside();
                CHECK(outside_is_left(my, e, c.edge));
                CHECK(outside_is_left(mdx, e, c.edge));
                CHECK(outside_is_left(sum, e, c.edge));
                CHECK(first_difference(added(before, dx), sum.inside()) == -1);
                if (&c == &contexts.front()) {
                    first_y = y;
                    first_dx = dx;
                    check_values(op, e, x, y);
                    check_slopes(op, e, x, dy, dx);
                }
                CHECK(first_difference(first_y, y) == -1);
                CHECK(first_difference(first_dx, dx) == -1);
            }
        }
    }
}

TEST_CASE("halves: what is no number, infinite or zero, through the concatenated elu") {
    const float nan = std::nanf("");
    const std::vector<float> x = {nan, INFINITY, -INFINITY, 0.0f, -0.0f};
    const std::vector<float> wanted = {nan, INFINITY, -1, 0, 0, nan, -1, INFINITY, 0, 0};
    for (const int32_t isa : levels()) {
        std::vector<float> y(10);
        GATUN_PICK(isa, concat_elu_kernels).run(x.data(), 5, y.data(), 10, 5, 1);
        for (size_t i = 0; i < y.size(); ++i) {
            INFO(level_name(isa), " output ", i, " is ", y[i]);
            CHECK((wanted[i] == 0 ? y[i] == 0 : same_bits(y[i], wanted[i])));
        }
    }
}

}  // namespace gatun::check
