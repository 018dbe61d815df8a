// A pass on a device is a list of jobs, one behind the other: the calls that a recorder wrote down (gatun_calls.h),
// some of them cut into several. A job has tasks that do not wait for each other; a task is what sixteen threads do, or
// a whole block of threads.
#pragma once

#include <cstdint>

#include "gatun_calls.h"
#include "ops/optimizer/factors.h"

namespace gatun::gpu {

// Each is a body of cuda/pass/bodies.h.
// clang-format off
#define GATUN_JOBS(X) \
    X(kProduct) X(kGradient) X(kGradientSum) X(kLookup) X(kLookupGradient) X(kOutsideSum) X(kPack) X(kUnpack) \
    X(kDensePack) X(kDensePackTransposed) X(kDense) X(kDenseLookup) X(kDenseInputGradient) X(kDenseUnpack) \
    X(kNadePack) X(kNade) X(kNadeGradient) X(kNadeGradientSum) X(kEncode) X(kActivation) \
    X(kActivationGradient) X(kCopy) X(kGate) X(kGateGradient) X(kLinearGate) X(kLinearGateGradient) \
    X(kConcatElu) X(kConcatEluGradient) X(kCell) X(kCellGradient) X(kSum) X(kSumGradient) X(kBroadcast) \
    X(kLogProb) X(kLogProbGradient) X(kScaleExamples) X(kClear) X(kGradientPart) X(kLineProduct) \
    X(kOptimizer) X(kSquares) X(kSquaresSum) X(kScale) X(kAverage) X(kDropout)
// Those of blocks.
#define GATUN_TILES(X) \
    X(ProductTile16) X(ProductTile32) X(ProductTile64) \
    X(SmallProductTile16) X(SmallProductTile32) X(SmallProductTile64) \
    X(GradientTile16) X(GradientTile32) X(GradientTile64) \
    X(SmallGradientTile16) X(SmallGradientTile32) X(SmallGradientTile64) X(Lines) \
    X(Tf32Product32) X(Tf32Product64) X(Tf32Product128) X(SmallTf32Product32) X(SmallTf32Product64) \
    X(Bf16Product32) X(Bf16Product64) X(Bf16Product128) X(SmallBf16Product32) X(SmallBf16Product64) \
    X(Tf32Gradient32) X(Tf32Gradient64) X(Tf32Gradient128) X(Bf16Gradient32) X(Bf16Gradient64) X(Bf16Gradient128)
// clang-format on

enum class JobKind : int32_t {
#define GATUN_JOB(kind) kind,
    GATUN_JOBS(GATUN_JOB)
#undef GATUN_JOB
#define GATUN_TILE(tile) k##tile,
        GATUN_TILES(GATUN_TILE)
#undef GATUN_TILE
};

// Positions that share the reading of weights, and blocks of outputs that share that of positions.
inline constexpr int kTilePositions = 8;
inline constexpr int kTileBlocks = 2;
inline constexpr int kLineTilePositions = 2;
// Flat inputs of a task of a gradient.
inline constexpr int kTileInputs = 8;
// Inputs or positions that lie in the shared memory of a block of threads at once.
inline constexpr int kSlab = 16;
// A thread has eight rows and so many columns of a tile.
constexpr int tile_threads(int rows, int columns, int wide) { return rows / 8 * (columns / wide); }
// Chunks that are added up one after the other at most; more of them first become parts of so many.
inline constexpr int kPartChunks = 32;
// Floats that a task of kClear clears.
inline constexpr int kClearFloats = 1024;

// Floats of a task of an optimiser's step, and of what else goes number by number.
inline constexpr int kRangeFloats = 64;

// All pointers are the device's.
struct Job {
    gatun_call call;
    gatun_map more[4];       // of cells
    const int64_t* offsets;  // of taps in x, in values
    float* scratch;
    OptimizerFactors factors;
    const Job* lines;  // of a grid, `count` jobs
    int64_t step;      // floats of scratch from chunk to chunk, or from task to task
    int64_t tasks;
    int64_t positions;  // that tasks share: of y, or of what gradients add up
    int64_t flat;       // inputs of all taps that are seen
    int32_t blocks;     // of outputs
    int32_t tiles;
    int32_t chunks;  // of positions, whose sums are added up one after the other
    int32_t count;
    int32_t output, across;  // of a gradient on tensor cores: the first, and tiles of them
    int32_t slots;           // of a lookup: channels of all taps
    int32_t aligned;         // what x has at a tap lies in whole groups of four floats
    int32_t aligned_y;       // likewise what y, or dy, has at a position
    JobKind kind;
};

}  // namespace gatun::gpu
