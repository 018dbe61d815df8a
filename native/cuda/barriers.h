// Barriers in a block's own memory that count what arrives, and copies that tell them. Of Hopper and newer.
#pragma once

#include <cstdint>

namespace gatun::gpu {

#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 900

__device__ inline uint32_t shared_address(const void* p) { return static_cast<uint32_t>(__cvta_generic_to_shared(p)); }

// One thread arrives in each of its phases.
__device__ inline void make_barrier(uint32_t barrier) {
    asm volatile("mbarrier.init.shared::cta.b64 [%0], 1;" ::"r"(barrier) : "memory");
}

__device__ inline void arrive(uint32_t barrier) {
    asm volatile("{\n\t.reg .b64 state;\n\tmbarrier.arrive.shared::cta.b64 state, [%0];\n\t}" ::"r"(barrier)
                 : "memory");
}

// The phase ends when so many bytes have come, too.
__device__ inline void arrive_for(uint32_t barrier, int32_t bytes) {
    asm volatile(
        "{\n\t.reg .b64 state;\n\tmbarrier.arrive.expect_tx.shared::cta.b64 state, [%0], %1;\n\t}" ::"r"(barrier),
        "r"(bytes)
        : "memory");
}

// The phase waits for so many bytes more, as long as nobody has arrived.
__device__ inline void expect(uint32_t barrier, int32_t bytes) {
    asm volatile("mbarrier.expect_tx.relaxed.cta.shared::cta.b64 [%0], %1;" ::"r"(barrier), "r"(bytes) : "memory");
}

// Until the phase that is even (0) or odd (1) has ended.
__device__ inline void await(uint32_t barrier, int32_t odd) {
    asm volatile(
        "{\n\t.reg .pred ended;\n\t"
        "AGAIN: mbarrier.try_wait.parity.shared::cta.b64 ended, [%0], %1;\n\t"
        "@!ended bra AGAIN;\n\t}" ::"r"(barrier),
        "r"(odd)
        : "memory");
}

// Whole sixteen bytes into the block's own memory; the barrier is told.
__device__ inline void copy_bulk(uint32_t to, const void* from, int32_t bytes, uint32_t barrier) {
    asm volatile("cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1], %2, [%3];" ::"r"(to),
                 "l"(__cvta_generic_to_global(from)), "r"(bytes), "r"(barrier)
                 : "memory");
}

// Barriers that were made are, for copies.
__device__ inline void make_barriers_known() { asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory"); }

// Copies see what this thread wrote.
__device__ inline void show_copies() { asm volatile("fence.proxy.async;" ::: "memory"); }

// What each thread did is done, for all of a cluster; barriers that were made are.
__device__ inline void await_cluster() {
    asm volatile(
        "fence.mbarrier_init.release.cluster;\n\tbarrier.cluster.arrive.release;\n\tbarrier.cluster.wait.acquire;" ::
            : "memory");
}

#endif

}  // namespace gatun::gpu
