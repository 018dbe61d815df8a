// Recurrent operations: a product with the state's weights, then the cells, place after place.
#include "cuda/pass/jobs.h"
#include "cuda/pass/sizes.h"
#include "ops/recurrent/recurrent.h"

namespace gatun::gpu {

void Jobs::add_cell(int32_t cell, const gatun_map& x, const gatun_map& own, const gatun_map& c_before,
                    const gatun_map& h) {
    gatun_call call{};
    call.maps[0] = x;
    call.maps[1] = own;
    call.maps[2] = c_before;
    call.maps[3] = h;
    call.argument = cell;
    Job made = job(JobKind::kCell, call);
    made.blocks = blocks_of(h.features);
    put(made, positions_of(h) * made.blocks);
}

void Jobs::add_copy(const gatun_map& from, const gatun_map& to) {
    gatun_call call{};
    call.maps[0] = from;
    call.maps[1] = to;
    put_positions(JobKind::kCopy, call, from);
}

void Jobs::add_recurrent(const gatun_call& call) {
    const gatun_map &x = call.maps[0], &y = call.maps[1], &kept = call.maps[2];
    const int32_t cell = call.argument, hidden = y.features;
    const bool all_kept = kept.columns == x.columns, has_c = cell == GATUN_CELL_LSTM;
    const int64_t gates = cell_gates(cell) * hidden, width = kept.features;
    const gatun_map scratch = plain(more_scratch(x.examples * width), x.examples, 1, width);
    const auto zero = static_cast<int64_t>(offsets.size());
    offsets.push_back(0);
    const gatun_map c_in_scratch = column_of(scratch, 0, gates, hidden);
    if (!all_kept && has_c) add_copy(column_of(kept, -1, gates, hidden), c_in_scratch);
    for (int64_t t = 0; t < x.columns; ++t) {
        const gatun_map own = all_kept ? column_of(kept, t, 0, width) : scratch;
        add_product(call.affine, bases_.offsets + zero, column_of(y, t - 1, 0, hidden),
                    column_of(own, 0, 0, call.affine.outputs), false);
        const gatun_map c = !has_c ? own : all_kept ? column_of(kept, t - 1, gates, hidden) : c_in_scratch;
        add_cell(cell, column_of(x, t, 0, x.features), own, c, column_of(y, t, 0, hidden));
        if (!all.empty() && all.back().kind == JobKind::kCell) all.back().step = y.stride_column;
    }
    if (!all_kept && has_c) add_copy(c_in_scratch, column_of(kept, 0, gates, hidden));
}

void Jobs::add_recurrent_gradient(const gatun_call& call) {
    const gatun_map &y = call.maps[0], &kept = call.maps[1], &dy = call.maps[2], &dx = call.maps[3];
    const int32_t cell = call.argument, hidden = y.features;
    const int64_t gates = cell_gates(cell) * hidden, floats = int64_t{y.examples} * hidden;
    float* memory = more_scratch(2 * floats);
    add_clear(memory, 2 * floats);
    const gatun_map dh = plain(memory, y.examples, 1, hidden), dc = plain(memory + floats, y.examples, 1, hidden);
    const auto zero = static_cast<int64_t>(offsets.size());
    offsets.push_back(0);
    for (int64_t t = y.columns - 1; t >= 0; --t) {
        gatun_call one{};
        one.argument = cell;
        one.accumulate = call.accumulate;
        one.maps[0] = column_of(y, t - 1, 0, hidden);
        one.maps[1] = cell == GATUN_CELL_LSTM ? column_of(kept, t - 1, gates, hidden) : column_of(kept, t, 0, hidden);
        one.maps[2] = column_of(dy, t, 0, hidden);
        one.maps[3] = column_of(kept, t, 0, kept.features);
        Job made = job(JobKind::kCellGradient, one);
        if (dx.data != nullptr) made.more[0] = column_of(dx, t, 0, dx.features);
        made.more[1] = dh;
        made.more[2] = dc;
        made.blocks = blocks_of(hidden);
        put(made, int64_t{y.examples} * made.blocks);
        if (t > 0) {
            add_product(call.affine, bases_.offsets + zero, column_of(kept, t, 0, call.affine.inputs), dh, true);
        }
    }
}

namespace {

// Of one example.
gatun_call first_of(const gatun_call& call) {
    gatun_call one = call;
    for (gatun_map& map : one.maps) map.examples = 1;
    return one;
}

// Whether a line of one example is too little for a whole device, so that examples go their own ways.
bool is_small(const gatun_call& call, const GridWalk& walk) {
    return !has_product_tile(walk.slots(), call.affine.outputs);
}

}  // namespace

template <class Body>
void Jobs::add_lines(int32_t examples, Body&& body) {
    const auto first = static_cast<int64_t>(lines.size());
    in_lines_ = true;
    body();
    in_lines_ = false;
    Job made = job(JobKind::kLines, gatun_call{});
    made.lines = bases_.lines + first;
    made.count = static_cast<int32_t>(static_cast<int64_t>(lines.size()) - first);
    put(made, made.count == 0 ? 0 : examples);
}

void Jobs::add_grid(const gatun_call& from) {
    gatun_call call = from;
    const gatun_map& y = call.maps[1];
    const GridWalk walk(call.argument, y.rows, y.columns);
    const int64_t width = cell_kept(kGridCell) * y.features;
    if (call.maps[2].data == nullptr) {
        // A line's places lie side by side in slots.
        call.maps[2] = plain(more_scratch(y.examples * walk.slots() * width), y.examples, walk.slots(), width);
        call.count = 1;
        add_clear(call.maps[2].data, y.examples * walk.slots() * width);
    } else {
        call.count = 0;
    }
    if (!is_small(call, walk)) return add_grid_lines(call);
    add_lines(y.examples, [&] { add_grid_lines(first_of(call)); });
}

// count: whether kept holds a line alone.
void Jobs::add_grid_lines(const gatun_call& call) {
    const gatun_map &x = call.maps[0], &y = call.maps[1], &kept = call.maps[2];
    const GridWalk walk(call.argument, y.rows, y.columns);
    const int32_t hidden = y.features;
    const int64_t width = cell_kept(kGridCell) * hidden, c_at = cell_gates(kGridCell) * hidden;
    const bool slots = call.count != 0;
    const gatun_tap before = walk.before();
    const int64_t to_before = slots ? 0 : before.row * kept.stride_row + before.column * kept.stride_column;
    const int64_t* taps = add_offsets(call.affine, y);
    for (int64_t k = 0; k < walk.lines(); ++k) {
        const GridLine line = walk.line(k);
        const GridLine place = slots ? GridLine{0, line.slot, 0, 1, line.count, 0} : line;
        const gatun_map h = line_of(y, line, 0, hidden), own = line_of(kept, place, 0, width);
        add_product(call.affine, taps, h, line_of(kept, place, 0, call.affine.outputs), false);
        add_cell(kGridCell, line_of(x, line, 0, x.features), own, line_of(kept, place, c_at + to_before, hidden), h);
    }
}

void Jobs::add_grid_gradient(const gatun_call& call) {
    const gatun_map& y = call.maps[0];
    const GridWalk walk(call.argument, y.rows, y.columns);
    const int64_t floats = y.examples * walk.slots() * y.features;
    float* memory = more_scratch(2 * floats);
    add_clear(memory, 2 * floats);
    if (!is_small(call, walk)) return add_grid_gradient_lines(call, memory, memory + floats);
    add_lines(y.examples, [&] { add_grid_gradient_lines(first_of(call), memory, memory + floats); });
}

// Gradients of a line's h and c lie in memory of their own.
void Jobs::add_grid_gradient_lines(const gatun_call& call, float* of_h, float* of_c) {
    const gatun_map &y = call.maps[0], &kept = call.maps[1], &dy = call.maps[2], &dx = call.maps[3];
    const GridWalk walk(call.argument, y.rows, y.columns);
    const int32_t hidden = y.features;
    const int64_t c_at = cell_gates(kGridCell) * hidden;
    const gatun_map dh = plain(of_h, y.examples, walk.slots(), hidden);
    const gatun_map dc = plain(of_c, y.examples, walk.slots(), hidden);
    const gatun_tap before = walk.before();
    const int64_t to_before = before.row * kept.stride_row + before.column * kept.stride_column;
    const int64_t* taps = add_offsets(call.affine, kept);
    for (int64_t k = walk.lines() - 1; k >= 0; --k) {
        const GridLine line = walk.line(k);
        const GridLine slots{0, line.slot, 0, 1, line.count, 0};
        add_product(call.affine, taps, line_of(kept, line, 0, call.affine.inputs), line_of(dh, slots, 0, hidden),
                    false);
        gatun_call one{};
        one.argument = kGridCell;
        one.accumulate = call.accumulate;
        one.maps[0] = line_of(y, line, 0, hidden);
        one.maps[1] = line_of(kept, line, c_at + to_before, hidden);
        one.maps[2] = line_of(dy, line, 0, hidden);
        one.maps[3] = line_of(kept, line, 0, kept.features);
        Job made = job(JobKind::kCellGradient, one);
        if (dx.data != nullptr) made.more[0] = line_of(dx, line, 0, dx.features);
        made.more[1] = line_of(dh, slots, 0, hidden);
        made.more[2] = line_of(dc, slots, 0, hidden);
        made.blocks = blocks_of(hidden);
        put(made, y.examples * line.count * made.blocks);
    }
}

}  // namespace gatun::gpu
