#include "cuda/pass/jobs.h"

#include <algorithm>

#include "core/taps.h"
#include "ops/distribution/distribution.h"
#include "ops/grid_lstm/grid_lstm.h"
#include "ops/recurrent/recurrent.h"

namespace gatun::gpu {
namespace {

// Enough tasks for a large device; sums of fewer positions than these are not cut. What is cut depends on sizes alone,
// so that gradients have the same bits on every device.
constexpr int64_t kEnoughTasks = 8192;
constexpr int64_t kLeastPositions = 64;
constexpr int64_t kMostScratch = int64_t{1} << 26;  // floats of a gradient's chunks
constexpr int64_t kMostGroups = 4096;               // tasks that have scratch of their own

int64_t parts(int64_t count, int64_t size) { return (count + size - 1) / size; }
int32_t blocks_of(int64_t features) { return static_cast<int32_t>(parts(features, GATUN_LANES)); }
int64_t positions_of(const gatun_map& map) { return int64_t{map.examples} * map.rows * map.columns; }

int32_t chunks_of(int64_t positions, int64_t tasks, int64_t floats) {
    const int64_t wanted =
        std::min(parts(kEnoughTasks, std::max<int64_t>(tasks, 1)), kMostScratch / std::max<int64_t>(floats, 1));
    return static_cast<int32_t>(std::clamp<int64_t>(wanted, 1, std::max<int64_t>(positions / kLeastPositions, 1)));
}

bool in_fours(const gatun_map& x, int64_t inputs) {
    return reinterpret_cast<uintptr_t>(x.data) % (4 * sizeof(float)) == 0 && inputs % 4 == 0 &&
           x.stride_example % 4 == 0 && x.stride_row % 4 == 0 && x.stride_column % 4 == 0;
}

// A column of all examples of a map, `features` of its features from `first` on.
gatun_map column_of(const gatun_map& map, int64_t column, int64_t first, int64_t features) {
    gatun_map some = map;
    some.data += column * map.stride_column + first;
    some.rows = some.columns = 1;
    some.features = static_cast<int32_t>(features);
    return some;
}

// A line of all examples.
gatun_map line_of(const gatun_map& map, const GridLine& line, int64_t first, int64_t features) {
    gatun_map some = map;
    some.data += line.row * map.stride_row + line.column * map.stride_column + first;
    some.stride_column = line.down * map.stride_row + line.right * map.stride_column;
    some.rows = 1;
    some.columns = static_cast<int32_t>(line.count);
    some.features = static_cast<int32_t>(features);
    return some;
}

// [examples][places][features] in scratch.
gatun_map plain(float* data, int32_t examples, int64_t places, int64_t features) {
    return {data,
            places * features,
            places * features,
            features,
            examples,
            1,
            static_cast<int32_t>(places),
            static_cast<int32_t>(features)};
}

}  // namespace

Job Jobs::job(JobKind kind, const gatun_call& call) const {
    Job made{};
    made.call = call;
    made.kind = kind;
    return made;
}

void Jobs::put(Job& job, int64_t tasks) {
    job.tasks = tasks;
    if (tasks > 0) all.push_back(job);
}

void Jobs::put_positions(JobKind kind, const gatun_call& call, const gatun_map& map) {
    Job made = job(kind, call);
    put(made, positions_of(map));
}

template <class Map>
const int64_t* Jobs::add_offsets(const gatun_affine& affine, const Map& x) {
    const auto first = static_cast<int64_t>(offsets.size());
    offsets.resize(offsets.size() + static_cast<size_t>(affine.tap_count));
    tap_offsets(affine, x, offsets.data() + first);
    return bases_.offsets + first;
}

const int32_t* Jobs::add_table(const int32_t* from, int64_t count) {
    const auto first = static_cast<int64_t>(tables.size());
    tables.insert(tables.end(), from, from + count);
    return bases_.tables + first;
}

gatun_dense Jobs::dense_of(const gatun_dense& from) {
    gatun_dense dense = from;
    dense.seen = add_table(from.seen, from.outputs);
    dense.rows = add_table(from.rows, from.outputs);
    dense.columns = add_table(from.columns, from.inputs);
    return dense;
}

float* Jobs::more_scratch(int64_t floats) {
    float* at = bases_.scratch + scratch_of_call_;
    scratch_of_call_ += parts(floats, 4 * GATUN_LANES) * 4 * GATUN_LANES;
    scratch_floats = std::max(scratch_floats, scratch_of_call_);
    return at;
}

// ---- products

void Jobs::add_product(const gatun_affine& affine, const int64_t* taps, const gatun_map& x, const gatun_map& y,
                       bool accumulate) {
    gatun_call call{};
    call.affine = affine;
    call.maps[0] = x;
    call.maps[1] = y;
    call.accumulate = accumulate ? 1 : 0;
    Job made = job(JobKind::kProduct, call);
    made.offsets = taps;
    made.flat = flat_inputs(affine);
    made.blocks = blocks_of(affine.outputs);
    made.positions = positions_of(y);
    made.tiles = static_cast<int32_t>(parts(made.positions, kTilePositions));
    made.aligned = in_fours(x, affine.inputs) ? 1 : 0;
    put(made, parts(made.blocks, kTileBlocks) * made.tiles);
}

void Jobs::add_product(const gatun_call& call) {
    const gatun_map& x = call.maps[0];
    add_product(call.affine, add_offsets(call.affine, x), every(x, call.argument), call.maps[1], call.accumulate != 0);
}

void Jobs::add_gradient(const gatun_call& call) {
    Job made = job(JobKind::kGradient, call);
    made.call.maps[0] = every(call.maps[0], call.argument);
    made.offsets = add_offsets(call.affine, call.maps[0]);
    made.flat = flat_inputs(call.affine);
    made.blocks = blocks_of(call.maps[1].features);
    made.positions = positions_of(call.maps[1]);
    made.tiles = static_cast<int32_t>(parts(made.flat, kTileInputs));
    made.aligned = in_fours(call.maps[0], call.affine.inputs) ? 1 : 0;
    made.step = made.blocks * (made.flat + 1) * GATUN_LANES;
    const int64_t pairs = parts(made.blocks, kTileBlocks), bias = call.writes[1] == nullptr ? 0 : made.blocks;
    made.chunks = chunks_of(made.positions, made.tiles * pairs, made.step);
    made.scratch = more_scratch(made.chunks * made.step);
    if (made.positions == 0) return;
    put(made, (made.tiles * pairs + bias) * made.chunks);
    made.kind = JobKind::kGradientSum;
    put(made, made.blocks * made.flat + bias);
}

void Jobs::add_lookup(const gatun_call& call) {
    Job made = job(JobKind::kLookup, call);
    made.offsets = add_offsets(call.affine, call.levels);
    made.flat = flat_inputs(call.affine);
    made.blocks = blocks_of(call.affine.outputs);
    put(made, positions_of(call.maps[1]) * made.blocks);
}

// taps: where they lie in the levels.
void Jobs::add_lookup_gradient(const gatun_call& call, const int64_t* taps) {
    Job made = job(JobKind::kLookupGradient, call);
    const gatun_levels& x = call.levels;
    const int32_t levels = call.affine.inputs / x.features;
    made.offsets = taps;
    made.flat = flat_inputs(call.affine);
    made.slots = static_cast<int32_t>(made.flat / levels);
    made.blocks = blocks_of(call.maps[1].features);
    made.positions = positions_of(call.maps[1]);
    made.step = made.blocks * (made.flat + 1 + made.slots) * GATUN_LANES;
    made.chunks = chunks_of(made.positions, int64_t{made.slots} * made.blocks, made.step);
    made.scratch = more_scratch(made.chunks * made.step);
    if (made.positions == 0) return;
    const int64_t bias = call.writes[1] == nullptr ? 0 : 1;
    put(made, (made.slots + bias) * made.blocks * made.chunks);
    made.kind = JobKind::kGradientSum;
    put(made, made.blocks * (made.flat + bias));
    made.kind = JobKind::kOutsideSum;
    put(made, call.writes[2] == nullptr ? 0 : made.blocks);
}

// ---- packing

void Jobs::add_packing(const gatun_call& call) {
    const bool transposed = call.kind == GATUN_CALL_PACK_TRANSPOSED;
    const gatun_layout& layout = call.layout;
    Job made = job(call.kind == GATUN_CALL_UNPACK_ADD ? JobKind::kUnpack : JobKind::kPack, call);
    made.call.argument = transposed ? 1 : 0;
    const auto first = static_cast<int64_t>(offsets.size());
    offsets.insert(offsets.end(), layout.tap_offsets, layout.tap_offsets + layout.taps);
    made.call.layout.tap_offsets = bases_.offsets + first;
    made.flat = int64_t{layout.taps} * (transposed ? layout.outputs : layout.inputs) - (transposed ? 0 : layout.unseen);
    made.blocks = blocks_of(transposed ? layout.inputs : layout.outputs);
    put(made, made.blocks * made.flat);
}

// ---- dense layers

void Jobs::add_dense(const gatun_call& call) {
    Job made = job(JobKind::kDense, call);
    const gatun_dense& d = call.dense;
    made.call.dense = dense_of(d);
    // An example is a position, all its columns one row of inputs or outputs.
    for (gatun_map& map : made.call.maps) map.rows = map.columns = 1;
    const bool backwards = call.kind == GATUN_CALL_DENSE_INPUT_GRADIENT;
    made.blocks = blocks_of(backwards ? d.inputs : d.outputs);
    made.positions = call.maps[1].examples;
    made.tiles = static_cast<int32_t>(parts(made.positions, kTilePositions));
    made.aligned = in_fours(call.maps[0], 4) ? 1 : 0;
    switch (call.kind) {
        case GATUN_CALL_DENSE_PACK:
            made.kind = JobKind::kDensePack;
            return put(made, made.blocks * (d.inputs + int64_t{1}));
        case GATUN_CALL_DENSE_PACK_TRANSPOSED:
            made.kind = JobKind::kDensePackTransposed;
            return put(made, int64_t{blocks_of(d.inputs)} * d.outputs);
        case GATUN_CALL_DENSE_LOOKUP:
            made.kind = JobKind::kDenseLookup;
            return put(made, made.positions * made.blocks);
        case GATUN_CALL_DENSE_INPUT_GRADIENT:
            made.kind = JobKind::kDenseInputGradient;
            break;
        default:
            break;
    }
    put(made, int64_t{made.blocks} * made.tiles);
}

// As an affine operation's, with all inputs of all outputs, into scratch; then what is seen of it to the parameter.
void Jobs::add_dense_gradient(const gatun_call& call) {
    const gatun_dense& d = call.dense;
    const bool looked_up = call.kind == GATUN_CALL_DENSE_LOOKUP_GRADIENT;
    const int64_t blocks = blocks_of(d.outputs), floats = blocks * d.inputs * GATUN_LANES;
    float* packed = more_scratch(floats + blocks * GATUN_LANES);
    add_clear(packed, floats + blocks * GATUN_LANES);
    gatun_call sums{};
    sums.maps[1] = call.maps[1];
    sums.maps[1].rows = sums.maps[1].columns = 1;
    sums.maps[1].features = d.outputs;
    sums.writes[0] = packed;
    sums.writes[1] = call.writes[1] == nullptr ? nullptr : packed + floats;
    if (looked_up) {
        sums.levels = call.levels;
        const int32_t columns = std::max(call.levels.columns, 1);
        sums.affine = {nullptr, nullptr, nullptr, columns, d.inputs / columns, d.outputs, 0};
        const auto first = static_cast<int64_t>(offsets.size());
        for (int32_t k = 0; k < columns; ++k) offsets.push_back(k * call.levels.stride_column);
        sums.levels.columns = 1;
        add_lookup_gradient(sums, bases_.offsets + first);
    } else {
        static constexpr gatun_tap kHere = {0, 0};
        sums.maps[0] = call.maps[0];
        sums.maps[0].rows = sums.maps[0].columns = 1;
        sums.affine = {nullptr, nullptr, &kHere, 1, d.inputs, d.outputs, 0};
        sums.argument = 1;
        add_gradient(sums);
    }
    Job made = job(JobKind::kDenseUnpack, call);
    made.call.dense = dense_of(d);
    made.scratch = packed;
    made.blocks = static_cast<int32_t>(blocks);
    put(made, blocks * (d.inputs + int64_t{1}));
}

void Jobs::add_nade(const gatun_call& call) {
    Job made = job(JobKind::kNade, call);
    const gatun_nade& n = call.nade;
    made.call.nade.order = add_table(n.order, n.positions);
    made.blocks = blocks_of(n.hidden);
    const int64_t examples = call.maps[0].examples;
    if (call.kind == GATUN_CALL_NADE_PACK) {
        made.kind = JobKind::kNadePack;
        return put(made, n.positions + int64_t{1});
    }
    if (call.kind == GATUN_CALL_NADE) {
        made.step = int64_t{2} * made.blocks * GATUN_LANES;
        made.scratch = more_scratch(made.step * examples);
        return put(made, examples);
    }
    made.kind = JobKind::kNadeGradient;
    made.positions = examples;
    made.step = (int64_t{3} * n.positions + 1) * GATUN_LANES;
    made.chunks = static_cast<int32_t>(std::clamp<int64_t>(examples / 4, 1, 64));
    made.scratch = more_scratch(made.step * made.chunks * made.blocks);
    if (examples == 0) return;
    put(made, int64_t{made.chunks} * made.blocks);
    made.kind = JobKind::kNadeGradientSum;
    put(made, n.positions + int64_t{1});
}

// ---- recurrent operations: a product with the state's weights, then the cells, place after place

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

void Jobs::add_grid(const gatun_call& call) {
    const gatun_map &x = call.maps[0], &y = call.maps[1];
    const GridWalk walk(call.argument, y.rows, y.columns);
    const int32_t hidden = y.features;
    const int64_t width = cell_kept(kGridCell) * hidden, c_at = cell_gates(kGridCell) * hidden;
    const bool keeps = call.maps[2].data != nullptr;
    gatun_map kept = call.maps[2];
    if (!keeps) {
        kept = plain(more_scratch(y.examples * walk.slots() * width), y.examples, walk.slots(), width);
        add_clear(kept.data, y.examples * walk.slots() * width);
    }
    const gatun_tap before = walk.before();
    const int64_t to_before = keeps ? before.row * kept.stride_row + before.column * kept.stride_column : 0;
    const int64_t* taps = add_offsets(call.affine, y);
    for (int64_t k = 0; k < walk.lines(); ++k) {
        const GridLine line = walk.line(k);
        // Without a map, a line's places lie side by side in slots.
        const GridLine place = keeps ? line : GridLine{0, line.slot, 0, 1, line.count, 0};
        const gatun_map h = line_of(y, line, 0, hidden), own = line_of(kept, place, 0, width);
        add_product(call.affine, taps, h, line_of(kept, place, 0, call.affine.outputs), false);
        add_cell(kGridCell, line_of(x, line, 0, x.features), own, line_of(kept, place, c_at + to_before, hidden), h);
    }
}

void Jobs::add_grid_gradient(const gatun_call& call) {
    const gatun_map &y = call.maps[0], &kept = call.maps[1], &dy = call.maps[2], &dx = call.maps[3];
    const GridWalk walk(call.argument, y.rows, y.columns);
    const int32_t hidden = y.features;
    const int64_t c_at = cell_gates(kGridCell) * hidden, floats = y.examples * walk.slots() * hidden;
    float* memory = more_scratch(2 * floats);
    add_clear(memory, 2 * floats);
    const gatun_map dh = plain(memory, y.examples, walk.slots(), hidden);
    const gatun_map dc = plain(memory + floats, y.examples, walk.slots(), hidden);
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

// ---- the rest

void Jobs::add_likelihood(const gatun_call& call) {
    Job made = job(call.kind == GATUN_CALL_LOG_PROB ? JobKind::kLogProb : JobKind::kLogProbGradient, call);
    const gatun_map& outputs = call.maps[0];
    const int64_t tasks = std::min<int64_t>(outputs.examples * parts(outputs.columns, GATUN_LANES), kMostGroups);
    made.step = distribution_scratch(call.distribution);
    made.scratch = more_scratch(made.step * tasks);
    put(made, tasks);
}

void Jobs::add_clear(float* values, int64_t count) {
    gatun_call call{};
    call.writes[0] = values;
    call.count = count;
    Job made = job(JobKind::kClear, call);
    put(made, parts(count, kClearFloats));
}

void Jobs::add(const gatun_call& call) {
    scratch_of_call_ = 0;
    const gatun_map* maps = call.maps;
    switch (call.kind) {
        case GATUN_CALL_AFFINE:
            return add_product(call);
        case GATUN_CALL_AFFINE_GRADIENT:
            return add_gradient(call);
        case GATUN_CALL_LOOKUP:
            return add_lookup(call);
        case GATUN_CALL_LOOKUP_GRADIENT:
            return add_lookup_gradient(call, add_offsets(call.affine, call.levels));
        case GATUN_CALL_PACK:
        case GATUN_CALL_PACK_TRANSPOSED:
        case GATUN_CALL_UNPACK_ADD:
            return add_packing(call);
        case GATUN_CALL_DENSE_GRADIENT:
        case GATUN_CALL_DENSE_LOOKUP_GRADIENT:
            return add_dense_gradient(call);
        case GATUN_CALL_DENSE_PACK:
        case GATUN_CALL_DENSE_PACK_TRANSPOSED:
        case GATUN_CALL_DENSE:
        case GATUN_CALL_DENSE_LOOKUP:
        case GATUN_CALL_DENSE_INPUT_GRADIENT:
            return add_dense(call);
        case GATUN_CALL_NADE_PACK:
        case GATUN_CALL_NADE:
        case GATUN_CALL_NADE_GRADIENT:
            return add_nade(call);
        case GATUN_CALL_ENCODE:
            return put_positions(JobKind::kEncode, call, maps[1]);
        case GATUN_CALL_ACTIVATION:
            return put_positions(JobKind::kActivation, call, maps[0]);
        case GATUN_CALL_ACTIVATION_GRADIENT:
            return put_positions(JobKind::kActivationGradient, call, maps[0]);
        case GATUN_CALL_COPY:
            return put_positions(JobKind::kCopy, call, maps[0]);
        case GATUN_CALL_GATE:
            return put_positions(JobKind::kGate, call, maps[0]);
        case GATUN_CALL_GATE_GRADIENT:
            return put_positions(JobKind::kGateGradient, call, maps[0]);
        case GATUN_CALL_LINEAR_GATE:
            return put_positions(JobKind::kLinearGate, call, maps[0]);
        case GATUN_CALL_LINEAR_GATE_GRADIENT:
            return put_positions(JobKind::kLinearGateGradient, call, maps[0]);
        case GATUN_CALL_CONCAT_ELU:
            return put_positions(JobKind::kConcatElu, call, maps[0]);
        case GATUN_CALL_CONCAT_ELU_GRADIENT:
            return put_positions(JobKind::kConcatEluGradient, call, maps[0]);
        case GATUN_CALL_RECURRENT:
            return add_recurrent(call);
        case GATUN_CALL_RECURRENT_GRADIENT:
            return add_recurrent_gradient(call);
        case GATUN_CALL_GRID_LSTM:
            return add_grid(call);
        case GATUN_CALL_GRID_LSTM_GRADIENT:
            return add_grid_gradient(call);
        case GATUN_CALL_SUM:
            return put_positions(JobKind::kSum, call, maps[1]);
        case GATUN_CALL_SUM_GRADIENT:
            return put_positions(JobKind::kSumGradient, call, maps[1]);
        case GATUN_CALL_BROADCAST:
            return put_positions(JobKind::kBroadcast, call, maps[1]);
        case GATUN_CALL_BROADCAST_GRADIENT: {
            // A gradient's bias, without weights.
            gatun_call sums{};
            sums.maps[0] = sums.maps[1] = maps[0];
            sums.affine.inputs = 1;
            sums.affine.outputs = maps[0].features;
            sums.writes[1] = call.writes[0];
            sums.argument = 1;
            return add_gradient(sums);
        }
        case GATUN_CALL_LOG_PROB:
        case GATUN_CALL_LOG_PROB_GRADIENT:
            return add_likelihood(call);
        case GATUN_CALL_SCALE_EXAMPLES:
            return put_positions(JobKind::kScaleExamples, call, maps[1]);
        default:
            return add_clear(call.writes[0], call.count);
    }
}

}  // namespace gatun::gpu
