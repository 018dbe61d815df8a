#include "ops/packed/packed.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "core/context.h"
#include "ops/rounded/rounded.h"

namespace gatun {
namespace {

// Of each output of whole blocks: what its weights are whole multiples of. The largest of them is 127 times it, and so
// many bits does none of them have that this would not be exact.
std::vector<float> scales_of(const gatun_affine& affine) {
    const int64_t flat = int64_t{affine.tap_count} * affine.inputs;
    std::vector<float> scales(static_cast<size_t>(packed_blocks(affine.outputs) * GATUN_LANES));
    const float* w = affine.weights;
    for (size_t block = 0; block < scales.size(); block += GATUN_LANES) {
        for (int64_t r = 0; r < flat; ++r) {
            for (size_t lane = 0; lane < GATUN_LANES; ++lane, ++w) {
                scales[block + lane] = std::max(scales[block + lane], std::fabs(*w));
            }
        }
    }
    for (float& scale : scales) scale /= 127.0f;
    return scales;
}

// A weight in its few bits.
template <class Weight>
Weight stored(float value, float scale);

template <>
float stored(float value, float) {
    return value;
}

template <>
uint16_t stored(float value, float) {
    return static_cast<uint16_t>(std::bit_cast<uint32_t>(value) >> 16);
}

template <>
int8_t stored(float value, float scale) {
    return scale > 0 ? static_cast<int8_t>(std::lround(std::clamp(value / scale, -127.0f, 127.0f))) : int8_t{0};
}

// kFours: whether four inputs of an output lie side by side.
template <class Weight, bool kFours>
class Packer {
public:
    Packer(const gatun_affine& affine, bool gate, void* to)
        : affine_(affine), gate_(gate), blocks_(packed_blocks(affine.outputs)), to_(static_cast<char*>(to)) {
        if (kScaled) scales_ = scales_of(affine);
    }

    // Taps first .. end - 1 of all groups.
    void pack(int64_t first, int64_t end, bool with_head) {
        for (int64_t block = 0; block < blocks_;) {
            int64_t group = kPackedGroup;
            while (group > blocks_ - block) group /= 2;
            if (with_head) pack_head(block, group);
            for (int64_t tap = first; tap < end; ++tap) pack_tap(tap, block, group);
            block += group;
        }
    }

    // The first weight that cannot be kept in so few bits, or nothing.
    const std::string& problem() const { return problem_; }

private:
    static constexpr bool kScaled = sizeof(Weight) == 1;

    int64_t output_of(int64_t block) const {
        return (gate_ ? block / 2 + block % 2 * (blocks_ / 2) : block) * GATUN_LANES;
    }

    void put(const void* values, size_t bytes) {
        std::memcpy(to_, values, bytes);
        to_ += bytes;
    }

    void pack_head(int64_t block, int64_t group) {
        for (int64_t i = 0; i < group; ++i) {
            float bias[GATUN_LANES] = {};
            const int64_t output = output_of(block + i);
            const int64_t live = std::min<int64_t>(GATUN_LANES, affine_.outputs - output);
            if (affine_.bias != nullptr) std::copy_n(affine_.bias + output, live, bias);
            put(bias, sizeof bias);
        }
        for (int64_t i = 0; kScaled && i < group; ++i) {
            put(scales_.data() + output_of(block + i), sizeof(float) * GATUN_LANES);
        }
    }

    void pack_tap(int64_t tap, int64_t block, int64_t group) {
        if constexpr (kFours) {
            for (int64_t input = 0; input < affine_.inputs; input += 4) pack_four(tap, input, block, group);
        } else {
            for (int64_t input = 0; input < affine_.inputs; ++input) pack_input(tap, input, block, group);
        }
    }

    // Of an input the weights of 16 outputs, the first of which this is.
    const float* weights_of(int64_t output, int64_t tap, int64_t input) const {
        return affine_.weights + (output * affine_.tap_count + tap * GATUN_LANES) * affine_.inputs +
               input * GATUN_LANES;
    }

    void pack_four(int64_t tap, int64_t input, int64_t block, int64_t group) {
        const int64_t live = std::min<int64_t>(4, affine_.inputs - input);
        for (int64_t i = 0; i < group; ++i) {
            const int64_t output = output_of(block + i);
            uint8_t row[GATUN_LANES][4];
            for (int64_t lane = 0; lane < GATUN_LANES; ++lane) {
                for (int64_t k = 0; k < 4; ++k) {
                    const float value = k < live ? weights_of(output, tap, input + k)[lane] : 0.0f;
                    row[lane][k] = static_cast<uint8_t>(pack_one(value, output + lane) + 128);
                }
            }
            put(row, sizeof row);
        }
    }

    void pack_input(int64_t tap, int64_t input, int64_t block, int64_t group) {
        for (int64_t i = 0; i < group; ++i) {
            const int64_t output = output_of(block + i);
            const float* from = weights_of(output, tap, input);
            Weight row[GATUN_LANES];
            for (int64_t lane = 0; lane < GATUN_LANES; ++lane) row[lane] = pack_one(from[lane], output + lane);
            put(row, sizeof row);
        }
    }

    Weight pack_one(float value, int64_t output) {
        const float scale = kScaled ? scales_[static_cast<size_t>(output)] : 1.0f;
        const Weight small = stored<Weight>(value, scale);
        if (std::bit_cast<uint32_t>(packed_value(small, scale)) != std::bit_cast<uint32_t>(value) && problem_.empty()) {
            problem_ = "weight " + std::to_string(value) + " of output " + std::to_string(output) +
                       " is no number of " + std::to_string(8 * sizeof(Weight)) + " bits";
        }
        return small;
    }

    const gatun_affine& affine_;
    bool gate_;
    int64_t blocks_;
    char* to_;
    std::vector<float> scales_;
    std::string problem_;
};

template <class Weight, bool kFours = false>
std::string pack(const gatun_affine& affine, bool gate, int32_t lead, void* to) {
    const int64_t first = lead == 0 ? affine.tap_count : lead;
    Packer<Weight, kFours> packer(affine, gate, to);
    packer.pack(0, first, true);
    packer.pack(first, affine.tap_count, false);
    return packer.problem();
}

}  // namespace

std::string pack_for_steps(const gatun_affine& affine, bool gate, int32_t lead, int32_t precision, void* to) {
    switch (precision) {
        case GATUN_BF16:
            return pack<uint16_t>(affine, gate, lead, to);
        case GATUN_INT8:
            return pack<int8_t>(affine, gate, lead, to);
        case GATUN_INT8_DYNAMIC:
            if (affine.inputs > kMostRoundedInputs) {
                return std::to_string(affine.inputs) + " inputs, of which at most " +
                       std::to_string(kMostRoundedInputs) + " can be rounded";
            }
            return pack<int8_t, true>(affine, gate, lead, to);
        default:
            return pack<float>(affine, gate, lead, to);
    }
}

}  // namespace gatun

extern "C" {

int64_t gatun_step_packed_bytes(int32_t precision, int64_t taps, int64_t inputs, int64_t outputs) {
    return gatun::packed_bytes(precision, taps, inputs, outputs);
}

int32_t gatun_step_pack(gatun_context* context, const gatun_affine* affine, int32_t gate, int32_t lead,
                        int32_t precision, void* to) {
    return gatun::guarded(context, [&] {
        const std::string problem = gatun::pack_for_steps(*affine, gate != 0, lead, precision, to);
        return problem.empty() ? GATUN_OK : context->fail(GATUN_INVALID_ARGUMENT, problem);
    });
}
}
