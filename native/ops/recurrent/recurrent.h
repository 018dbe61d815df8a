// Recurrent cells, as PyTorch's nn.RNN (tanh), nn.GRU and nn.LSTM define them. A position's gates have a part x from
// the input (with the input's bias) and a part s = W h + b from the state h of the position before; both come from the
// affine operation, in its order of sums. What is left, feature by feature, is the cell:
//
//   tanh  h' = tanh(x + s)
//   GRU   r, z = sigmoid(x + s) of the first two thirds; n = tanh(x + r s) of the third; h' = n + z (h - n)
//   LSTM  i, f, o = sigmoid(x + s) and g = tanh(x + s), in the order i, f, g, o; c' = f c + i g; h' = o tanh(c')
//
// What a cell keeps of a position (cell_kept features), in this order: the gates' state parts, which it replaces by
// their values (GRU: r, z and s of the third gate; tanh: h'), then GRU's n, LSTM's c'. Backwards, the gates' places
// take the gradient of the state parts.
#pragma once

#include <cstdint>

#include "core/dispatch.h"
#include "gatun.h"
#include "ops/affine/affine.h"
#include "ops/recurrent/kinds.h"

namespace gatun {

// Gates of a cell, and features that it keeps, for each unit of the state.
inline int64_t cell_gates(int32_t cell) { return cell == GATUN_CELL_TANH ? 1 : cell == GATUN_CELL_GRU ? 3 : 4; }
inline int64_t cell_kept(int32_t cell) { return cell == GATUN_CELL_TANH ? 1 : cell == GATUN_CELL_GRU ? 4 : 5; }

// One position of `count` examples, which lie `..._step` floats apart. `kept` may be `state`, `h_after` `h_before`, and
// `c_before` the place of c in `kept`.
struct CellRow {
    const float* x;  // [gates * hidden]
    int64_t x_step;
    const float* state;  // [gates * hidden]
    int64_t state_step;
    const float* h_before;  // [hidden]
    int64_t h_before_step;
    const float* c_before;  // [hidden], of an LSTM
    int64_t c_before_step;
    float* kept;  // [kept * hidden]
    int64_t kept_step;
    float* h_after;  // [hidden]
    int64_t h_after_step;
    int64_t hidden;
    int64_t count;
    int64_t units = 0;  // of an LSTM: how many, from where the pointers point on; 0: all `hidden`
};

// Backwards over one position: `dh` and `dc` come from the position behind and go to the one before; of dh only what
// passes the product with the state's weights by, which is nothing but a GRU's z dh.
struct CellGradientRow {
    const float* h_before;
    int64_t h_before_step;
    const float* c_before;
    int64_t c_before_step;
    const float* dy;  // [hidden]
    int64_t dy_step;
    float* kept;  // the gates are replaced by the gradients of their state parts
    int64_t kept_step;
    float* dx;  // [gates * hidden], or null
    int64_t dx_step;
    float* dh;  // [count][hidden]
    float* dc;  // [count][hidden]
    int64_t hidden;
    int64_t count;
    bool accumulate;  // dx
};

struct RecurrentKernels {
    void (*run)(int32_t cell, const CellRow& row);
    void (*gradient)(int32_t cell, const CellGradientRow& row);
};

// One step of a cell in place, as the step program runs it: the product of the state h_before with its weights, then
// the cell. kept: [count][cell_kept * hidden], an LSTM's c in it; h_after may be h_before.
struct CellStep {
    int32_t cell;
    const float* x;
    int64_t x_step;
    const float* h_before;
    float* kept;
    float* h_after;
    int64_t count;
};
void cell_step(int32_t isa, const gatun_affine& state, const CellStep& step);

namespace scalar {

// The definition of one position: gates of x and state [gates * hidden], h and c [hidden] of the position before, which
// those of this one replace.
void cell(int32_t cell, const double* x, const double* state, double* h, double* c, int64_t hidden);

}  // namespace scalar
}  // namespace gatun

GATUN_DECLARE_LEVELS(gatun::RecurrentKernels, recurrent_kernels)
