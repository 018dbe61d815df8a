// What a product of rounded inputs is, in plain loops: kernels are held against this, and nothing runs it in earnest.
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "ops/affine/affine.h"
#include "ops/rounded/rounded.h"

namespace gatun::scalar {
namespace {

constexpr float kWhole = 127.0f;

struct Inputs {
    std::vector<int32_t> whole;
    float scale;
};

Inputs round_inputs(const float* x, int32_t inputs) {
    Inputs rounded = {std::vector<int32_t>(static_cast<size_t>(inputs)), 0.0f};
    float most = 0;
    for (int32_t i = 0; i < inputs; ++i) {
        if (!std::isfinite(x[i])) return {rounded.whole, std::numeric_limits<float>::quiet_NaN()};
        most = std::max(most, std::fabs(x[i]));
    }
    if (most < 0x1p-100f) return rounded;
    const float factor = kWhole / most;
    for (int32_t i = 0; i < inputs; ++i) {
        rounded.whole[static_cast<size_t>(i)] = static_cast<int32_t>(std::nearbyint(x[i] * factor));
    }
    rounded.scale = most / kWhole;
    return rounded;
}

}  // namespace

float rounded_output(const gatun_affine& a, const float* const* x, int32_t output) {
    const auto weight = [&](int32_t tap, int32_t input) {
        return a.weights[packed_at(a.tap_count, a.inputs, output, tap, input)];
    };
    float scale = 0;
    for (int32_t tap = 0; tap < a.tap_count; ++tap) {
        for (int32_t c = 0; c < a.inputs; ++c) scale = std::max(scale, std::fabs(weight(tap, c)));
    }
    scale /= kWhole;
    float y = a.bias == nullptr ? 0.0f : a.bias[output];
    for (int32_t tap = 0; tap < a.tap_count; ++tap) {
        const Inputs rounded = round_inputs(x[tap], a.inputs);
        int32_t sum = 0;
        for (int32_t c = 0; c < a.inputs && scale > 0; ++c) {
            sum += static_cast<int32_t>(std::lround(weight(tap, c) / scale)) * rounded.whole[static_cast<size_t>(c)];
        }
        y = std::fma(static_cast<float>(sum), rounded.scale * scale, y);
    }
    return y;
}

}  // namespace gatun::scalar
