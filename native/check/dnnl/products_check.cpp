// oneDNN's products against the definitions: whole numbers exactly, reals within the rounding of their sums; every
// implementation by itself, and all of them behind a context.
#include <doctest/doctest.h>

#include "../affine_shape.h"
#include "core/context.h"
#include "dnnl/plan.h"
#include "ops/affine/affine.h"

namespace gatun::check {
namespace {

struct Numbers {
    AffineShape shape;
    bool whole;
    std::vector<float> x, y, weights, bias;

    Numbers(const AffineShape& s, bool exact, Random& random) : shape(s), whole(exact) {
        x = draw(random, s.positions() * s.in);
        y = draw(random, s.positions() * s.out);
        bias = draw(random, s.out);
        weights = draw(random, s.packed());
    }
    std::vector<float> draw(Random& random, int64_t count) const {
        return whole ? random.wholes(count) : random.reals(count, -2, 2);
    }
};

auto from(const std::vector<float>& values) {
    return [&values, i = size_t{0}]() mutable { return values[i++]; };
}

// A case's memory, between guard pages; y is dy of a gradient.
struct Memory {
    Guarded<float> weights, bias;
    FloatMap x, y;
    gatun_affine affine;

    explicit Memory(const Numbers& c)
        : weights(c.weights),
          bias(c.bias),
          x(c.shape, c.shape.in, c.shape.gapx, Halo::of(c.shape.taps), 0.0f, Edge::kEnd, from(c.x)),
          y(c.shape, c.shape.out, c.shape.gapy, {}, 0.0f, Edge::kEnd, from(c.y)),
          affine{weights.data(),      c.shape.bias != 0 ? bias.data() : nullptr,
                 c.shape.taps.data(), c.shape.tap_count(),
                 c.shape.in,          c.shape.out,
                 c.shape.unseen} {}

    gatun_product run(bool accumulate) const {
        return {&affine, &x.map(), &y.map(), nullptr, nullptr, GATUN_PRODUCT_RUN, 1, accumulate, 0};
    }
};

// The same operation on the sizes of all numbers: what a rounding is measured by.
Numbers sizes_of(Numbers c) {
    for (auto* all : {&c.x, &c.y, &c.weights, &c.bias}) {
        for (float& value : *all) value = std::fabs(value);
    }
    return c;
}

std::vector<float> defined(const Numbers& c, bool accumulate) {
    const Memory memory(c);
    scalar::affine(memory.affine, memory.x.map(), memory.y.map(), accumulate);
    return memory.y.inside();
}

void check_outputs(const Numbers& c, bool accumulate, const std::vector<float>& found) {
    const std::vector<float> wanted = defined(c, accumulate), sizes = defined(sizes_of(c), accumulate);
    const double rounding = c.whole ? 0 : static_cast<double>(c.shape.flat() + 4) * 0x1p-23;
    REQUIRE(found.size() == wanted.size());
    for (size_t i = 0; i < found.size(); ++i) {
        INFO("output ", i, ": found ", found[i], ", wanted ", wanted[i]);
        REQUIRE(std::fabs(static_cast<double>(found[i]) - static_cast<double>(wanted[i])) <=
                rounding * static_cast<double>(sizes[i]));
    }
}

// Gradients that were added to zeros of weights and to ones of bias.
void check_gradients(const Numbers& c, const std::vector<float>& weights, const std::vector<float>& bias) {
    const Memory memory(c);
    std::vector<scalar::Sum> all(weights.size()), biases(bias.size());
    scalar::affine_gradient(memory.affine, memory.x.map(), memory.y.map(), all.data(), biases.data());
    const double rounding = c.whole ? 0 : static_cast<double>(c.shape.positions() + 4) * 0x1p-23;
    for (size_t i = 0; i < weights.size(); ++i) {
        INFO("weight ", i, ": found ", weights[i], ", wanted ", all[i].value);
        REQUIRE(std::fabs(static_cast<double>(weights[i]) - all[i].value) <= rounding * all[i].size);
    }
    for (size_t o = 0; o < bias.size(); ++o) {
        INFO("bias ", o, ": found ", bias[o], ", wanted ", biases[o].value + 1);
        REQUIRE(std::fabs(static_cast<double>(bias[o]) - 1 - biases[o].value) <= rounding * (biases[o].size + 1));
    }
}

struct Gradients {
    std::vector<float> weights, bias;
};

void share(gatun_context* context, int64_t tasks, void (*task)(void*, int64_t), void* argument) {
    context->pool.run(tasks, [&](int64_t i) { task(argument, i); });
}

// Calls body(implementation, host) for each implementation of a kind; body says whether it took the shape.
void each_implementation(int32_t kind, const Numbers& c, std::vector<int>& taken,
                         const std::function<bool(const dnnl::Implementation&, const gatun_product_host&)>& body) {
    const Context context = context_of(levels().back(), 2);
    const gatun_product_host host = {context.get(), share, nullptr};
    const auto all = dnnl::implementations(kind);
    taken.resize(all.size());
    for (size_t i = 0; i < all.size(); ++i) {
        INFO(c.shape.line(), ": ", std::string(all[i].name));
        taken[i] += body(all[i], host) ? 1 : 0;
    }
}

std::unique_ptr<dnnl::Plan> plan_of(const dnnl::Implementation& one, const gatun_product& product) {
    const dnnl::OneThread alone;
    try {
        return one.make(product);
    } catch (const dnnl::Refused& why) {
        CHECK(std::string(why.what()).size() > 3);
    } catch (const ::dnnl::error&) {  // oneDNN has nothing for it
    }
    return nullptr;
}

bool nothing(const AffineShape& s) { return s.positions() == 0 || s.taps.empty(); }

void check_runs(const Numbers& c, bool accumulate, std::vector<int>& taken) {
    if (nothing(c.shape)) return;
    each_implementation(GATUN_PRODUCT_RUN, c, taken, [&](const auto& one, const gatun_product_host& host) {
        const Memory memory(c);
        const std::vector<float> x = memory.x.copy();
        const auto plan = plan_of(one, memory.run(accumulate));
        if (plan == nullptr) return false;
        plan->run(host, memory.run(accumulate));
        check_outputs(c, accumulate, memory.y.inside());
        CHECK(first_difference(x, memory.x.copy()) == -1);
        return true;
    });
}

void check_gradient(const Numbers& c, std::vector<int>& taken) {
    if (nothing(c.shape)) return;
    each_implementation(GATUN_PRODUCT_GRADIENT, c, taken, [&](const auto& one, const gatun_product_host& host) {
        const Memory memory(c);
        Guarded<float> weights(std::vector<float>(c.weights.size(), 0.0f)), bias(std::vector<float>(c.bias.size(), 1));
        const gatun_product product = {&memory.affine,
                                       &memory.x.map(),
                                       &memory.y.map(),
                                       weights.data(),
                                       bias.data(),
                                       GATUN_PRODUCT_GRADIENT,
                                       1,
                                       0,
                                       0};
        const auto plan = plan_of(one, product);
        if (plan == nullptr) return false;
        plan->run(host, product);
        check_gradients(c, weights.copy(), bias.copy());
        return true;
    });
}

std::vector<AffineShape> some_shapes(Random& random) {
    std::vector<AffineShape> shapes = affine_shapes();
    for (int i = 0; i < 60; ++i) shapes.push_back(random_affine_shape(random, true));
    for (const char* line : {"n=5 h=9 t=8 in=32 out=32 taps=-1:-1,-1:0,-1:1,0:-1,0:0", "n=3 h=7 t=7 in=16 out=48",
                             "n=2 t=300 in=32 out=64 k=2 d=16", "n=1 t=1500 in=33 out=65 k=2",
                             "n=6 t=64 in=48 out=48 k=3 d=4 unseen=17"}) {
        shapes.push_back(AffineShape::parse(line));
    }
    return shapes;
}

Context products_of(int32_t threads, int32_t way) {
    Context context = context_of(levels().back(), threads);
    char text[128];
    REQUIRE(gatun_context_products(context.get(), gatun_dnnl_products(text, sizeof text), way) == GATUN_OK);
    CHECK(std::string(text).starts_with("oneDNN 3."));
    return context;
}

}  // namespace

TEST_CASE("oneDNN: each implementation's outputs are those of the definition") {
    Random random("dnnl runs");
    std::vector<int> taken;
    for (const AffineShape& shape : some_shapes(random)) {
        for (const bool whole : {true, false}) check_runs(Numbers(shape, whole, random), whole, taken);
    }
    for (const int count : taken) CHECK(count > 40);
}

TEST_CASE("oneDNN: each implementation's gradients are those of the definition") {
    Random random("dnnl gradients");
    std::vector<int> taken;
    for (const AffineShape& shape : some_shapes(random)) {
        for (const bool whole : {true, false}) check_gradient(Numbers(shape, whole, random), taken);
    }
    for (const int count : taken) CHECK(count > 40);
}

TEST_CASE("oneDNN: a context's products have the same bits on any number of threads") {
    Random random("dnnl threads");
    for (const AffineShape& shape : some_shapes(random)) {
        if (shape.positions() < 40) continue;
        const Numbers numbers(shape, false, random);
        std::vector<float> outputs;
        Gradients gradients;
        for (const int32_t threads : {1, 3}) {
            INFO(shape.line(), ", ", threads, " threads");
            const Context context = products_of(threads, GATUN_PRODUCTS_ALWAYS);
            const Memory memory(numbers), other(numbers);
            REQUIRE(gatun_affine_run(context.get(), &memory.affine, &memory.x.map(), &memory.y.map(), 0) == GATUN_OK);
            Guarded<float> weights(std::vector<float>(numbers.weights.size(), 0.0f)), bias(numbers.bias);
            REQUIRE(gatun_affine_gradient(context.get(), &other.affine, &other.x.map(), &other.y.map(), weights.data(),
                                          bias.data()) == GATUN_OK);
            if (threads == 1) {
                outputs = memory.y.inside();
                gradients = {weights.copy(), bias.copy()};
            }
            CHECK(first_difference(outputs, memory.y.inside()) == -1);
            CHECK(first_difference(gradients.weights, weights.copy()) == -1);
            CHECK(first_difference(gradients.bias, bias.copy()) == -1);
            CHECK(gatun_context_choices(context.get(), 0, nullptr, 0) == 2);
        }
    }
}

TEST_CASE("oneDNN: what is measured is computed once, and said") {
    Random random("dnnl measured");
    const Context context = products_of(2, GATUN_PRODUCTS_FASTEST);
    int32_t shapes = 0;
    for (const char* line :
         {"n=5 h=9 t=8 in=32 out=32 taps=-1:-1,-1:0,-1:1,0:-1,0:0", "n=2 t=300 in=32 out=64 k=2 d=16",
          "n=1 t=1 in=3 out=2", "n=2 t=9 in=4 out=3 taps=0:-9,0:0"}) {
        const Numbers numbers(AffineShape::parse(line), false, random);
        for (int i = 0; i < 2; ++i) {
            const Memory memory(numbers);
            REQUIRE(gatun_affine_run(context.get(), &memory.affine, &memory.x.map(), &memory.y.map(), 1) == GATUN_OK);
            check_outputs(numbers, true, memory.y.inside());
            Guarded<float> weights(std::vector<float>(numbers.weights.size(), 0.0f)),
                bias(std::vector<float>(numbers.bias.size(), 1));
            const Memory other(numbers);
            REQUIRE(gatun_affine_gradient(context.get(), &other.affine, &other.x.map(), &other.y.map(), weights.data(),
                                          bias.data()) == GATUN_OK);
            check_gradients(numbers, weights.copy(), bias.copy());
        }
        shapes += 2;
        char text[512];
        REQUIRE(gatun_context_choices(context.get(), shapes - 1, text, sizeof text) == shapes);
        INFO(std::string(text));
        CHECK(std::string(text).starts_with("gradient n="));
        CHECK(std::string(text).find("is taken; Gatun's own ") != std::string::npos);
    }
}

TEST_CASE("oneDNN: strided operations are those of the definition") {
    Random random("dnnl strided");
    for (int i = 0; i < 20; ++i) {
        AffineShape shape = random_affine_shape(random, true);
        shape.gapx = shape.gapy = 0;
        AffineShape fine = shape;
        fine.h *= 2;
        fine.t *= 2;
        INFO(shape.line());
        const std::vector<float> values = random.wholes(fine.positions() * fine.in),
                                 dy = random.wholes(shape.positions() * shape.out);
        const FloatMap x(fine, fine.in, 0, Halo::of(fine.taps), 0.0f, Edge::kEnd, from(values));
        const Numbers numbers(shape, true, random);
        const Memory memory(numbers);
        const FloatMap wanted(shape, shape.out, 0, {}, 0.0f, Edge::kEnd, from(dy)),
            found(shape, shape.out, 0, {}, 0.0f, Edge::kEnd, from(dy));
        scalar::affine(memory.affine, x.map(), wanted.map(), true, 2);
        const Context context = products_of(2, GATUN_PRODUCTS_ALWAYS);
        REQUIRE(gatun_affine_strided_run(context.get(), &memory.affine, &x.map(), 2, &found.map(), 1) == GATUN_OK);
        CHECK(first_difference(wanted.inside(), found.inside()) == -1);
        std::vector<scalar::Sum> sums(numbers.weights.size());
        scalar::affine_gradient(memory.affine, x.map(), memory.y.map(), sums.data(), nullptr, 2);
        Guarded<float> weights(std::vector<float>(numbers.weights.size(), 0.0f));
        REQUIRE(gatun_affine_strided_gradient(context.get(), &memory.affine, &x.map(), 2, &memory.y.map(),
                                              weights.data(), nullptr) == GATUN_OK);
        for (size_t w = 0; w < sums.size(); ++w)
            REQUIRE(static_cast<double>(weights[static_cast<int64_t>(w)]) == sums[w].value);
    }
}

}  // namespace gatun::check
