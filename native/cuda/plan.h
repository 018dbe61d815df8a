// How a step program is laid out for a GPU: its instructions cut into parts whose tasks are alike, the parts into waves
// between which a block of threads waits for itself, and the slots that fit into the block's own fast memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "gatun.h"

namespace gatun::gpu {

// What the tasks of a part do. A task is the work of sixteen lanes: sixteen features of one stream or of a tile of
// streams, or sixteen streams of a slot with one feature.
enum class Work : int32_t {
    kAffine,
    kLookup,
    kActivation,
    kGate,
    kSum,
    kCopy,
    kBroadcast,
    kFrame,
    kClass,
    kDraw,
    kEncode,
    kLevel,
    kCell,
    kPushValue,
    kPushLevel,
    kPushUnits,
    kFinish,
    kNadeRead,
    kNadePush,
};

// Streams that a task takes.
enum class Share : int32_t {
    kOne,
    kTile,   // as many as the launch says
    kLanes,  // sixteen
};

// An instruction, or one of its steps that others must wait for.
struct Part {
    gatun_step_operation op;  // its precision says how weights are kept
    Work work;
    Share share;
    int32_t blocks;   // tasks side by side for the same streams
    int32_t scratch;  // a slot of its own, or -1
    // What is made of a product's outputs before they are stored, if that is all that they are for: kGate (of its
    // blocks and those `blocks` behind), kSum, kActivation; kAffine: nothing.
    Work then;
    gatun_step_operation after;  // that instruction
    // What is copied ahead (staging.h), floats behind its turn's beginning, or -1: the first of a product's blocks that
    // are the turn's (of gates the halves one behind the other) and its bias, or the weights of the position.
    int32_t near = -1, near_blocks = 0, near_bias = -1;
    int32_t turn_blocks = 0;  // of a product; 0: all
    int32_t tile = 0;         // streams of a task of Share::kTile; 0: the launch's
    // 1: one task a stream, made by whoever made the part before for it, at once: no wave's end is between.
    int32_t chained = 0;
};

struct Slot {
    int64_t offset;  // in floats of a stream's state
    int32_t features;
    int32_t depth;
    int32_t levels;
    int32_t fast;   // in floats of a stream's fast memory, or -1; of a ring there is its newest position alone
    int32_t kept;   // 1: what fast memory holds at the end of a run is read in the next
    int32_t other;  // of a ring with two places, which steps take in turns: floats from one to the other; else 0
};

// The instruction that says what a part writes.
#if defined(__CUDACC__)
__host__ __device__
#endif
    inline const gatun_step_operation&
    writing(const Part& part) {
    return part.then == Work::kAffine ? part.op : part.after;
}

// What the threads of a launch walk: pointers into memory that they can read.
struct Program {
    const Part* parts;
    const int32_t* waves;  // [wave_count + 1]: the first part of each, and the end
    const int32_t* every;  // [wave_count]: 1, or all parts of a wave are for each so many-th position
    const Slot* slots;
    const int32_t* distances;
    const int32_t* places;
    gatun_distribution distribution;
    int64_t state_floats;  // a stream's, scratch included
    int64_t fast_floats;   // a stream's
    int32_t wave_count;
    int32_t slot_count;
    int32_t chain;
};

// Parts that follow each other: first .. end - 1.
struct Stretch {
    int32_t first, end;
};

// Tasks of a part for some streams.
int64_t tasks_of(const Part& part, int64_t streams, int64_t tile);

class Plan {
public:
    // Of a program that gatun_step_check let pass. most_fast: floats of fast memory that a stream may have. two_places:
    // fast memory holds the newest positions of rings and those before them.
    Plan(const gatun_step_program& program, int64_t most_fast, bool two_places = false);

    // Valid as long as this is, and the program's own arrays are.
    Program program() const;
    // The most tasks that a wave has for some streams, taken in tiles.
    int64_t widest(int64_t streams, int64_t tile) const;

    std::vector<Part> parts;
    std::vector<int32_t> waves, every;
    std::vector<Slot> slots;
    std::vector<int32_t> distances;
    int64_t state_floats = 0;
    int64_t fast_floats = 0;
    bool all_fast = true;  // the newest positions of all slots lie in fast memory

private:
    void cut(const gatun_step_operation& op);
    void cut_cell(const gatun_step_operation& op);
    void add(const gatun_step_operation& op, Work work, Share share, int64_t blocks, int32_t scratch = -1);
    int32_t scratch_slot(int64_t floats);
    void fuse();
    bool may_fuse(size_t product, size_t after) const;
    size_t only_reader(int32_t slot) const;
    void order();
    // Where a part is made: of a chain all in the wave of the first.
    struct Place {
        int32_t wave;
        size_t head;
    };
    bool is_link(const Part& part) const;
    void sort(const std::vector<Place>& places);
    // The waves from the first that touches a slot to the last.
    struct Life {
        int32_t slot, first, last;
    };
    bool is_made_anew(int32_t slot) const;
    bool is_read_now(const Part& part, int32_t slot) const;
    Life life_of(int32_t slot) const;
    void choose_fast(int64_t most);

    const gatun_step_program& from_;
    const bool two_places_;
};

// Whether there are tasks for instructions of a kind.
bool knows(int32_t kind);

}  // namespace gatun::gpu
