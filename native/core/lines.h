// Lines of the cache: what threads write apart, or read as whole vectors, begins with one of its own.
#pragma once

#include <cstdint>

namespace gatun {

inline constexpr int64_t kLine = 64;

// So many bytes, and the rest of the last line.
constexpr int64_t whole_lines(int64_t bytes) { return (bytes + kLine - 1) / kLine * kLine; }

}  // namespace gatun
