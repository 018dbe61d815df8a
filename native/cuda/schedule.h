// How a step of one stream is shared by several blocks of threads: which warp of which block makes what, and when
// weights are brought into a block's own memory.
#pragma once

#include <cstdint>
#include <vector>

#include "cuda/plan.h"

namespace gatun::gpu {

inline constexpr int32_t kMostBlocks = 16;  // that share a stream
inline constexpr int32_t kWarp = 2 * GATUN_LANES;
inline constexpr int32_t kMostWorkers = 14;  // warps of a block that have tasks; two more bring and keep

// How a task finds its weights.
enum class Place : int32_t {
    kFar,     // it is a product, whose weights it reads where the program has them
    kNear,    // it is a product, whose weights lie in the block's own memory, from the first step of a run to the last
    kStream,  // the same, but they are brought again for each step
    kOther,   // it is a task of sixteen lanes, as blocks that have their streams alone run them
};

// Where a product finds the features that a tap reads: floats into the block's own memory, in even steps and in odd
// ones.
struct Source {
    int32_t at[2];
};

// What a warp does in a wave. Of products two blocks of sixteen outputs: neighbours, or the halves of a gate.
struct alignas(16) Task {
    int32_t wave, part, block;
    int32_t live;    // how many numbers it sends to all blocks
    int32_t out[2];  // where to, floats into their memory, in even steps and in odd ones
    Place place;
    int32_t weights;             // floats into the block's own memory: 32 of the bias, then those of the two blocks
    int32_t barrier;             // of the weights
    int32_t inputs, taps, lead;  // first taps that read nothing of the step itself
    int32_t sources;             // the first tap's
    int32_t last;                // 1: of its warp's in a step
    int32_t bias;                // 1: it has one
    // What is made of a product's outputs: Part's.
    Work then;
    int32_t argument;
    float scale;
    int32_t every;
    int32_t none;
};
static_assert(sizeof(Task) == 80);

// Weights that are copied into a block's own memory.
struct Feed {
    const float* from;
    int32_t to, bytes;
    int32_t barrier;
    int32_t all;   // bytes that the barrier is told of, at the first of a task's copies; else 0
    int32_t next;  // 1: they are for the next step
    int32_t none;
};

// Up to 32 features of an earlier position, that parts of a block read, brought into its own memory for the next step.
struct Stage {
    int32_t slot;  // -1: none
    int32_t distance;
    int32_t first, count;
    int32_t at;  // floats into the block's own memory, in even steps
};

// What a block of threads has; pointers into memory that it can read.
struct Own {
    const Task* tasks;
    const int32_t* first;  // [workers + 1]: the first task of each warp, and the end
    const Source* sources;
    const Feed* feeds;
    const int32_t* fed;  // [waves + 2]: the feeds before the first step, those behind each wave, the end
    const Stage* stages;
    const int32_t* staged_at;   // of each tap, as Stage::at; -1: where its slot is
    const int32_t* keeps;       // slots whose newest positions the block writes into their rings; -1: none
    const int32_t* wave_bytes;  // [waves]: that each block is sent
    int32_t stage_count, keep_count, barrier_count;
    int32_t workers;
    int32_t staged_floats;  // from what is brought for even steps to what is for odd ones
    int32_t token;          // a float that is sent where there is nothing else
    int32_t floats;         // of a block's own memory, fast memory included
};

class Schedule {
public:
    // By a plan with two places for rings. most: floats of its own memory that each block has.
    Schedule(const Plan& plan, int32_t blocks, int64_t most);

    struct Block {
        std::vector<Task> tasks;  // warp by warp
        std::vector<int32_t> first;
        std::vector<Source> sources;
        std::vector<Feed> feeds;
        std::vector<int32_t> fed;
        std::vector<Stage> stages;
        std::vector<int32_t> staged_at;
        std::vector<int32_t> keeps;
        int32_t in_wave = 0;           // tasks of the wave that is shared out
        std::vector<int32_t> warp_of;  // of the tasks, while these are still in the order of waves
        int64_t weights = 0;           // floats of all its tasks
        Own own(const Schedule& of) const;
    };
    // All parts of a plan can be done by several blocks.
    static bool fits(const Plan& plan);
    // It can be run: every block has tasks, and what must lie near has room.
    bool runs() const { return runs_; }

    std::vector<Block> blocks;
    std::vector<int32_t> wave_bytes;
    int32_t workers = 0, barriers = 0;
    int32_t token = 0, staged_floats = 0, floats = 0;

private:
    void share_out(const Plan& plan);
    void give(const Plan& plan, const Task& task);
    void count_workers();
    void stage(const Plan& plan);
    void stage(const Plan& plan, Block& block, const Part& part);
    void find_sources(const Plan& plan, Block& block);
    void place(const Plan& plan, Block& block, int64_t room);
    void by_warps(Block& block) const;
    void pad();

    const int64_t most_;
    bool runs_ = true;
};

// A product whose tasks are as Task says; others are tasks of sixteen lanes.
bool is_wide(const Part& part);

// Floats of a task's weights with their bias, of a product.
int64_t floats_of_task(const Part& part);

// When the weights of a block's tasks, which have their places, are brought.
void plan_feeds(const Plan& plan, Schedule::Block& block);

}  // namespace gatun::gpu
