// What a call touches: its pointers with the memory behind them, in places of four bytes. From this a pass learns what
// of the caller's memory it must have on the device; kernels touch nothing else.
#pragma once

#include <cstdint>
#include <string>

#include "gatun_calls.h"

namespace gatun::gpu {

// Places first .. end - 1 relative to where a pointer points; none where they are equal.
struct Extent {
    int64_t first = 0, end = 0;
};

// All positions of a map.
Extent extent_of(const gatun_map& map);
Extent extent_of(const gatun_levels& levels);

// Reads, before any: why a call is none that jobs can be made of, or nothing.
std::string problem_of(const gatun_call& call);

// visit(pointer, extent) for all pointers of a call that are not NULL, tables aside.
class MemoryVisitor {
public:
    virtual ~MemoryVisitor() = default;
    virtual void visit(void*& pointer, const Extent& extent) = 0;
};
void each_memory(gatun_call& call, MemoryVisitor& visitor);

}  // namespace gatun::gpu
