#include "core/context.h"
#include "core/maps.h"
#include "ops/dropout/draws.h"

extern "C" {

int32_t gatun_dropout_run(gatun_context* context, const gatun_dropout* draws, const gatun_map* x, const gatun_map* y,
                          int32_t accumulate) {
    const auto record = [&](gatun::Record& r) {
        r.maps(x, y).reads(reinterpret_cast<const float*>(draws)).accumulate(accumulate);
    };
    return gatun::recordable(context, GATUN_CALL_DROPOUT, record, [&] {
        const gatun_dropout d = *draws;
        gatun::each_piece(context->pool, *y, [&](int64_t example, int64_t row, int64_t first, int64_t columns) {
            const float* from = gatun::at(*x, example, row, first);
            float* to = gatun::at(*y, example, row, first);
            const int64_t position = (example * y->rows + row) * y->columns + first;
            for (int64_t column = 0; column < columns; ++column) {
                const uint64_t word = gatun::first_word(d, position + column, y->features);
                for (int32_t f = 0; f < y->features; ++f) {
                    const float value = gatun::dropped(d, word, f, from[f]);
                    to[f] = accumulate != 0 ? to[f] + value : value;
                }
                from += x->stride_column;
                to += y->stride_column;
            }
        });
        return GATUN_OK;
    });
}
}
