// Tables of a program in a block's own memory. For kernels alone.
#pragma once

#include "cuda/tables.h"

namespace gatun::gpu {

__device__ inline void copy_tables(const Tables& tables, int32_t piece, void* to) {
    const auto* from = reinterpret_cast<const uint4*>(static_cast<const char*>(tables.from) + piece * tables.bytes);
    const int32_t count = tables.bytes / static_cast<int32_t>(sizeof(uint4));
    for (int32_t i = static_cast<int32_t>(threadIdx.x); i < count; i += static_cast<int32_t>(blockDim.x)) {
        static_cast<uint4*>(to)[i] = from[i];
    }
}

template <class T>
__device__ inline const T* table(const char* near, int32_t at) {
    return reinterpret_cast<const T*>(near + at);
}

// The program as it is walked with tables in the block's own memory.
__device__ inline Program with_tables(const Program& program, const Tables& tables, const char* near) {
    Program own = program;
    if (tables.from == nullptr) return own;
    own.parts = table<Part>(near, tables.parts);
    own.waves = table<int32_t>(near, tables.waves);
    own.every = table<int32_t>(near, tables.every);
    own.slots = table<Slot>(near, tables.slots);
    own.distances = table<int32_t>(near, tables.distances);
    return own;
}

}  // namespace gatun::gpu
