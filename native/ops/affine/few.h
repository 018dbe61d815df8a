// The affine operation where there are few outputs. They would leave most lanes empty, so here the lanes are sixteen
// positions of a row. What the positions read is turned once for all taps, so that an input's numbers of neighbouring
// positions are neighbours. Each lane takes its sum in the one order: the bits are those of the definition.
#pragma once

#include "ops/affine/affine.h"

namespace gatun {

// What one call turns: to[c * width + p] = from[p * step + c] where first <= p < last; other p below width may get
// anything.
struct FewRow {
    const float* from;
    int64_t step;
    int64_t first;
    int64_t last;
    int64_t inputs;
    float* to;
    int64_t width;  // a multiple of 16
};

// Rows of positions, in vectors of sixteen, a row's last one of what is left; they are counted along the rows.
struct FewTile {
    const float* x;          // turned
    int64_t x_row;           // floats from row to row
    int64_t width;           // and from input to input
    const int64_t* offsets;  // of each tap
    int32_t taps;
    int32_t inputs;
    int32_t last;          // inputs of the last tap
    const float* weights;  // [flat inputs][outputs]
    const float* bias;     // or null
    const float* next;     // what is turned next, brought meanwhile
    float* y;
    int64_t y_row;
    int64_t y_step;
    int64_t columns;
    int outputs;
    bool accumulate;
};

inline constexpr int kMostFew = 3;  // outputs

struct FewKernels {
    int vectors[kMostFew];  // that one call makes, of 1, 2 and 3 outputs
    void (*turn)(const FewRow& row);
    void (*run)(const FewTile& tile, int64_t first, int64_t count);
};

// Whether few_run takes the operation: up to kMostFew outputs, taps that are not too far apart.
bool few_fits(const gatun_affine& affine, const gatun_map& x, const gatun_map& y);
// And whether it is the faster way.
bool is_few(const gatun_affine& affine, const gatun_map& x, const gatun_map& y);

// What the entry does.
void few_run(gatun_context& context, const gatun_affine& affine, const gatun_map& x, const gatun_map& y,
             bool accumulate);

}  // namespace gatun

GATUN_DECLARE_LEVELS(gatun::FewKernels, few_kernels)
