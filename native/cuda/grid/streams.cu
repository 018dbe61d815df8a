// Streams of a grid's program on a device: their state, and the arrays of a run, copied there and back.
#include <algorithm>
#include <cstring>
#include <memory>
#include <utility>

#include "cuda/grid/kernel.h"
#include "cuda/grid/program.h"
#include "cuda/transfer.h"
#include "ops/distribution/distribution.h"

namespace gatun::gpu::grids {
namespace {

constexpr int32_t kMostStreams = 16;           // of a block, where it is chosen here; others have said what they want
constexpr int32_t kMostWanted = 64;            // of a block at all
constexpr size_t kMostShared = 160 << 10;      // bytes of a block's own memory: the rest is the cache's
constexpr size_t kMostTables = 48 << 10;       // bytes of tables that lie near
constexpr int64_t kMostScratch = 4 << 10;      // bytes of draws' that do
constexpr int64_t kRowsAtOnce = 4;             // of a launch, so that none takes long
constexpr int32_t kNarrow = 48, kFewer = 256;  // outputs of all instructions, for which so many threads do

// Arrays one behind the other, each on a line of its own.
class Pieces {
public:
    template <class T>
    int32_t add(const T* from, int64_t count) {
        constexpr size_t kLine = 16;
        const size_t at = bytes.size(), size = bytes_of<T>(count);
        bytes.insert(bytes.end(), (size + kLine - 1) / kLine * kLine, std::byte{});
        if (size > 0) std::memcpy(bytes.data() + at, from, size);
        return static_cast<int32_t>(at);
    }

    std::vector<std::byte> bytes;
};

void check_launch(const gatun_cuda_launch& launch) {
    const bool threads =
        launch.threads == 0 || (launch.threads >= 64 && launch.threads <= kMostThreads && launch.threads % 32 == 0);
    const bool streams = launch.streams >= 0 && launch.streams <= kMostWanted;
    const bool tile = launch.tile == 0 || launch.tile == 1 || launch.tile == 2 || launch.tile == 4 || launch.tile == 8;
    if (threads && streams && tile && (launch.blocks == 0 || launch.blocks == 1)) return;
    throw Failure(GATUN_INVALID_ARGUMENT, "a launch of " + std::to_string(launch.threads) + " threads, " +
                                              std::to_string(launch.streams) + " streams a block, tiles of " +
                                              std::to_string(launch.tile) + ", " + std::to_string(launch.blocks) +
                                              " blocks a stream, for a grid");
}

}  // namespace
}  // namespace gatun::gpu::grids

struct gatun_cuda_grid_streams {
    gatun_cuda_grid_streams(std::shared_ptr<const gatun::gpu::grids::DeviceProgram> of, int64_t count,
                            const gatun_cuda_launch& wanted);

    void reset();
    void run(const gatun_grid_run& run, float* milliseconds);
    void outputs(const gatun_grid_run& run, float* outputs);
    void take(const gatun_grid_run& run);
    void copy(const gatun_cuda_grid_streams& from);
    void state(float* to);
    gatun::gpu::grids::Launch launch() const { return launch_; }
    const gatun::gpu::Device& device() const { return program_->device(); }

private:
    void choose(const gatun_cuda_launch& wanted);
    void plan();
    gatun::gpu::grids::Tables tables_of(const gatun::gpu::grids::Plan& plan);
    void clear(int64_t first, int64_t parts, int64_t streams);
    gatun::gpu::grids::Run there(const gatun_grid_run& run);
    void bring_frames(const gatun_grid_run& run, gatun::gpu::grids::Run& there);
    void launch(const gatun::gpu::grids::Run& run);
    void come_back();

    const std::shared_ptr<const gatun::gpu::grids::DeviceProgram> program_;
    const gatun_grid_program native_;
    const int64_t count_;
    gatun::gpu::grids::Launch launch_{};
    gatun::gpu::grids::Program walked_{};
    gatun::gpu::grids::Tables tables_{};
    std::vector<std::byte> pieces_;
    int32_t frame_features_ = 0;
    int32_t frame_every_ = 0;  // rows and columns of a frame; 0: not the same for all who read them
    gatun::gpu::Queue queue_;
    gatun::gpu::Memory piece_memory_, state_, scratch_, classes_, outputs_;
    gatun::gpu::Window<int32_t> levels_;
    gatun::gpu::Window<float> reals_, log_prob_, frames_;
    gatun::gpu::Window<uint8_t> known_;
};

gatun_cuda_grid_streams::gatun_cuda_grid_streams(std::shared_ptr<const gatun::gpu::grids::DeviceProgram> of,
                                                 int64_t count, const gatun_cuda_launch& wanted)
    : program_(std::move(of)), native_(program_->native()), count_(count) {
    for (int32_t i = 0; i < native_.operation_count; ++i) {
        const gatun_grid_operation& op = native_.operations[i];
        if (op.kind != GATUN_STEP_FRAME) continue;
        frame_every_ = frame_features_ == 0 || frame_every_ == op.every ? op.every : 0;
        frame_features_ = op.outputs;
    }
    choose(wanted);
    plan();
    state_.room_for<float>(std::max<int64_t>(native_.state_floats * count_, 1),
                           "memory for the state of " + std::to_string(count) + " streams");
    reset();
}

// A block for each multiprocessor, as long as there are streams.
void gatun_cuda_grid_streams::choose(const gatun_cuda_launch& wanted) {
    using namespace gatun::gpu::grids;
    const int64_t each = (count_ + device().processors - 1) / device().processors;
    int32_t widest = 0;
    for (int32_t i = 0; i < native_.operation_count; ++i) widest = std::max(widest, native_.operations[i].outputs);
    launch_.streams =
        wanted.streams != 0 ? wanted.streams : static_cast<int32_t>(std::min<int64_t>(each, kMostStreams));
    launch_.threads = wanted.threads != 0 ? wanted.threads : widest <= kNarrow ? kFewer : kMostThreads;
    launch_.tile = wanted.tile != 0 ? wanted.tile : kMostTile;
}

gatun::gpu::grids::Tables gatun_cuda_grid_streams::tables_of(const gatun::gpu::grids::Plan& plan) {
    gatun::gpu::grids::Pieces all;
    gatun::gpu::grids::Tables tables{};
    const gatun::gpu::grids::Program program = plan.program();
    tables.whens = all.add(program.whens, program.operation_count);
    tables.operations = all.add(program.operations, program.operation_count);
    tables.slots = all.add(program.slots, program.slot_count);
    tables.taps = all.add(program.taps, program.tap_count);
    tables.ends = all.add(program.section_ends, program.channels + 2);
    tables.bytes = static_cast<int32_t>(all.bytes.size());
    pieces_ = std::move(all.bytes);
    return tables;
}

void gatun_cuda_grid_streams::plan() {
    using namespace gatun::gpu::grids;
    const Plan bare(native_, launch_, 0);
    tables_ = tables_of(bare);
    const size_t most = std::min(kMostShared, device().shared_bytes);
    const int64_t scratch = bare.program().scratch_floats * launch_.streams * static_cast<int64_t>(sizeof(float));
    tables_.scratch = scratch <= kMostScratch ? 1 : 0;
    const auto rest = [&] { return shared_bytes(bare.program(), launch_, tables_); };
    tables_.near = 1;
    if (pieces_.size() > kMostTables || rest() > most) tables_.near = 0;
    if (rest() > most) {
        throw gatun::gpu::Failure(GATUN_UNSUPPORTED, "a program of instructions that read " +
                                                         std::to_string(bare.program().most_taps) +
                                                         " taps: a block of threads has no memory for them");
    }
    const int64_t floats = static_cast<int64_t>((most - rest()) / sizeof(float)) / launch_.streams;
    const Plan own(native_, launch_, floats);
    const Tables chosen = tables_;
    tables_ = tables_of(own);
    tables_.near = chosen.near;
    tables_.scratch = chosen.scratch;
    tables_.from = gatun::gpu::upload(piece_memory_, pieces_, queue_.get(), "copying a program's tables");
    queue_.wait();
    walked_ = with_tables(own.program(), tables_, tables_.from);
    if (tables_.scratch == 0) {
        scratch_.room_for<float>(walked_.scratch_floats * count_, "memory for what draws need");
    }
}

// Levels outside of the data are -1, all else is zero: of parts of so many streams.
void gatun_cuda_grid_streams::clear(int64_t first, int64_t parts, int64_t streams) {
    if (parts == 0 || streams == 0 || native_.state_floats == 0) return;
    auto* state = static_cast<float*>(state_.get()) + native_.state_floats * first;
    const size_t part = gatun::gpu::bytes_of<float>(native_.state_floats * streams);
    for (int32_t i = 0; i < native_.slot_count; ++i) {
        const gatun_grid_slot& slot = native_.slots[i];
        if (slot.levels == 0) continue;
        const int64_t places = (int64_t{slot.left} + slot.columns + slot.right) * slot.rows;
        gatun::gpu::check(cudaMemset2DAsync(state + slot.offset * streams, part, 0xff,
                                            gatun::gpu::bytes_of<float>(places * slot.features * streams),
                                            static_cast<size_t>(parts), queue_.get()),
                          "clearing the state");
    }
}

void gatun_cuda_grid_streams::reset() {
    const int64_t floats = std::max<int64_t>(native_.state_floats * count_, 1), whole = count_ / launch_.streams;
    gatun::gpu::check(cudaMemsetAsync(state_.get(), 0, gatun::gpu::bytes_of<float>(floats), queue_.get()),
                      "clearing the state");
    clear(0, whole, launch_.streams);
    clear(whole * launch_.streams, 1, count_ % launch_.streams);
    queue_.wait();
}

// The run as the device sees it. Arrays begin with the first position of a pixel, whose other channels a draw may read.
gatun::gpu::grids::Run gatun_cuda_grid_streams::there(const gatun_grid_run& run) {
    using gatun::gpu::upload;
    const cudaStream_t stream = queue_.get();
    gatun::gpu::grids::Run there{};
    there.base = run.first_position - run.first_position % native_.channels;
    const int64_t columns = run.first_position + run.positions - there.base, stride = run.values.stride_example;
    const bool read = run.known != nullptr || there.base != run.first_position;
    const auto from = [&](auto* array) { return array == nullptr ? nullptr : array + there.base; };
    there.state = static_cast<float*>(state_.get());
    there.noise = run.noise;
    there.values.levels =
        levels_.start(from(run.values.levels), stride, count_, columns, read, stream, "copying values");
    there.values.reals = reals_.start(from(run.values.reals), stride, count_, columns, read, stream, "copying values");
    there.values.stride_example = columns;
    // What is not written here must come back as it was.
    there.log_prob =
        log_prob_.start(from(run.log_prob), stride, count_, columns, true, stream, "copying log-probabilities");
    there.known = known_.start(const_cast<uint8_t*>(from(run.known)), stride, count_, columns, true, stream,
                               "copying what is known");
    bring_frames(run, there);
    there.classes = upload(classes_, run.classes, count_, stream, "copying classes");
    there.first_position = run.first_position;
    there.positions = run.positions;
    there.streams = count_;
    there.scratch = static_cast<float*>(scratch_.get());
    return there;
}

// Those of the rows that the run is on.
void gatun_cuda_grid_streams::bring_frames(const gatun_grid_run& run, gatun::gpu::grids::Run& there) {
    const int64_t every = frame_every_, features = frame_features_;
    int64_t first = 0, end = run.frame_count;
    if (every > 0) {
        const int64_t in_row = int64_t{native_.columns} * native_.channels;
        const int64_t across = (native_.columns + every - 1) / every;
        first = run.first_position / in_row / every * across;
        end = std::min(end, ((run.first_position + run.positions - 1) / in_row / every + 1) * across);
    }
    auto* from = run.frames == nullptr ? nullptr : const_cast<float*>(run.frames) + first * features;
    there.frames = frames_.start(from, run.frame_count * features, count_, (end - first) * features, true, queue_.get(),
                                 "copying frames");
    there.first_frame = first;
    there.frame_count = end - first;
}

void gatun_cuda_grid_streams::launch(const gatun::gpu::grids::Run& run) {
    gatun::gpu::check(gatun::gpu::grids::run_steps(program_->precision(), walked_, run, launch_, tables_, queue_.get()),
                      "starting steps");
}

// What a run wrote.
void gatun_cuda_grid_streams::come_back() {
    levels_.end(queue_.get());
    reals_.end(queue_.get());
    log_prob_.end(queue_.get());
    queue_.wait();
}

void gatun_cuda_grid_streams::run(const gatun_grid_run& run, float* milliseconds) {
    if (milliseconds != nullptr) *milliseconds = 0;
    if (run.positions == 0) return;
    gatun::gpu::grids::Run own = there(run);
    const int64_t piece = int64_t{native_.columns} * native_.channels * gatun::gpu::grids::kRowsAtOnce;
    const int64_t end = run.first_position + run.positions;
    queue_.begin();
    for (int64_t position = run.first_position, next = 0; position < end; position = next) {
        next = std::min(end, position - position % piece + piece);
        own.first_position = position;
        own.positions = next - position;
        launch(own);
    }
    queue_.end();
    come_back();
    if (milliseconds != nullptr) *milliseconds = queue_.milliseconds();
}

void gatun_cuda_grid_streams::outputs(const gatun_grid_run& run, float* outputs) {
    gatun::gpu::check_half(run.positions);
    gatun::gpu::grids::Run own = there(gatun::gpu::before_draw(run));
    const int64_t floats = gatun::distribution_outputs(native_.distribution) * count_;
    own.half = gatun::gpu::grids::Half::kBeforeDraw;
    own.outputs = outputs_.room_for<float>(floats, "memory for outputs");
    launch(own);
    gatun::gpu::fetch(outputs, own.outputs, floats, queue_, "copying outputs");
}

void gatun_cuda_grid_streams::take(const gatun_grid_run& run) {
    gatun::gpu::check_half(run.positions);
    gatun::gpu::grids::Run own = there(run);
    own.half = gatun::gpu::grids::Half::kFromDraw;
    launch(own);
    come_back();
}

void gatun_cuda_grid_streams::copy(const gatun_cuda_grid_streams& from) {
    if (from.program_ != program_ || from.count_ != count_ || from.launch_.streams != launch_.streams) {
        throw gatun::gpu::Failure(GATUN_INVALID_ARGUMENT,
                                  "a copy of streams of another program, or that are not as many or spread otherwise");
    }
    gatun::gpu::copy_state(state_, from.state_, native_.state_floats * count_, queue_, from.queue_);
}

void gatun_cuda_grid_streams::state(float* to) {
    gatun::gpu::fetch(to, state_.get(), native_.state_floats * count_, queue_, "copying the state");
}

extern "C" {

int32_t gatun_cuda_grid_streams_create(gatun_cuda_grid* program, int64_t count, const gatun_cuda_launch* launch,
                                       gatun_cuda_grid_streams** streams, char* text, int32_t capacity) {
    *streams = nullptr;
    return gatun::gpu::entry(text, capacity, [&] {
        const gatun_cuda_launch wanted = launch == nullptr ? gatun_cuda_launch{} : *launch;
        gatun::gpu::grids::check_launch(wanted);
        program->it->device().use();
        *streams = new gatun_cuda_grid_streams(program->it, count, wanted);
    });
}

void gatun_cuda_grid_streams_destroy(gatun_cuda_grid_streams* streams) {
    if (streams != nullptr) cudaSetDevice(streams->device().number);
    delete streams;
}

void gatun_cuda_grid_launch(const gatun_cuda_grid_streams* streams, gatun_cuda_launch* launch) {
    const gatun::gpu::grids::Launch own = streams->launch();
    *launch = {own.threads, own.streams, own.tile, 1, 0};
}

int32_t gatun_cuda_grid_reset(gatun_cuda_grid_streams* streams, char* text, int32_t capacity) {
    return gatun::gpu::entry(text, capacity, [&] {
        streams->device().use();
        streams->reset();
    });
}

int32_t gatun_cuda_grid_run(gatun_cuda_grid_streams* streams, const gatun_grid_run* run, float* milliseconds,
                            char* text, int32_t capacity) {
    return gatun::gpu::entry(text, capacity, [&] {
        streams->device().use();
        streams->run(*run, milliseconds);
    });
}

int32_t gatun_cuda_grid_outputs(gatun_cuda_grid_streams* streams, const gatun_grid_run* run, float* outputs, char* text,
                                int32_t capacity) {
    return gatun::gpu::entry(text, capacity, [&] {
        streams->device().use();
        streams->outputs(*run, outputs);
    });
}

int32_t gatun_cuda_grid_take(gatun_cuda_grid_streams* streams, const gatun_grid_run* run, char* text,
                             int32_t capacity) {
    return gatun::gpu::entry(text, capacity, [&] {
        streams->device().use();
        streams->take(*run);
    });
}

int32_t gatun_cuda_grid_copy(gatun_cuda_grid_streams* streams, const gatun_cuda_grid_streams* from, char* text,
                             int32_t capacity) {
    return gatun::gpu::entry(text, capacity, [&] {
        streams->device().use();
        streams->copy(*from);
    });
}

int32_t gatun_cuda_grid_state(gatun_cuda_grid_streams* streams, float* state, char* text, int32_t capacity) {
    return gatun::gpu::entry(text, capacity, [&] {
        streams->device().use();
        streams->state(state);
    });
}
}
