#include "ops/elementwise/elementwise.h"

#include <algorithm>
#include <cstring>

#include "core/context.h"
#include "core/maps.h"

namespace {

size_t bytes_of(int64_t floats) { return static_cast<size_t>(floats) * sizeof(float); }

// Sums of the groups of kGroupPositions of every row, [group][features].
void sum_groups(gatun_context* context, const gatun_map& dy, int64_t groups_in_row, float* sums) {
    const auto sum_rows = GATUN_PICK(context->isa, elementwise_kernels).sum_rows;
    const int64_t groups = int64_t{dy.examples} * dy.rows * groups_in_row;
    context->pool.run(groups, [&](int64_t group) {
        const int64_t row = group / groups_in_row;
        const int64_t first = group % groups_in_row * gatun::kGroupPositions;
        const int64_t columns = std::min(gatun::kGroupPositions, dy.columns - first);
        sum_rows(gatun::at(dy, row / dy.rows, row % dy.rows, first), dy.stride_column, columns, dy.features,
                 sums + group * dy.features);
    });
}

// to[i] = table[from[i]]
void encode(const float* table, int32_t levels, const int32_t* from, float* to, int64_t count) {
    if (levels == 2) {  // a choice, which compilers make for many at once
        const float zero = table[0], one = table[1];
        for (int64_t i = 0; i < count; ++i) to[i] = from[i] == 0 ? zero : one;
        return;
    }
    for (int64_t i = 0; i < count; ++i) to[i] = table[from[i]];
}

}  // namespace

extern "C" {

int32_t gatun_encode(gatun_context* context, const float* table, int32_t levels, const gatun_levels* x,
                     const gatun_map* y) {
    return gatun::recordable(
        context, GATUN_CALL_ENCODE,
        [&](gatun::Record& r) { r.maps(nullptr, y).reads(table).argument(levels)->levels = *x; },
        [&] {
            const bool together = x->stride_column == x->features && y->stride_column == y->features;
            gatun::each_piece(context->pool, *y, [&](int64_t example, int64_t row, int64_t first, int64_t columns) {
                const int32_t* from = gatun::at(*x, example, row, first);
                float* to = gatun::at(*y, example, row, first);
                if (together) {
                    encode(table, levels, from, to, columns * y->features);
                    return;
                }
                for (int64_t column = 0; column < columns; ++column) {
                    encode(table, levels, from, to, y->features);
                    from += x->stride_column;
                    to += y->stride_column;
                }
            });
            return GATUN_OK;
        });
}

int32_t gatun_scale_examples(gatun_context* context, const float* factors, const gatun_map* y) {
    return gatun::recordable(
        context, GATUN_CALL_SCALE_EXAMPLES, [&](gatun::Record& r) { r.maps(nullptr, y).reads(factors); },
        [&] {
            gatun::each_piece(context->pool, *y, [&](int64_t example, int64_t row, int64_t first, int64_t columns) {
                float* to = gatun::at(*y, example, row, first);
                for (int64_t column = 0; column < columns; ++column, to += y->stride_column) {
                    for (int32_t f = 0; f < y->features; ++f) to[f] *= factors[example];
                }
            });
            return GATUN_OK;
        });
}

int32_t gatun_copy(gatun_context* context, const gatun_map* x, const gatun_map* y, int32_t accumulate) {
    return gatun::recordable(
        context, GATUN_CALL_COPY, [&](gatun::Record& r) { r.maps(x, y).accumulate(accumulate); },
        [&] {
            const auto add = GATUN_PICK(context->isa, elementwise_kernels).add;
            gatun::each_stretch<2>(context->pool, {x, y}, [&](float* const* p, int64_t count) {
                if (accumulate != 0) {
                    add(p[0], p[1], count);
                } else {
                    std::memcpy(p[1], p[0], bytes_of(count));
                }
            });
            return GATUN_OK;
        });
}

int32_t gatun_broadcast(gatun_context* context, const float* vector, const gatun_map* y) {
    return gatun::recordable(
        context, GATUN_CALL_BROADCAST, [&](gatun::Record& r) { r.maps(nullptr, y).reads(vector); },
        [&] {
            gatun::each_piece(context->pool, *y, [&](int64_t example, int64_t row, int64_t first, int64_t columns) {
                float* to = gatun::at(*y, example, row, first);
                for (int64_t column = 0; column < columns; ++column, to += y->stride_column) {
                    std::memcpy(to, vector, bytes_of(y->features));
                }
            });
            return GATUN_OK;
        });
}

int32_t gatun_broadcast_gradient(gatun_context* context, const gatun_map* dy, float* vector) {
    return gatun::recordable(
        context, GATUN_CALL_BROADCAST_GRADIENT, [&](gatun::Record& r) { r.maps(dy).writes(vector); },
        [&] {
            thread_local gatun::Scratch scratch;
            const int64_t groups_in_row = (dy->columns + gatun::kGroupPositions - 1) / gatun::kGroupPositions;
            const int64_t groups = int64_t{dy->examples} * dy->rows * groups_in_row;
            if (groups == 0 || dy->features == 0) return GATUN_OK;
            float* sums = static_cast<float*>(scratch.bytes(bytes_of((groups + 1) * dy->features)));
            sum_groups(context, *dy, groups_in_row, sums);
            const auto& kernels = GATUN_PICK(context->isa, elementwise_kernels);
            float* total = sums + groups * dy->features;
            kernels.sum_rows(sums, dy->features, groups, dy->features, total);
            kernels.add(total, vector, dy->features);
            return GATUN_OK;
        });
}
}
