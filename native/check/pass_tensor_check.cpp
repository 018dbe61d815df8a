// Products whose factors are rounded, of passes that ask for them, against the definition: exactly where nothing is
// lost, on small whole numbers, and otherwise by what rounding the factors may change.
#include <bit>
#include <cmath>
#include <cstdlib>

#include "pass_device.h"

namespace gatun::check {
namespace {

struct Rounding {
    int32_t products;
    int bits;  // behind the point
    bool ties_to_even;

    // Of the largest number of a tensor; each factor is off by half a unit of its last bit at most, to either side.
    double tolerance() const { return std::ldexp(1.0, -bits + 1); }

    float round(float x) const {
        const int dropped = 23 - bits;
        const auto of = std::bit_cast<uint32_t>(x), half = uint32_t{1} << (dropped - 1);
        const uint32_t below = ties_to_even ? half - 1 + (of >> dropped & 1u) : half;
        return std::bit_cast<float>((of + below) >> dropped << dropped);
    }
};

constexpr Rounding kRoundings[] = {{GATUN_CUDA_TF32, 10, false}, {GATUN_CUDA_BF16, 7, true}};

struct Shape {
    int32_t outputs, positions;
};
// Each kind of tile, with tails.
constexpr Shape kShapes[] = {{32, 16500}, {384, 5600}, {160, 16500}, {61, 16500},
                             {96, 1000},  {17, 1100},  {132, 1000},  {188, 530}};

// Every one, or every step-th; fewer still where tools make them slow.
template <class Body>
void each_shape(size_t step, Body&& body) {
    if (std::getenv("GATUN_CHECK_LIGHT") != nullptr) step = 4;
    for (const Rounding& how : kRoundings) {
        for (size_t i = 0; i < std::size(kShapes); i += step) {
            CAPTURE(how.products);
            CAPTURE(kShapes[i].outputs);
            body(how, kShapes[i]);
        }
    }
}

struct TensorCase {
    Random& random;
    PassDevice device;
    const Shape shape;
    const int32_t inputs, examples, rows, columns;
    std::vector<gatun_tap> taps;
    int32_t unseen;

    TensorCase(Random& from, const Shape& of, bool whole)
        : random(from),
          device(from),
          shape(of),
          inputs(static_cast<int32_t>(8 * from.whole(1, 5))),
          examples(static_cast<int32_t>(from.whole(1, 3))),
          rows(static_cast<int32_t>(from.whole(1, 9))),
          columns(of.positions / (examples * rows) + 1),
          taps(static_cast<size_t>((39 + inputs) / inputs)) {
        if (whole) device.whole_numbers();
        for (gatun_tap& tap : taps)
            tap = {static_cast<int32_t>(from.whole(-2, 2)), static_cast<int32_t>(from.whole(-2, 2))};
        taps.front() = {0, 0};  // the others may see zeros alone
        const auto flat = static_cast<int32_t>(taps.size()) * inputs;
        unseen = static_cast<int32_t>(from.whole(0, std::min(inputs - 1, flat - 32)));
    }

    int64_t packed() const {
        const int64_t lanes = (shape.outputs + GATUN_LANES - 1) / GATUN_LANES * GATUN_LANES;
        return lanes * (static_cast<int64_t>(taps.size()) * inputs - unseen);
    }
    gatun_affine affine() {
        return {device.floats(packed()),
                random.whole(0, 1) == 0 ? nullptr : device.floats(shape.outputs),
                taps.data(),
                static_cast<int32_t>(taps.size()),
                inputs,
                shape.outputs,
                unseen};
    }
    gatun_map map(int32_t features, int32_t around = 0, int32_t times = 1) {
        return device.map(examples, times * rows, times * columns, features, around);
    }
    // As the definition has them, to the bit; or near to it.
    void check(const Rounding& how, bool whole) const {
        if (whole) {
            CHECK(device.same_bits());
        } else {
            const double apart = device.difference();
            CHECK(apart > 0);
            CHECK(apart < how.tolerance());
        }
    }
};

void check_product(Random& random, const Rounding& how, const Shape& shape, bool whole) {
    TensorCase c(random, shape, whole);
    const gatun_affine affine = c.affine();
    const auto stride = static_cast<int32_t>(random.whole(1, 2)), accumulate = static_cast<int32_t>(random.whole(0, 1));
    const gatun_map x = c.map(c.inputs, 2, stride), y = c.map(shape.outputs);
    c.device.run(
        [&](gatun_context* context) { return gatun_affine_strided_run(context, &affine, &x, stride, &y, accumulate); },
        how.products);
    c.check(how, whole);
}

void check_gradient(Random& random, const Rounding& how, const Shape& shape, bool whole) {
    TensorCase c(random, shape, whole);
    const gatun_affine affine = c.affine();
    const gatun_map x = c.map(c.inputs, 2), dy = c.map(shape.outputs);
    float *weights = c.device.floats(c.packed()),
          *bias = random.whole(0, 1) == 0 ? nullptr : c.device.floats(shape.outputs);
    c.device.run(
        [&](gatun_context* context) { return gatun_affine_gradient(context, &affine, &x, &dy, weights, bias); },
        how.products);
    c.check(how, whole);
}

}  // namespace

TEST_CASE("pass: rounded products of whole numbers") {
    Random random("pass tensor whole");
    each_shape(1, [&](const Rounding& how, const Shape& shape) {
        check_product(random, how, shape, true);
        check_gradient(random, how, shape, true);
    });
}

TEST_CASE("pass: rounded products of reals") {
    Random random("pass tensor reals");
    each_shape(2, [&](const Rounding& how, const Shape& shape) {
        check_product(random, how, shape, false);
        check_gradient(random, how, shape, false);
    });
}

// Each output is an input times one, at each position.
TEST_CASE("pass: how factors are rounded") {
    Random random("pass tensor rounding");
    constexpr int32_t kFeatures = 32, kPositions = 1024;
    static constexpr gatun_tap kHere = {0, 0};
    for (const Rounding& how : kRoundings) {
        PassDevice device(random);
        float* weights = device.floats(int64_t{kFeatures} * kFeatures);
        for (int32_t i = 0; i < kFeatures * kFeatures; ++i) {
            const int32_t output = i / GATUN_LANES / kFeatures * GATUN_LANES + i % GATUN_LANES;
            weights[i] = output == i / GATUN_LANES % kFeatures ? 1.0f : 0.0f;
        }
        const gatun_map x = device.map(1, 1, kPositions, kFeatures), rounded = device.map(1, 1, kPositions, kFeatures);
        const gatun_map y = device.map(1, 1, kPositions, kFeatures);
        for (int32_t i = 0; i < kPositions * kFeatures; ++i) {
            // Some lie half way between two.
            const auto bits = std::bit_cast<uint32_t>(x.data[i]) | 0x1000u;
            if (i % 3 == 0) x.data[i] = std::bit_cast<float>(i % 2 == 0 ? bits & ~0xfffu : (bits & ~0xffffu) | 0x8000u);
            rounded.data[i] = how.round(x.data[i]);
        }
        const gatun_affine affine = {weights, nullptr, &kHere, 1, kFeatures, kFeatures, 0};
        bool here = true;
        device.run(
            [&](gatun_context* context) {
                const gatun_map& from = here ? rounded : x;
                here = false;
                return gatun_affine_run(context, &affine, &from, &y, 0);
            },
            how.products);
        CHECK(device.same_bits());
    }
}

TEST_CASE("pass: products of no kind are refused") {
    char text[256] = {};
    gatun_cuda_device* device = nullptr;
    gatun_cuda_memory* memory = nullptr;
    gatun_cuda_pass* pass = nullptr;
    REQUIRE(gatun_cuda_open(0, &device, text, sizeof text) == GATUN_OK);
    REQUIRE(gatun_cuda_memory_create(device, &memory, text, sizeof text) == GATUN_OK);
    const gatun_call none{};
    CHECK(gatun_cuda_pass_create(memory, &none, 0, 3, &pass, text, sizeof text) == GATUN_INVALID_ARGUMENT);
    CHECK(std::string(text) == "products: found 3, expected 0..2");
    gatun_cuda_memory_destroy(memory);
    gatun_cuda_close(device);
}

}  // namespace gatun::check
