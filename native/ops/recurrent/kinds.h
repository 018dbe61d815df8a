// The kinds of cells beside those of gatun.h.
#pragma once

#include <cstdint>

namespace gatun {

// The LSTM of grids (ops/grid_lstm): gates in the order o, f, i, g; it keeps what an LSTM keeps.
inline constexpr int32_t kGridCell = 3;

}  // namespace gatun
