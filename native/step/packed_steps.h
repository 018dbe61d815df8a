// The packed products of a program, made ready for a run of steps: where they read and write is counted on from step to
// step, and what leading taps read ahead is multiplied for several steps at once, so that their weights are read once
// for these. Such blocks begin with the run and end with it at the latest: nothing of them is left between two calls.
#pragma once

#include "ops/packed/packed.h"

namespace gatun {

// Those that run at each step: what a condition feeds is left to its kind.
bool is_packed(const gatun_step_operation& op);

// Of a product that may be a gate's.
int64_t product_outputs(const gatun_step_operation& op);

// What an operation says of its product; not where it reads and writes.
PackedStep packed_step(const gatun_step_operation& op);

// Positions, of all streams together, that leading taps are multiplied for at once.
inline constexpr int64_t kMostAhead = 16;

class PackedSteps {
public:
    struct Streams {
        int64_t first;
        int64_t count;
    };

    // Bytes of memory that it needs, and for what leading taps leave.
    static int64_t bytes(const gatun_step_program& program);
    static int64_t chain_bytes(const gatun_step_program& program);

    // Some streams of a run, from one of its steps on. memory, chains: so many bytes, 64-byte aligned; who shares a
    // step's products shares the chains, too.
    PackedSteps(int32_t isa, const gatun_step_program& program, const gatun_step_run& run, const Streams& streams,
                int64_t step, void* memory, float* chains);

    // From now on the outputs of each product are shared out to `members`, of which this is one.
    void share(int64_t member, int64_t members);

    bool has(int32_t operation) const { return all_[operation].kernel != nullptr; }

    // Runs an operation, which it has, at the step at which it stands.
    void run(int32_t operation) {
        One& one = all_[operation];
        if (one.ahead > 0) begin(one);
        one.kernel(one.step);
    }

    // The step is done.
    void advance();

private:
    // A place in a ring, that moves on from step to step.
    struct Cursor {
        float** to;
        float* end;
        int64_t step;    // floats from place to place
        int64_t length;  // of the ring
    };
    struct One {
        void (*kernel)(const PackedStep&) = nullptr;
        const PackedKernels* kernels = nullptr;
        PackedStep step{};
        float** x = nullptr;
        float* chains = nullptr;
        int32_t ahead = 0;                       // steps of a block, or 0
        int64_t block_begin = 0, block_end = 0;  // the block's steps
        int32_t first_cursor = 0;
    };

    class Memory;
    void prepare(One& one, const gatun_step_operation& op, Memory& memory, float** chains);
    void prepare_lead(One& one, const gatun_step_operation& op, float** chains);
    void find_rounded();
    void point(float** to, int32_t slot, int32_t distance);
    void begin(One& one);
    void run_lead(const One& one, int64_t stream, int64_t steps);

    const int32_t isa_;
    const gatun_step_program& program_;
    const gatun_step_run& run_;
    const int64_t first_, count_;
    int64_t step_;  // of the run
    One* all_;
    Cursor* cursors_;
    float** leads_;  // where leading taps read
    char* rounded_;  // inputs of the product that runs
    int32_t cursor_count_ = 0;
};

}  // namespace gatun
