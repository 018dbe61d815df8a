// Copies ahead (staging.h) on the device. For kernels alone.
#pragma once

#include "cuda/barriers.h"
#include "cuda/copies.h"
#include "cuda/near_tables.h"

namespace gatun::gpu {

#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 900

// What is copied ahead: a barrier a turn, whose phases are steps.
class Copier {
public:
    // tables_at: the tables in the block's own memory. All of this is found again where it is needed: registers are
    // the tasks'.
    __device__ Copier(const Tables& tables, const char* tables_at, float* near, void* barriers)
        : tables_(tables), at_(tables_at), near_(near), barriers_(shared_address(barriers)) {}
    __device__ void make_barriers(int32_t thread, int32_t threads) const {
        for (int32_t turn = thread; turn < tables_.ahead.turn_count; turn += threads) make_barrier(barrier(turn));
        make_barriers_known();
    }
    __device__ Turn turn(int32_t i) const { return table<Turn>(at_, tables_.turns)[i]; }
    // By a warp: what is due with a turn. In the last step of a run nothing for the next one; in the first, with its
    // first turn, what else is begun in the step before.
    __device__ __forceinline__ void begin(const cuda::Block& block, int32_t turn, int64_t step, bool last) const {
        const Ahead own = ahead();
        const int32_t all = own.due[own.turn_count], from = own.due[turn], end = own.due[turn + 1];
        for (int32_t i = step == 0 && turn == 0 ? -all : from; i < end; i = i == -1 ? from : i + 1) {
            const Batch batch = own.batches[i < 0 ? i + all : i];
            if (i < 0 ? batch.next == 0 : batch.next != 0 && last) continue;
            send_for(block, own, batch.turn, i < 0 ? 0 : batch.next);
        }
    }
    __device__ void wait(int32_t turn, int64_t step) const { await(barrier(turn), static_cast<int32_t>(step & 1)); }
    // By all threads, before the barrier that ends a step: copies see what was written into rings.
    __device__ void end_step() const {
        if (tables_.ahead.rings != 0) show_copies();
    }
    __device__ const int32_t* taps_at() const { return table<int32_t>(at_, tables_.taps_at); }

private:
    __device__ Ahead ahead() const {
        Ahead own = tables_.ahead;
        own.turns = table<Turn>(at_, tables_.turns);
        own.copies = table<Copy>(at_, tables_.copies);
        own.copied = table<int32_t>(at_, tables_.copied);
        own.batches = table<Batch>(at_, tables_.batches);
        own.due = table<int32_t>(at_, tables_.due);
        own.taps_at = taps_at();
        return own;
    }
    __device__ uint32_t barrier(int32_t turn) const { return barriers_ + 8 * static_cast<uint32_t>(turn); }
    // Each thread of the warp tells the barrier of its own copies, and sends for them; then the barrier may end.
    __device__ __forceinline__ void send_for(const cuda::Block& block, const Ahead& own, int32_t i,
                                             int32_t next) const {
        const Turn turn = own.turns[i];
        const uint32_t arrived = barrier(i);
        const int32_t thread = static_cast<int32_t>(threadIdx.x) % kWarp;
        for (int32_t k = own.copied[turn.wave] + thread; k < own.copied[turn.wave + 1]; k += kWarp) {
            const cuda::Piece piece = cuda::piece_of(block, own, turn, own.copies[k], next);
            if (piece.floats == 0) continue;
            const int32_t bytes = piece.floats * static_cast<int32_t>(sizeof(float));
            expect(arrived, bytes);
            copy_bulk(shared_address(near_ + piece.to), piece.from, bytes, arrived);
        }
        __syncwarp();
        if (thread == 0) arrive(arrived);
    }

    const Tables& tables_;
    const char* at_;
    float* near_;
    uint32_t barriers_;
};

#else

// Never begins anything: see Choice.
class Copier {
public:
    __device__ Copier(const Tables&, const char*, float*, void*) {}
    __device__ void make_barriers(int32_t, int32_t) const {}
    __device__ Turn turn(int32_t) const { return {}; }
    __device__ void begin(const cuda::Block&, int32_t, int64_t, bool) const { __trap(); }
    __device__ void wait(int32_t, int64_t) const {}
    __device__ void end_step() const {}
    __device__ const int32_t* taps_at() const { return nullptr; }
};

#endif

}  // namespace gatun::gpu
