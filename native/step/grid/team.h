// Threads that draw one part of streams together. The first walks over the grid as one alone does; the others help:
//  - what runs over a whole row is cut into a piece for each, by outputs or by columns;
//  - of a pixel's product, taps on the left are known while the pixel before is still on its way: helpers multiply them
//    ahead and leave the two chains, which the first carries on in the order of the sum.
// A piece belongs to whoever claims it, so that a thread that the system has not woken yet holds nobody up, and the
// first waits only for pieces that somebody has begun. The bits are the same whoever comes.
#pragma once

#include <atomic>
#include <limits>
#include <thread>

#include "core/context.h"
#include "core/spin.h"
#include "step/grid/walk.h"

namespace gatun::grid {

// Some columns of an instruction, counted among its own, and of a product some blocks of outputs.
struct Piece {
    int64_t first_column, end_column;
    int64_t first_block, end_block;
};

// What a piece must hold to be worth handing over, which takes some tenths of a microsecond: multiplications of a
// product over a row, and of taps ahead; numbers of what goes feature by feature.
struct Worth {
    int64_t row = 60'000, ahead = 8'000, numbers = 8'000;
    // How often the first lets others run before it begins their pieces, or goes on: in checks, that they come to
    // something.
    int64_t patience = 0;
};

class Team {
public:
    static constexpr int64_t kMost = 8;

    // How many of so many threads can share a program: 1 where it has nothing that is worth it.
    static int64_t members(const gatun_grid_program& program, int64_t streams, int64_t threads,
                           const Worth& worth = {});

    // Bytes of memory for so many.
    static int64_t bytes(const gatun_grid_program& program, int64_t streams, int64_t members, const Worth& worth);

    // For a run of a part of `streams` streams. memory: as bytes() says, 64-byte aligned.
    Team(const gatun_grid_program& program, const gatun_grid_run& run, int64_t streams, int64_t members,
         const Worth& worth, char* memory);

    int64_t members() const { return members_; }

    // Whether an operation of a row's beginning or end is cut into pieces, and what a member's is of so many columns.
    bool cuts(int32_t operation) const { return plans_[operation].how != How::kWhole; }
    Piece piece(int32_t operation, int64_t member, int64_t columns) const;
    static Piece all_of(const gatun_grid_operation& op, int64_t columns);

    // What of a pixel's product is multiplied ahead, or null.
    const Ahead* ahead(int32_t operation) const {
        const Plan& plan = plans_[operation];
        return plan.ahead.taps == 0 ? nullptr : &plan.ahead;
    }
    // Whose it is, of the members.
    int64_t helper(int32_t operation) const { return plans_[operation].helper; }

    // The first's: all before this operation of the position is done.
    void reach(int64_t position, int32_t operation) {
        progress_.store(time_of(position, operation), std::memory_order_release);
    }
    // An operation of a pixel is done.
    void done(int64_t position, int32_t operation) {
        if (!plans_[operation].tells) return;
        reach(position, operation + 1);
        for (int64_t i = 0; i < patience_; ++i) std::this_thread::yield();
    }
    void leave() { progress_.store(kLeft, std::memory_order_release); }

    // A helper's: until the first has reached it.
    void await(int64_t position, int32_t operation) const {
        const int64_t time = time_of(position, operation);
        spin_until([&] { return progress_.load(std::memory_order_acquire) >= time; });
    }
    // Until what is multiplied ahead for a position, in that column, can be.
    void await_inputs(int64_t position, int64_t column, int32_t operation) const;
    // Where the first is.
    int64_t position() const { return progress_.load(std::memory_order_acquire) / (program_.operation_count + 1); }

    // A member's piece of an operation at a position: whether it is the caller's to run; that it has; until it has
    // been.
    bool take(int32_t operation, int64_t member, int64_t position);  // the first's
    bool claim(int32_t operation, int64_t member, int64_t position);
    void finish(int32_t operation, int64_t member, int64_t position) {
        item(operation, member).done.store(position + 1, std::memory_order_release);
    }
    void await_piece(int32_t operation, int64_t member, int64_t position);

private:
    static constexpr int64_t kLeft = std::numeric_limits<int64_t>::max();

    enum class How : uint8_t { kWhole, kOutputs, kColumns };

    // A helper's piece: the positions, counted from 1, for which it was last claimed and done.
    struct alignas(64) Item {
        std::atomic<int64_t> claimed{0};
        std::atomic<int64_t> done{0};
    };

    struct Plan {
        How how = How::kWhole;
        bool tells = false;     // helpers wait for it
        int32_t after = -1;     // what is multiplied ahead can be when this one is done, so many positions before
        int32_t back = 0;       // its pixel's
        int32_t section = 0;    // its own
        int64_t helper = 0;     // whose it is
        Ahead ahead{};          // no taps: nothing is
        Item* items = nullptr;  // of the members but the first; of what is multiplied ahead one
    };

    void find_inputs(int32_t operation);
    int32_t section_of(int32_t operation) const;
    Item& item(int32_t operation, int64_t member) const {
        const Plan& plan = plans_[operation];
        return plan.items[plan.ahead.taps > 0 ? 0 : member - 1];
    }
    // All there is to do, in the order of one alone.
    int64_t time_of(int64_t position, int32_t operation) const {
        return position * (program_.operation_count + 1) + operation;
    }

    const gatun_grid_program& program_;
    const int64_t members_;
    const int64_t patience_;
    Plan* plans_;
    alignas(64) std::atomic<int64_t> progress_;
};

// Runs the one part that there is by so many threads, as Team::members says.
void run_together(gatun_context* context, const gatun_grid_program& program, const gatun_grid_run& run, int64_t members,
                  const Worth& worth = {});

}  // namespace gatun::grid
