// The gradient of many weights: sixteen inputs of some positions are laid out once for all taps that lie near each
// other, so that all their products come from the nearest cache.
#pragma once

#include <cstdint>

#include "core/dispatch.h"
#include "gatun.h"

namespace gatun {

// Products of x and dy, summed up over some positions and added to the weights of up to 16 inputs, some taps, all
// outputs.
struct GradientPanel {
    const float* x;         // [places][16]
    const int32_t* places;  // of each position's inputs for a tap that lies leftmost, in floats from x
    const int32_t* shifts;  // of each tap from that one, in floats
    int64_t taps;
    int live;          // inputs that there are
    const float* dy;   // [blocks][..][16], zeros behind the last output
    int64_t dy_block;  // floats from a block to the next
    int64_t blocks;
    int64_t positions;
    float* weights;        // of the first input of the first tap in block 0
    int64_t tap_stride;    // in floats
    int64_t block_stride;  // in floats
};

struct PanelKernels {
    void (*gradient)(const GradientPanel& panel);
};

// weights (packed) += x dy over all positions, bias += dy (NULL: not), shared out by weights: each has one writer and
// one order.
void add_panels(gatun_context& context, const gatun_affine& affine, const gatun_map& x, const gatun_map& dy,
                float* weights, float* bias);

}  // namespace gatun

GATUN_DECLARE_LEVELS(gatun::PanelKernels, panel_kernels)
