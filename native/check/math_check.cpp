// exp, log and the rest over every exponent, against the C library in double; the same bits on all levels.
#include <algorithm>
#include <limits>

#include "cases.h"
#include "guarded.h"
#include "simd/math_kernels.h"

namespace gatun::check {
namespace {

struct Function {
    std::string name;
    MathKernels::Map MathKernels::*kernel;
    double (*truth)(double);
    double ulps;
};

double log_sigmoid(double x) { return std::min(x, 0.0) - std::log1p(std::exp(-std::fabs(x))); }

const Function kFunctions[] = {
    {"exp", &MathKernels::exp, [](double x) { return std::exp(x); }, 1.0},
    {"expm1", &MathKernels::expm1, [](double x) { return std::expm1(x); }, 1.6},
    {"log", &MathKernels::log, [](double x) { return std::log(x); }, 1.0},
    {"log1p", &MathKernels::log1p, [](double x) { return std::log1p(x); }, 1.6},
    {"tanh", &MathKernels::tanh, [](double x) { return std::tanh(x); }, 2.0},
    {"sigmoid", &MathKernels::sigmoid, [](double x) { return 1 / (1 + std::exp(-x)); }, 1.9},
    {"log_sigmoid", &MathKernels::log_sigmoid, log_sigmoid, 1.9},
};

#if defined(__SANITIZE_ADDRESS__)
constexpr uint32_t kFractions = 256;  // each takes thirty times as long
#else
constexpr uint32_t kFractions = 4096;
#endif

float from_bits(uint32_t bits) {
    float x;
    std::memcpy(&x, &bits, sizeof x);
    return x;
}

// Every exponent and sign with kFractions fractions, and what lies at edges: of exponents, of subnormals, of overflow.
std::vector<float> all_exponents(const std::string& name) {
    Random random(name);
    std::vector<float> x;
    for (uint32_t top = 0; top < 512; ++top) {
        for (const uint32_t fraction : {0u, 1u, 2u, 0x3fffffu, 0x400000u, 0x7ffffeu, 0x7fffffu}) {
            x.push_back(from_bits(top << 23 | fraction));
        }
        for (uint32_t i = 0; i < kFractions; ++i) {
            const uint32_t width = (1u << 23) / kFractions;
            x.push_back(from_bits(top << 23 | (i * width + static_cast<uint32_t>(random.bits() % width))));
        }
    }
    for (const float edge :
         {88.72284f, -87.33655f, -103.97208f, 9.0109f, 0.34657359f, 0.70710678f, 1.41421356f, 17.32868f}) {
        float up = edge;
        float down = edge;
        for (int i = 0; i < 64; ++i) {
            for (const float value : {up, -up, down, -down}) x.push_back(value);
            up = std::nextafterf(up, 1e30f);
            down = std::nextafterf(down, -1e30f);
        }
    }
    return x;
}

// 0 where y may stand for the truth, else its error.
double error_of(float y, double truth) {
    if (std::isnan(truth)) return std::isnan(y) ? 0 : std::numeric_limits<double>::infinity();
    if (std::isnan(y)) return std::numeric_limits<double>::infinity();
    if (truth == 0 && y == 0)
        return std::signbit(y) == std::signbit(truth) ? 0 : std::numeric_limits<double>::infinity();
    if (std::isinf(truth) && std::isinf(y)) return (y > 0) == (truth > 0) ? 0 : std::numeric_limits<double>::infinity();
    return ulps(y, truth);
}

}  // namespace

TEST_CASE("math: every exponent against the C library") {
    const std::vector<float> x = all_exponents("exponents");
    const int64_t count = static_cast<int64_t>(x.size());
    for (const Function& f : kFunctions) {
        std::vector<float> first;
        for (const int32_t isa : levels()) {
            std::vector<float> y(x.size());
            (GATUN_PICK(isa, math_kernels).*f.kernel)(x.data(), y.data(), count);
            if (first.empty()) {
                first = y;
                continue;
            }
            const int64_t i = first_difference(first, y);
            INFO(f.name, " on ", level_name(isa), " at x = ", i < 0 ? 0.0f : x[static_cast<size_t>(i)]);
            CHECK(i == -1);
        }
        double worst = 0;
        float where = 0;
        for (size_t i = 0; i < x.size(); ++i) {
            const double error = error_of(first[i], f.truth(static_cast<double>(x[i])));
            if (error > worst) {
                worst = error;
                where = x[i];
            }
        }
        INFO(f.name, ": ", worst, " ULP at ", where);
        CHECK(worst <= f.ulps);
    }
}

TEST_CASE("math: ln sigmoid has the bits of ln(1 + e^-|x|) by the functions of all x") {
    const std::vector<float> x = all_exponents("ln sigmoid");
    const auto count = static_cast<int64_t>(x.size());
    const MathKernels& kernels = GATUN_PICK(GATUN_ISA_BASELINE, math_kernels);
    std::vector<float> size(x.size()), power(x.size()), logarithm(x.size()), result(x.size());
    std::transform(x.begin(), x.end(), size.begin(), [](float value) { return -std::fabs(value); });
    kernels.exp(size.data(), power.data(), count);
    kernels.log1p(power.data(), logarithm.data(), count);
    kernels.log_sigmoid(x.data(), result.data(), count);
    int64_t different = 0;
    for (size_t i = 0; i < x.size(); ++i) {
        if (std::isnan(x[i])) continue;
        different += result[i] != std::min(x[i], 0.0f) - logarithm[i] ? 1 : 0;
    }
    CHECK(different == 0);
}

TEST_CASE("math: tanh times sigmoid in one") {
    std::vector<float> x = all_exponents("gate x");
    std::vector<float> y = all_exponents("gate y");
    Random random("gate");
    std::shuffle(y.begin(), y.end(), std::mt19937_64(random.bits()));
    for (uint32_t i = 0; i < 100 * kFractions; ++i) {
        x.push_back(static_cast<float>(random.real(-10, 10)));
        y.push_back(static_cast<float>(random.real(-20, 20)));
    }
    std::vector<float> first;
    for (const int32_t isa : levels()) {
        std::vector<float> z(x.size());
        GATUN_PICK(isa, math_kernels).gate(x.data(), y.data(), z.data(), static_cast<int64_t>(x.size()));
        if (first.empty()) first = z;
        INFO(level_name(isa));
        CHECK(first_difference(first, z) == -1);
    }
    double worst = 0;
    for (size_t i = 0; i < x.size(); ++i) {
        const double truth = std::tanh(static_cast<double>(x[i])) / (1 + std::exp(-static_cast<double>(y[i])));
        worst = std::max(worst, error_of(first[i], truth));
    }
    CHECK(worst <= 4.5);
}

TEST_CASE("math: tails, alignment, guard pages") {
    Random random("math tails");
    for (const int32_t isa : levels()) {
        const MathKernels& kernels = GATUN_PICK(isa, math_kernels);
        for (int64_t count = 0; count <= 50; ++count) {
            for (const Edge edge : {Edge::kStart, Edge::kEnd}) {
                Guarded<float> x(random.reals(count, -5, 5), edge);
                Guarded<float> y(count, edge);
                kernels.sigmoid(x.data(), y.data(), count);
                for (int64_t i = 0; i < count; ++i) {
                    float one = 0;
                    kernels.sigmoid(&x[i], &one, 1);
                    INFO(level_name(isa), " count ", count, " element ", i);
                    CHECK(same_bits(y[i], one));
                }
            }
        }
    }
}

TEST_CASE("math: sums and maxima of sixteen lanes go by one tree") {
    Random random("trees");
    for (int round = 0; round < 1000; ++round) {
        const std::vector<float> x = random.reals(16, -1, 1);
        std::vector<float> tree = x;
        for (size_t half = 8; half >= 1; half /= 2) {
            for (size_t i = 0; i < half; ++i) tree[i] += tree[i + half];
        }
        for (const int32_t isa : levels()) {
            INFO(level_name(isa));
            CHECK(same_bits(GATUN_PICK(isa, math_kernels).sum(x.data()), tree[0]));
            CHECK(GATUN_PICK(isa, math_kernels).maximum(x.data()) == *std::max_element(x.begin(), x.end()));
        }
    }
}

TEST_CASE("math: the inverse of the normal distribution, and the logarithm in double") {
    Random random("ndtri");
    std::vector<double> points = {0x1p-24, 1 - 0x1p-24, 0.5, 0.075, 0.925, 0.0749999, 1e-11, 1.4e-11};
    for (int i = 0; i < 20000; ++i) points.push_back(static_cast<double>(random.whole(1, (1 << 24) - 1)) * 0x1p-24);
    for (const double u : points) {
        const double z = GATUN_PICK(levels()[0], math_kernels).ndtri(u);
        const double tail = u < 0.5 ? u : 1 - u;
        const double back = 0.5 * std::erfc(std::fabs(z) / std::sqrt(2.0));
        INFO("u = ", u, ", z = ", z);
        CHECK((u < 0.5 ? z < 0 : z >= 0));
        CHECK(std::fabs(back - tail) <= 1e-14 * (1 + z * z) * tail);
        const double l = GATUN_PICK(levels()[0], math_kernels).log_double(u);
        CHECK(std::fabs(l - std::log(u)) <= 4e-16 * std::fabs(std::log(u)));
        for (const int32_t isa : levels()) {
            CHECK(GATUN_PICK(isa, math_kernels).ndtri(u) == z);
            CHECK(GATUN_PICK(isa, math_kernels).log_double(u) == l);
        }
    }
}

}  // namespace gatun::check
