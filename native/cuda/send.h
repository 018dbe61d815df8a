// Sixteen numbers, or one, to the fast memory of all blocks that share a stream. On the device a number arrives
// together with the news of it: the barrier of the wave, in the block that it is sent to, counts the bytes. No thread
// waits for what it sends, and no fence orders it.
#pragma once

#include "simd/vec.h"

namespace gatun::GATUN_ISA_LEVEL {

#if defined(__CUDACC__)

// So many bytes have come that this thread, or those it was joined by, stored by themselves.
__device__ inline void stored(uint32_t barrier, int32_t bytes) {
#if __CUDA_ARCH__ >= 900
    asm volatile("fence.acq_rel.cta;\n\tmbarrier.complete_tx.relaxed.cta.shared::cta.b64 [%0], %1;" ::"r"(barrier),
                 "r"(bytes)
                 : "memory");
#endif
}

// Shared memory of a block of the cluster, of an address in one's own.
__device__ inline uint32_t in_block(uint32_t own, int32_t rank) {
    uint32_t there = 0;
#if __CUDA_ARCH__ >= 900
    asm("mapa.shared::cluster.u32 %0, %1, %2;" : "=r"(there) : "r"(own), "r"(rank));
#endif
    return there;
}

struct Send {
    uint32_t memory;   // the block's own, as shared memory is addressed
    uint32_t barrier;  // of the wave
    int32_t blocks;

    __device__ void one(int32_t at, float x) const {
        if (blocks == 1) {  // numbers are sent to others alone
            store(at, x);
            stored(barrier, sizeof x);
            return;
        }
        for (int32_t rank = 0; rank < blocks; ++rank) to(rank, at, x);
    }
    __device__ void operator()(int32_t at, Vec x, int live) const {
        if (lane() < live) one(at + lane(), x.v);
    }
    // A whole warp's: of lane i number i, of as many as are live. Where these are 16 or 32, in fours.
    __device__ void warp(int32_t at, float x, int32_t live) const {
        const int own = static_cast<int>(threadIdx.x) % 32;
        if (blocks == 1) {
            if (own < live) store(at + own, x);
            __syncwarp();
            if (own == 0) stored(barrier, live * static_cast<int32_t>(sizeof x));
            return;
        }
        if (live != 16 && live != 32) {
            if (own < live) one(at + own, x);
            return;
        }
        const int shift = live == 32 ? 3 : 2, four = own & ((1 << shift) - 1);
        float v[4];
        for (int i = 0; i < 4; ++i) v[i] = __shfl_sync(0xffffffffu, x, 4 * four + i);
        for (int32_t rank = own >> shift; rank < blocks; rank += 32 >> shift) to(rank, at + 4 * four, v);
    }

private:
    __device__ void store(int32_t at, float x) const {
        asm volatile("st.shared.f32 [%0], %1;" ::"r"(memory + 4 * static_cast<uint32_t>(at)), "f"(x) : "memory");
    }
    __device__ void to(int32_t rank, int32_t at, float x) const {
#if __CUDA_ARCH__ >= 900
        asm volatile("st.async.weak.shared::cluster.mbarrier::complete_tx::bytes.f32 [%0], %1, [%2];" ::"r"(
                         in_block(memory + 4 * static_cast<uint32_t>(at), rank)),
                     "f"(x), "r"(in_block(barrier, rank))
                     : "memory");
#endif
    }
    __device__ void to(int32_t rank, int32_t at, const float (&x)[4]) const {
#if __CUDA_ARCH__ >= 900
        asm volatile(
            "st.async.weak.shared::cluster.mbarrier::complete_tx::bytes.v4.f32 [%0], {%1, %2, %3, %4}, [%5];" ::"r"(
                in_block(memory + 4 * static_cast<uint32_t>(at), rank)),
            "f"(x[0]), "f"(x[1]), "f"(x[2]), "f"(x[3]), "r"(in_block(barrier, rank))
            : "memory");
#endif
    }
};

#else

struct Send {
    float* const* memories;
    int64_t* bytes;  // that arrived, counted once for all blocks
    int32_t blocks;

    void one(int32_t at, float x) const {
        for (int32_t rank = 0; rank < blocks; ++rank) std::memcpy(memories[rank] + at, &x, sizeof x);
        *bytes += sizeof x;
    }
    void operator()(int32_t at, Vec x, int live) const {
        float all[kLanes];
        store(all, x);
        for (int i = 0; i < live; ++i) one(at + i, all[i]);
    }
};

#endif

}  // namespace gatun::GATUN_ISA_LEVEL
