// The functions that kernels are made of, on a CUDA device: the processor's bits.
#include "cases.h"
#include "math_kernels.h"
#include "simd/math_kernels.h"

namespace gatun::check {
namespace {

constexpr int64_t kCount = 1 << 24;

const MathKernels& here() { return GATUN_PICK(levels().back(), math_kernels); }

void compute(MathFunction function, const std::vector<float>& x, std::vector<float>& y) {
    const auto map = [&](MathKernels::Map f) { f(x.data(), y.data(), kCount); };
    const auto each = [&](auto&& f) {
        for (size_t i = 0; i < x.size(); ++i) y[i] = f(x[i]);
    };
    const auto sixteen = [&](float (*f)(const float*)) {
        for (size_t i = 0; i < x.size(); ++i) y[i] = f(x.data() + i / 16 * 16);
    };
    std::vector<float> other;
    switch (function) {
        case MathFunction::kExp:
            return map(here().exp);
        case MathFunction::kExpm1:
            return map(here().expm1);
        case MathFunction::kLog:
            return map(here().log);
        case MathFunction::kLog1p:
            return map(here().log1p);
        case MathFunction::kTanh:
            return map(here().tanh);
        case MathFunction::kSigmoid:
            return map(here().sigmoid);
        case MathFunction::kLogSigmoid:
            return map(here().log_sigmoid);
        case MathFunction::kGate:
            for (const float v : x) other.push_back(v * -0.5f);
            return here().gate(x.data(), other.data(), y.data(), kCount);
        case MathFunction::kSum:
            return sixteen(here().sum);
        case MathFunction::kMaximum:
            return sixteen(here().maximum);
        case MathFunction::kNdtri:
            return each([](float v) {
                const float p = std::fabs(v) < 1.0f && v != 0.0f ? std::fabs(v) : 0.5f;
                return static_cast<float>(here().ndtri(static_cast<double>(p)));
            });
        default:
            return each([](float v) {
                const auto bits = std::bit_cast<int32_t>(v);
                return here().uniform(static_cast<uint64_t>(bits), 7, bits, 3);
            });
    }
}

}  // namespace

TEST_CASE("cuda: functions have the processor's bits") {
    Random random("cuda math");
    std::vector<float> x(kCount), y(kCount), found(kCount);
    // Half of them any floats at all, not-a-number and subnormal ones too; half in the middle.
    for (size_t i = 0; i < x.size(); ++i) {
        x[i] = i % 32 < 16 ? std::bit_cast<float>(static_cast<uint32_t>(random.bits()))
                           : static_cast<float>(random.real(-20, 20));
    }
    for (int f = 0; f <= static_cast<int>(MathFunction::kUniform); ++f) {
        const auto function = static_cast<MathFunction>(f);
        INFO("function ", f);
        compute(function, x, y);
        REQUIRE(on_device(function, x.data(), found.data(), kCount));
        const int64_t different = first_difference(y, found);
        INFO("x ", different < 0 ? 0.0f : x[static_cast<size_t>(different)]);
        CHECK(different == -1);
    }
}

}  // namespace gatun::check
