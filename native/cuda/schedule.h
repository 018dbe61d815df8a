// How the tasks of a step of one stream are shared by several blocks of threads: which block has which task, and which
// of the weights lie in the block's own memory.
#pragma once

#include <cstdint>
#include <vector>

#include "cuda/plan.h"

namespace gatun::gpu {

inline constexpr int32_t kMostBlocks = 16;  // that share a stream

// Where a task finds its weights.
enum class Place : int32_t {
    kFar,     // where the program has them
    kNear,    // in the block's own memory, from the first step of a run to the last
    kStream,  // in the block's own memory, brought a wave before
};

struct Task {
    int32_t part;
    int32_t block;
    Place place;
    int32_t weights;  // floats into what lies near or is brought
};

// Sixteen features of an earlier position that a product reads, brought into the block's own memory when a step begins.
struct Stage {
    int32_t slot;  // -1: none
    int32_t distance;
    int32_t block;
    int32_t at;  // floats into what is brought
};

// What a block of threads has; pointers into memory that it can read.
struct Own {
    const Task* tasks;
    const int32_t* first;  // [waves + 1]: the first task of each wave, and the end
    const Stage* stages;
    const int32_t* staged_at;  // [distances]: where a tap's features lie among those brought, or -1
    int32_t stage_count;
    int32_t near_floats;    // of weights
    int32_t stream_floats;  // of each of two buffers
    int32_t staged_floats;
};

class Schedule {
public:
    // most: floats of its own memory that each block has for weights and what is staged.
    Schedule(const Plan& plan, int32_t blocks, int64_t most);

    struct Block {
        std::vector<Task> tasks;
        std::vector<int32_t> first;
        std::vector<Stage> stages;
        std::vector<int32_t> staged_at;
        int64_t weights = 0;  // floats of all its tasks
        Own own(const Schedule& of) const;
    };
    // All parts of a plan can be done by several blocks.
    static bool fits(const Plan& plan);
    // The most tasks that a block has in a wave.
    int64_t widest() const;

    std::vector<Block> blocks;
    int64_t near_floats = 0, stream_floats = 0, staged_floats = 0;

private:
    void share_out(const Plan& plan);
    void stage(const Plan& plan);
    void pad();
    void place(const Plan& plan, int64_t most);
    void place(const Plan& plan, Block& block, int64_t most_near);
};

// Floats of a task's weights, of a product; else 0.
int64_t weights_of_task(const Part& part);

}  // namespace gatun::gpu
