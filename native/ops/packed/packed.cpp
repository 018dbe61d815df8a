#include "ops/packed/packed.h"

#include <algorithm>
#include <cstring>

#include "core/context.h"

namespace gatun {
namespace {

class Packer {
public:
    Packer(const gatun_affine& affine, bool gate, float* to)
        : affine_(affine), gate_(gate), blocks_(packed_blocks(affine.outputs)), to_(to) {}

    // Flat inputs first .. end - 1 of all groups.
    void pack(int64_t first, int64_t end, bool with_bias) {
        for (int64_t block = 0; block < blocks_;) {
            int64_t group = kPackedGroup;
            while (group > blocks_ - block) group /= 2;
            if (with_bias) pack_bias(block, group);
            for (int64_t r = first; r < end; ++r) pack_input(r, block, group);
            block += group;
        }
    }

private:
    int64_t output_of(int64_t block) const {
        return (gate_ ? block / 2 + block % 2 * (blocks_ / 2) : block) * GATUN_LANES;
    }

    void pack_bias(int64_t block, int64_t group) {
        for (int64_t i = 0; i < group; ++i, to_ += GATUN_LANES) {
            const int64_t output = output_of(block + i);
            std::memset(to_, 0, sizeof(float) * GATUN_LANES);
            if (affine_.bias == nullptr) continue;
            const int64_t live = std::min<int64_t>(GATUN_LANES, affine_.outputs - output);
            std::memcpy(to_, affine_.bias + output, sizeof(float) * static_cast<size_t>(live));
        }
    }

    void pack_input(int64_t r, int64_t block, int64_t group) {
        const int64_t flat = int64_t{affine_.tap_count} * affine_.inputs;
        for (int64_t i = 0; i < group; ++i, to_ += GATUN_LANES) {
            std::memcpy(to_, affine_.weights + output_of(block + i) * flat + r * GATUN_LANES,
                        sizeof(float) * GATUN_LANES);
        }
    }

    const gatun_affine& affine_;
    bool gate_;
    int64_t blocks_;
    float* to_;
};

}  // namespace

void pack_for_steps(const gatun_affine& affine, bool gate, int32_t lead, float* to) {
    const int64_t flat = int64_t{affine.tap_count} * affine.inputs;
    const int64_t first = lead == 0 ? flat : int64_t{lead} * affine.inputs;
    Packer packer(affine, gate, to);
    packer.pack(0, first, true);
    packer.pack(first, flat, false);
}

}  // namespace gatun

extern "C" {

int32_t gatun_step_pack(gatun_context* context, const gatun_affine* affine, int32_t gate, int32_t lead, float* to) {
    return gatun::guarded(context, [&] {
        gatun::pack_for_steps(*affine, gate != 0, lead, to);
        return GATUN_OK;
    });
}
}
