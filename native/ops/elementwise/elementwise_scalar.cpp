// What is done feature by feature, in plain loops: kernels are held against this, and nothing runs it in earnest.
#include "core/maps.h"
#include "ops/elementwise/elementwise.h"

namespace gatun::scalar {
namespace {

// body(example, row, column) for all positions, in their order.
template <class Body>
void each_position(const gatun_map& map, Body body) {
    for (int32_t n = 0; n < map.examples; ++n) {
        for (int32_t i = 0; i < map.rows; ++i) {
            for (int32_t j = 0; j < map.columns; ++j) body(n, i, j);
        }
    }
}

}  // namespace

void copy(const gatun_map& x, const gatun_map& y, bool accumulate) {
    each_position(y, [&](int32_t n, int32_t i, int32_t j) {
        const float* from = at(x, n, i, j);
        float* to = at(y, n, i, j);
        for (int32_t f = 0; f < y.features; ++f) to[f] = accumulate ? to[f] + from[f] : from[f];
    });
}

void broadcast(const float* vector, const gatun_map& y) {
    each_position(y, [&](int32_t n, int32_t i, int32_t j) {
        for (int32_t f = 0; f < y.features; ++f) at(y, n, i, j)[f] = vector[f];
    });
}

void broadcast_gradient(const gatun_map& dy, float* vector) {
    for (int32_t f = 0; f < dy.features; ++f) {
        float total = 0, group = 0;
        each_position(dy, [&](int32_t n, int32_t i, int32_t j) {
            group += at(dy, n, i, j)[f];
            if ((j + 1) % kGroupPositions == 0 || j + 1 == dy.columns) {
                total += group;
                group = 0;
            }
        });
        vector[f] += total;
    }
}

void encode(const float* table, const gatun_levels& x, const gatun_map& y) {
    each_position(y, [&](int32_t n, int32_t i, int32_t j) {
        for (int32_t f = 0; f < y.features; ++f) at(y, n, i, j)[f] = table[at(x, n, i, j)[f]];
    });
}

void scale_examples(const float* factors, const gatun_map& y) {
    each_position(y, [&](int32_t n, int32_t i, int32_t j) {
        for (int32_t f = 0; f < y.features; ++f) at(y, n, i, j)[f] *= factors[n];
    });
}

}  // namespace gatun::scalar
