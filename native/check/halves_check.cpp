// The linear gate and the concatenated elu: run against their definitions, gradients against differences of them, over
// maps with halos, on all levels and threads.
#include "affine_shape.h"
#include "ops/concat_elu/concat_elu.h"
#include "ops/linear_gate/linear_gate.h"

namespace gatun::check {
namespace {

// An operation whose place reads `in` features times `features` and writes `out` times as many.
struct HalvesOp {
    const char* name;
    int32_t in, out;
    void (*define)(const double* x, double* y, int64_t features);
    bool from_output;  // what the gradient is had from

    int32_t run(gatun_context* c, const gatun_map* x, const gatun_map* y) const {
        return from_output ? gatun_concat_elu_run(c, x, y) : gatun_linear_gate_run(c, x, y);
    }
    int32_t gradient(gatun_context* c, const gatun_map* x, const gatun_map* y, const gatun_map* dy, const gatun_map* dx,
                     int32_t accumulate) const {
        return from_output ? gatun_concat_elu_gradient(c, y, dy, dx, accumulate)
                           : gatun_linear_gate_gradient(c, x, dy, dx, accumulate);
    }
};

constexpr HalvesOp kOps[] = {{"linear gate", 2, 1, scalar::linear_gate, false},
                             {"concat elu", 1, 2, scalar::concat_elu, true}};

struct Extent {
    int32_t n, h, t, features, gap;
};
constexpr Extent kExtents[] = {{0, 2, 3, 4, 0},  {2, 0, 3, 4, 0},  {1, 1, 1, 1, 0},    {2, 3, 5, 7, 0},
                               {1, 2, 9, 16, 3}, {3, 4, 2, 33, 1}, {1, 1, 700, 20, 0}, {5, 8, 8, 15, 16}};

AffineShape grid(const Extent& e) {
    AffineShape s;
    s.n = e.n;
    s.h = e.h;
    s.t = e.t;
    return s;
}

auto from(const std::vector<float>& values) {
    return [&values, i = size_t{0}]() mutable { return values[i++]; };
}
constexpr auto kPoison = [] { return std::nanf(""); };
const Halo kHalo = {1, 0, 1, 1};

void check_values(const HalvesOp& op, const Extent& e, const std::vector<float>& x, const std::vector<float>& y) {
    const auto features = static_cast<size_t>(e.features);
    const size_t in = static_cast<size_t>(op.in) * features, out = static_cast<size_t>(op.out) * features;
    std::vector<double> wide(in), wanted(out);
    for (size_t place = 0; place * out < y.size(); ++place) {
        for (size_t i = 0; i < in; ++i) wide[i] = static_cast<double>(x[place * in + i]);
        op.define(wide.data(), wanted.data(), e.features);
        for (size_t i = 0; i < out; ++i) {
            INFO(op.name, " of ", wide[i % in]);
            CHECK(ulps(y[place * out + i], wanted[i]) <= 3.0);
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

TEST_CASE("halves: the linear gate and the concatenated elu against their definitions, forwards and backwards") {
    Random random("halves");
    for (const HalvesOp& op : kOps) {
        for (const Extent& e : kExtents) {
            const int32_t in = op.in * e.features, out = op.out * e.features;
            const int64_t places = int64_t{e.n} * e.h * e.t;
            std::vector<float> x = random.reals(places * in, 0.001, 5);  // no difference quotient at the bend
            for (float& value : x) value = random.whole(0, 1) == 0 ? value : -value;
            const std::vector<float> dy = random.reals(places * out, -2, 2), before = random.reals(places * in, -2, 2);
            std::vector<float> first_y, first_dx;
            for (const int32_t isa : levels()) {
                for (const int32_t threads : {1, 3}) {
                    INFO(op.name, " of ", e.features, " features on ", level_name(isa), ", ", threads, " threads");
                    const Edge edge = threads == 1 ? Edge::kEnd : Edge::kStart;
                    const Context context = context_of(isa, threads);
                    const FloatMap mx(grid(e), in, e.gap, kHalo, 0.0f, edge, from(x));
                    const FloatMap my(grid(e), out, 0, kHalo, 0.0f, edge, kPoison);
                    const FloatMap mdy(grid(e), out, e.gap, {}, 0.0f, edge, from(dy));
                    const FloatMap mdx(grid(e), in, 0, kHalo, 0.0f, edge, kPoison);
                    const FloatMap sum(grid(e), in, 0, kHalo, 0.0f, edge, from(before));
                    REQUIRE(op.run(context.get(), &mx.map(), &my.map()) == GATUN_OK);
                    REQUIRE(op.gradient(context.get(), &mx.map(), &my.map(), &mdy.map(), &mdx.map(), 0) == GATUN_OK);
                    REQUIRE(op.gradient(context.get(), &mx.map(), &my.map(), &mdy.map(), &sum.map(), 1) == GATUN_OK);
                    const std::vector<float> y = my.copy(), dx = mdx.inside(), added = sum.inside();
                    if (first_y.empty()) first_y = y;
                    if (first_dx.empty()) first_dx = dx;
                    CHECK(first_difference(first_y, y) == -1);
                    CHECK(first_difference(first_dx, dx) == -1);
                    for (size_t i = 0; i < dx.size(); ++i) CHECK(same_bits(added[i], before[i] + dx[i]));
                    if (isa != levels().front() || threads != 1) continue;
                    check_values(op, e, x, my.inside());
                    check_slopes(op, e, x, dy, dx);
                }
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
