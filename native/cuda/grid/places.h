// The places of a step.
#pragma once

#include "cuda/grid/step.h"
#include "cuda/sixteen.h"
#include "simd/math.h"

namespace gatun::GATUN_ISA_LEVEL::grids {

struct Spot {
    int32_t column;  // of the data
    int32_t stream;  // of the block's
};

GATUN_INLINE Spot spot_of(const Block& b, const Step& step, int32_t place) {
    if (step.all == 0) return {step.column, place};
    const auto n = static_cast<uint32_t>(place), streams = static_cast<uint32_t>(b.streams);
    const uint32_t k = n / streams;
    // Where there are more columns than one, `every` is no more than they are.
    return {step.column + static_cast<int32_t>(k) * step.op().every, static_cast<int32_t>(n - k * streams)};
}

GATUN_INLINE float* place(const Map& map, const Spot& s) {
    return map.at + (s.column >> map.shift) * map.column + s.stream * map.each;
}

using Features = Sixteen;

}  // namespace gatun::GATUN_ISA_LEVEL::grids
