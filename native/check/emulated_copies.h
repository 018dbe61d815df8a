// Copies ahead as this processor plays them. After GATUN_ISA_LEVEL is said.
#pragma once

#include "cuda/copies.h"
#include "guarded.h"

namespace gatun::check {

// The copies ahead of a block: each made when it begins, or when it is waited for. What lay in its place is no
// number from its beginning on.
class EmulatedCopies {
public:
    EmulatedCopies(const gpu::Staging* staging, Random& random)
        : staged_(staging != nullptr), random_(random), memory_(staged_ ? staging->floats : 0) {
        if (staged_) ahead_ = staging->ahead();
        pending_.resize(static_cast<size_t>(staged_ ? ahead_.turn_count : 0));
    }
    const float* memory() { return memory_.data(); }
    const int32_t* taps_at() const { return staged_ ? ahead_.taps_at : nullptr; }
    void begin_first(const emulated::Block& block) {
        for (int32_t i = 0; staged_ && i < ahead_.due[ahead_.turn_count]; ++i) {
            if (ahead_.batches[i].next != 0) start(block, ahead_.batches[i].turn, 0);
        }
    }
    int32_t turns(int32_t waves) const { return staged_ ? ahead_.turn_count : waves; }
    gpu::Turn turn(int32_t i) const { return staged_ ? ahead_.turns[i] : gpu::Turn{i, 0, 0, 0}; }
    void begin(const emulated::Block& block, int32_t turn, bool last) {
        for (int32_t i = staged_ ? ahead_.due[turn] : 0; i < (staged_ ? ahead_.due[turn + 1] : 0); ++i) {
            const gpu::Batch& batch = ahead_.batches[i];
            if (batch.next == 0 || !last) start(block, batch.turn, batch.next);
        }
    }
    void wait(int32_t turn) {
        if (!staged_) return;
        auto& pending = pending_[static_cast<size_t>(turn)];
        CHECK(pending.begun == (ahead_.turns[turn].staged != 0));
        for (const emulated::Piece& one : pending.late) copy(one);
        pending = {};
    }
    // A block must not end while copies are on their way.
    void end() const {
        for (const Pending& pending : pending_) CHECK(!pending.begun);
    }

private:
    struct Pending {
        bool begun = false;
        std::vector<emulated::Piece> late;
    };
    void start(const emulated::Block& block, int32_t turn, int32_t next) {
        Pending& pending = pending_[static_cast<size_t>(turn)];
        CHECK(!pending.begun);
        pending.begun = true;
        const gpu::Turn& own = ahead_.turns[turn];
        for (int32_t i = ahead_.copied[own.wave]; i < ahead_.copied[own.wave + 1]; ++i) {
            const emulated::Piece piece = emulated::piece_of(block, ahead_, own, ahead_.copies[i], next);
            if (piece.floats > 0) start(piece, pending);
        }
    }
    void start(const emulated::Piece& piece, Pending& pending) {
        // Devices copy whole sixteen bytes.
        CHECK((piece.to % 4 == 0 && piece.floats % 4 == 0));
        std::memset(memory_.data() + piece.to, 0xff, sizeof(float) * static_cast<size_t>(piece.floats));
        if (random_.whole(0, 1) == 0) {
            copy(piece);
        } else {
            pending.late.push_back(piece);
        }
    }
    void copy(const emulated::Piece& one) {
        std::memcpy(memory_.data() + one.to, one.from, sizeof(float) * static_cast<size_t>(one.floats));
    }

    const bool staged_;
    Random& random_;
    Guarded<float> memory_;
    gpu::Ahead ahead_{};
    std::vector<Pending> pending_;
};

}  // namespace gatun::check
