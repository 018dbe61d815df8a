// What a grid's LSTM is, in plain loops: kernels are held against this, and nothing runs it in earnest.
#include <vector>

#include "ops/grid_lstm/grid_lstm.h"
#include "ops/recurrent/recurrent.h"

namespace gatun::scalar {

void grid_lstm(int32_t way, const gatun_tap* taps, int64_t tap_count, const double* weights, const double* x,
               int64_t rows, int64_t columns, int64_t hidden, double* h) {
    std::vector<double> c(static_cast<size_t>(rows * columns * hidden)), state(static_cast<size_t>(4 * hidden));
    const std::vector<double> outside(static_cast<size_t>(hidden));
    const auto place = [&](auto* map, int64_t i, int64_t j) -> const double* {
        const bool inside = i >= 0 && i < rows && j >= 0 && j < columns;
        return inside ? map + (i * columns + j) * hidden : outside.data();
    };
    const gatun_tap before = GridWalk(way, rows, columns).before();
    for (int64_t i = 0; i < rows; ++i) {
        for (int64_t step = 0; step < columns; ++step) {
            const int64_t j = way == GATUN_GRID_LEFT ? columns - 1 - step : step;
            for (int64_t o = 0; o < 4 * hidden; ++o) {
                double sum = 0;
                for (int64_t k = 0; k < tap_count; ++k) {
                    const double* from = place(h, i + taps[k].row, j + taps[k].column);
                    for (int64_t m = 0; m < hidden; ++m) sum += weights[(o * tap_count + k) * hidden + m] * from[m];
                }
                state[static_cast<size_t>(o)] = sum;
            }
            const double* c_before = place(c.data(), i + before.row, j + before.column);
            double* c_here = c.data() + (i * columns + j) * hidden;
            for (int64_t m = 0; m < hidden; ++m) c_here[m] = c_before[m];
            cell(kGridCell, x + (i * columns + j) * 4 * hidden, state.data(), h + (i * columns + j) * hidden, c_here,
                 hidden);
        }
    }
}

}  // namespace gatun::scalar
