// Threads that run the steps of one stream together. Each has its part of the outputs of every packed product, the same
// in each step, so that a core's own memory keeps the weights of its part; what is no such product the first one runs.
// They meet where one reads what another has written. Who takes part is settled from step to step: a thread that the
// system has not woken yet holds nobody up, and the bits are the same whoever comes.
#pragma once

#include <atomic>

#include "step/packed_steps.h"

namespace gatun {

class Team {
public:
    static constexpr int64_t kMost = 8;

    // How many of so many threads can share a program's steps: 1 where no product has more than one group of outputs.
    static int64_t members(const gatun_step_program& program, int64_t threads);

    // Bytes of memory for so many members.
    static int64_t bytes(const gatun_step_program& program, int64_t members);

    // The steps of one stream of a run. memory: as bytes() says, 64-byte aligned.
    Team(int32_t isa, const gatun_step_program& program, const gatun_step_run& run, int64_t stream, int64_t members,
         char* memory);

    float* chains() const { return chains_; }

    // What member 1, 2, ... does until the first one leaves.
    void help(int64_t member);

    // The first one's last step is done.
    void leave() { go_.store(kLeft, std::memory_order_release); }

    // A member's way through a step.
    class Seat {
    public:
        // team: null for one alone
        Seat(Team* team, int64_t member) : team_(team), member_(member) {}

        // Of the first member: a step begins, for those others that have come.
        void begin(int64_t step, PackedSteps& packed);
        // Of another one, with those whose bits are set.
        void follow(int64_t step, uint32_t members, PackedSteps& packed);
        // Before an operation.
        void before(int32_t operation) {
            if (members_ != 0 && team_->meets_[operation] != 0) meet();
        }
        void end() {
            if (members_ != 0) meet();
        }

    private:
        void meet();

        Team* team_;
        const int64_t member_;
        uint32_t members_ = 0;  // of this step; 0: this one alone
        int64_t number_ = 0;    // of the last meeting
    };

private:
    static constexpr uint64_t kLeft = ~uint64_t{0};

    struct alignas(64) Counter {
        std::atomic<int64_t> meeting{0};
    };

    const int32_t isa_;
    const gatun_step_program& program_;
    const gatun_step_run& run_;
    const int64_t stream_;
    char* helpers_;  // memory of each one's products
    float* chains_;
    uint8_t* meets_;
    int64_t meetings_;  // of a step
    alignas(64) std::atomic<uint64_t> go_{
        0};  // a step's number, counted from 1, and who runs it: a bit for each member
    alignas(64) std::atomic<uint32_t> came_{1};
    Counter counters_[kMost];
};

}  // namespace gatun
