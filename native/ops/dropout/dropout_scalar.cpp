// What dropout is, in plain loops: what runs is held against this, and this never runs in earnest.
#include "core/maps.h"
#include "ops/dropout/dropout.h"

namespace gatun::scalar {
namespace {

// SplitMix64's generator, which may begin behind any of its words.
struct SplitMix64 {
    uint64_t state;

    uint64_t next() {
        state += 0x9E3779B97F4A7C15u;
        uint64_t z = state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
        return z ^ (z >> 31);
    }
};

}  // namespace

bool keeps(const gatun_dropout& draws, int64_t position, int32_t features, int32_t feature) {
    const uint64_t words = (static_cast<uint64_t>(features) + 3) / 4;
    const uint64_t number = draws.key + static_cast<uint64_t>(position) * words + static_cast<uint64_t>(feature / 4);
    SplitMix64 generator{(number - 1) * 0x9E3779B97F4A7C15u};
    const uint64_t draw = (generator.next() >> (16 * (feature % 4))) & 0xFFFF;
    return draw < static_cast<uint64_t>(draws.kept);
}

void dropout(const gatun_dropout& draws, const gatun_map& x, const gatun_map& y, bool accumulate) {
    int64_t position = 0;
    for (int32_t n = 0; n < y.examples; ++n) {
        for (int32_t i = 0; i < y.rows; ++i) {
            for (int32_t j = 0; j < y.columns; ++j, ++position) {
                const float* from = at(x, n, i, j);
                float* to = at(y, n, i, j);
                for (int32_t f = 0; f < y.features; ++f) {
                    const float value = keeps(draws, position, y.features, f) ? from[f] * draws.scale : 0.0f;
                    to[f] = accumulate ? to[f] + value : value;
                }
            }
        }
    }
}

}  // namespace gatun::scalar
