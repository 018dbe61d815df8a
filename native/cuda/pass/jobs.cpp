#include "cuda/pass/jobs.h"

#include <algorithm>

#include "cuda/pass/sizes.h"
#include "gatun_cuda.h"
#include "ops/distribution/distribution.h"

namespace gatun::gpu {
namespace {

constexpr int64_t kMostGroups = 4096;  // tasks that have scratch of their own

}  // namespace

Job Jobs::job(JobKind kind, const gatun_call& call) const {
    Job made{};
    made.call = call;
    made.kind = kind;
    return made;
}

void Jobs::put(Job& job, int64_t tasks) {
    job.tasks = tasks;
    if (tasks > 0) (in_lines_ ? lines : all).push_back(job);
}

void Jobs::put_positions(JobKind kind, const gatun_call& call, const gatun_map& map) {
    Job made = job(kind, call);
    put(made, positions_of(map));
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

// ---- training

void Jobs::add_range(JobKind kind, const gatun_call& call) {
    Job made = job(kind, call);
    if (kind == JobKind::kOptimizer) made.factors = factors_of(call.optimizer);
    put(made, parts(call.count, kRangeFloats));
}

// The sums of blocks, behind one another; behind them those of each block's lanes.
void Jobs::add_squares(const gatun_call& call) {
    constexpr int64_t kFloats = sizeof(double) / sizeof(float);
    Job made = job(JobKind::kSquares, call);
    const int64_t blocks = parts(call.count, kSumBlock);
    made.positions = blocks;
    made.scratch = more_scratch(kFloats * blocks * (1 + GATUN_LANES));
    put(made, blocks);
    made.kind = JobKind::kSquaresSum;
    put(made, 1);
}

void Jobs::add(const gatun_call& call) {
    scratch_of_call_ = 0;
    rounds_ =
        products_ != GATUN_CUDA_F32 && (call.kind == GATUN_CALL_AFFINE || call.kind == GATUN_CALL_AFFINE_GRADIENT);
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
        case GATUN_CALL_DROPOUT:
            return put_positions(JobKind::kDropout, call, maps[1]);
        case GATUN_CALL_OPTIMIZER_STEP:
            return add_range(JobKind::kOptimizer, call);
        case GATUN_CALL_SUM_OF_SQUARES:
            return add_squares(call);
        case GATUN_CALL_SCALE:
            return add_range(JobKind::kScale, call);
        case GATUN_CALL_AVERAGE:
            return add_range(JobKind::kAverage, call);
        default:
            return add_clear(call.writes[0], call.count);
    }
}

}  // namespace gatun::gpu
