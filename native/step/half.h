// Which part of a step is run: all of it, or what lies on one side of its draw.
#pragma once

#include <cstdint>

namespace gatun {

struct Half {
    enum class Part : int32_t { kWhole, kBeforeDraw, kFromDraw };

    Part part = Part::kWhole;
    float* outputs = nullptr;  // before a draw: what it draws from goes there, [streams][P]
};

}  // namespace gatun
