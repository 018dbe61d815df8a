// Where a tile's positions are read, and how a row is cut into tiles.
#pragma once

#include <cstddef>
#include <cstdint>

namespace gatun::GATUN_ISA_LEVEL {

// P positions, `step` floats from one to the next. Every third has a pointer of its own, from which a processor reaches
// the two behind it without calculating: on some, integers are added where vectors are multiplied.
template <int P>
struct Positions {
    static constexpr int kReach = 3;
    const float* at[(P + kReach - 1) / kReach];
    int64_t step;

    [[gnu::always_inline]] Positions(const float* x, int64_t x_step) : step(x_step) {
#pragma GCC unroll 16
        for (int i = 0; i * kReach < P; ++i) {
            at[i] = x + i * kReach * x_step;
            asm("" : "+r"(at[i]));  // or compilers calculate all of them from one
        }
    }
    [[gnu::always_inline]] void advance(int64_t by) {
#pragma GCC unroll 16
        for (int i = 0; i * kReach < P; ++i) at[i] += by;
    }
    [[gnu::always_inline]] float operator()(int p, int input) const {
        return (at[p / kReach] + input)[p % kReach * step];
    }
};

// run(size, tiles): a row's positions in as few tiles of up to P as there can be, all of about the same size, since
// small ones would wait for their own additions.
template <int P, class Run>
[[gnu::always_inline]] inline void in_tiles(int64_t positions, Run&& run) {
    if (positions == 0) return;
    // Rows are short: what divides by numbers that compilers do not know takes as long as half an input of a tile.
    const auto all = static_cast<uint32_t>(positions);
    if (all % P == 0) return run(size_t{P}, int64_t{all / P});
    const uint32_t tiles = (all + P - 1) / P, size = all / tiles, larger = all % tiles;
    if (larger > 0) run(size_t{size + 1}, int64_t{larger});
    run(size_t{size}, int64_t{tiles - larger});
}

}  // namespace gatun::GATUN_ISA_LEVEL
