// How the step program of a grid is laid out for a GPU: a block of threads takes some streams from step to step, an
// instruction after the other, and keeps of their maps in its own fast memory what has room there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "gatun.h"

namespace gatun::gpu::grids {

// Places that a task of a product takes at most.
inline constexpr int32_t kMostTile = 8;
// Instructions of a step at most: what comes behind the first is made by the same threads of what these wrote.
inline constexpr int32_t kMostMembers = 4;

// When an instruction runs, and how it goes over a row.
struct When {
    int32_t every, row, column;
    int32_t sweep;    // as gatun_grid_operation's; 2: from column to column by itself, for it reads what it has written
    int32_t members;  // instructions of the step that begins with it
};

// An instruction as threads run it; what has names of gatun_grid_operation means the same.
struct Operation {
    const float* weights;  // of a product its own flat inputs', see lay_out; of a lookup those of all taps
    const float* bias;
    const float* outside;
    int64_t block;  // weights from sixteen outputs to the next sixteen
    int32_t kind, input, output, chains;
    int32_t chain_use, inputs, outputs, first_input;
    int32_t first_output, first_tap, tap_count, unseen;
    int32_t before, argument, every, column;
    float scale;
    int32_t fours;       // 1: weights of four flat inputs lie side by side, and inputs can be read in fours
    int32_t blocks;      // tasks for a tile of places
    int32_t all;         // columns of a row that it runs at
    int32_t tile, wide;  // log2 of the places of a task, at one column and at all of them
    int32_t taps;        // that are read of the input
    int32_t channels;    // features of a lookup's input
    int32_t members;     // as When's
};

// Places are those of gatun_grid_slot.
struct Slot {
    int64_t offset;  // floats of a stream's state
    int64_t pitch;   // and from row to row
    int32_t features, left, rows, shift;
    int64_t fast;  // floats of a stream's fast memory, or -1
    int64_t floats;
};

// What threads walk: pointers into memory that they can read.
struct Program {
    const When* whens;
    const Operation* operations;
    const Slot* slots;
    const gatun_tap* taps;
    const int32_t* section_ends;
    gatun_distribution distribution;
    int64_t state_floats, fast_floats, scratch_floats;  // a stream's
    int32_t operation_count, slot_count, tap_count, most_taps;
    int32_t rows, columns, channels;
};

// How a run is spread over a GPU.
struct Launch {
    int32_t threads;  // of a block; the last warp brings instructions to the others
    int32_t streams;  // of a block
    int32_t tile;     // places of a task at most: 1, 2, 4 or 8
};

inline constexpr int32_t kWarp = 32, kMostThreads = 512;

class Plan {
public:
    // Of a program that gatun_grid_check let pass, whose weights lie as lay_out puts them. most_fast: floats of fast
    // memory that a stream may have.
    Plan(const gatun_grid_program& program, const Launch& launch, int64_t most_fast);

    // Valid as long as this is, and the program's own arrays are.
    Program program() const;

    std::vector<When> whens;
    std::vector<Operation> operations;
    std::vector<Slot> slots;
    int64_t fast_floats = 0;

private:
    void add(const gatun_grid_operation& op);
    bool may_join(int32_t first, int32_t next) const;
    void join();
    void choose_fast(int64_t most);

    const gatun_grid_program& from_;
    const Launch launch_;
};

// The weights of an instruction as tasks read them: of a product [blocks of 16 outputs][flat inputs of its own taps]
// [16], and, where inputs can be read in fours, four of them an output side by side; of a lookup all, of others what
// they have. kept: GATUN_F32, or GATUN_BF16 for upper halves, two in the place of a float; whatever the program has.
std::vector<float> lay_out(const gatun_grid_program& program, const gatun_grid_operation& op, int32_t kept);

// GATUN_BF16 where there is nothing in the lower halves of all affine maps' weights, else GATUN_F32.
int32_t precision_of(const gatun_grid_program& program);

// Whether a product's inputs can be read four at a time, of which the first is even.
bool in_fours(const gatun_grid_program& program, const gatun_grid_operation& op);

}  // namespace gatun::gpu::grids
