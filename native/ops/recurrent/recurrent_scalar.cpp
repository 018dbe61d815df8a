// What the cells are, in plain loops: kernels are held against this, and nothing runs it in earnest.
#include <cmath>

#include "ops/recurrent/recurrent.h"

namespace gatun::scalar {
namespace {

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

}  // namespace

void cell(int32_t cell, const double* x, const double* state, double* h, double* c, int64_t hidden) {
    for (int64_t j = 0; j < hidden; ++j) {
        const auto gate = [&](int64_t k) { return x[k * hidden + j] + state[k * hidden + j]; };
        if (cell == GATUN_CELL_TANH) {
            h[j] = std::tanh(gate(0));
        } else if (cell == GATUN_CELL_GRU) {
            const double r = sigmoid(gate(0)), z = sigmoid(gate(1));
            const double n = std::tanh(x[2 * hidden + j] + r * state[2 * hidden + j]);
            h[j] = (1 - z) * n + z * h[j];
        } else if (cell == kGridCell) {
            c[j] = sigmoid(gate(1)) * c[j] + sigmoid(gate(2)) * std::tanh(gate(3));
            h[j] = sigmoid(gate(0)) * std::tanh(c[j]);
        } else {
            c[j] = sigmoid(gate(1)) * c[j] + sigmoid(gate(0)) * std::tanh(gate(2));
            h[j] = sigmoid(gate(3)) * std::tanh(c[j]);
        }
    }
}

}  // namespace gatun::scalar
