// Streams of a program on a device: their state, and the arrays of a run, copied there and back.
#include <algorithm>
#include <limits>
#include <memory>
#include <utility>

#include "cuda/cluster.h"
#include "cuda/kernel.h"
#include "cuda/program.h"
#include "cuda/tables.h"
#include "cuda/transfer.h"

namespace gatun::gpu {
namespace {

constexpr int64_t kMostStreams = 4096;  // of a block

// A step by so many blocks, in times of what handing over alone takes: within a quarter of three WaveNets on an H200.
double step_time(int32_t blocks) { return 1 + 2.5 / blocks; }

}  // namespace
}  // namespace gatun::gpu

struct gatun_cuda_streams {
    gatun_cuda_streams(std::shared_ptr<const gatun::gpu::DeviceProgram> of, int64_t count,
                       const gatun_cuda_launch& wanted);

    void reset();
    void reset_stream(int64_t stream);
    void step(const gatun_step_run& run, float* milliseconds);
    void state(float* to);
    std::vector<int64_t> clocks();
    gatun::gpu::Launch launch() const { return launch_; }
    const gatun::gpu::Device& device() const { return program_->device(); }

private:
    static constexpr int32_t kMostTables = 48 << 10;  // bytes that lie near

    void choose(const gatun_cuda_launch& wanted);
    void choose_blocks(const gatun_cuda_launch& wanted);
    bool choose_clusters(int32_t wanted);
    int64_t at_once() const;
    bool schedule(int32_t blocks);
    size_t rest_bytes() const;
    int64_t fast_floats(int64_t tables) const;
    void copy_pieces(const gatun::gpu::Schedule* schedule);
    void copy_plan();
    gatun_step_run there(const gatun_step_run& run);

    const std::shared_ptr<const gatun::gpu::DeviceProgram> program_;
    const gatun_step_program native_;
    const int64_t count_;
    gatun::gpu::Launch launch_{};
    std::unique_ptr<gatun::gpu::Plan> plan_;
    gatun::gpu::Program walked_{};
    gatun::gpu::Tables tables_{};
    std::vector<std::byte> pieces_;
    int32_t frame_features_ = 0;
    gatun::gpu::Queue queue_;
    gatun::gpu::Memory clocks_, piece_memory_, parts_, waves_, slots_, distances_, places_, state_, frames_, classes_,
        each_;
    gatun::gpu::Window<int32_t> levels_;
    gatun::gpu::Window<float> reals_, log_prob_;
    gatun::gpu::Window<uint8_t> known_;
};

gatun_cuda_streams::gatun_cuda_streams(std::shared_ptr<const gatun::gpu::DeviceProgram> of, int64_t count,
                                       const gatun_cuda_launch& wanted)
    : program_(std::move(of)), native_(program_->native()), count_(count) {
    for (int32_t i = 0; i < native_.operation_count; ++i) {
        if (native_.operations[i].kind == GATUN_STEP_FRAME) frame_features_ = native_.operations[i].outputs;
    }
    choose(wanted);
    copy_plan();
    state_.room_for<float>(std::max<int64_t>(plan_->state_floats * count_, 1),
                           "memory for the state of " + std::to_string(count) + " streams");
    reset();
}

// Bytes of a block's memory besides slots, weights and what is brought.
size_t gatun_cuda_streams::rest_bytes() const {
    // Scratch slots come on top of the program's: at most one an instruction.
    return sizeof(int32_t) * 2 *
           (static_cast<size_t>(native_.slot_count) + static_cast<size_t>(native_.operation_count));
}

// Floats of fast memory that a stream of a block may take, beside tables.
int64_t gatun_cuda_streams::fast_floats(int64_t tables) const {
    const int64_t most = static_cast<int64_t>(device().shared_bytes) - static_cast<int64_t>(rest_bytes()) - tables;
    if (most < 0) {
        throw gatun::gpu::Failure(GATUN_UNSUPPORTED, "a program of " + std::to_string(native_.slot_count) +
                                                         " slots: their rows take more than the " +
                                                         std::to_string(device().shared_bytes) +
                                                         " bytes that a block of threads has");
    }
    return most / static_cast<int64_t>(sizeof(float)) / launch_.streams / GATUN_LANES * GATUN_LANES;
}

void gatun_cuda_streams::choose(const gatun_cuda_launch& wanted) {
    const bool any = wanted.threads == 0 && wanted.streams == 0 && wanted.tile == 0;
    if (any && (wanted.blocks != 0 || count_ <= device().processors) && choose_clusters(wanted.blocks)) return;
    tables_ = {};
    choose_blocks(wanted);
}

// A block for each multiprocessor, as long as there are streams; as many threads as the widest wave has use for.
void gatun_cuda_streams::choose_blocks(const gatun_cuda_launch& wanted) {
    const int64_t each = (count_ + device().processors - 1) / device().processors;
    launch_ = {};
    launch_.streams =
        wanted.streams != 0 ? wanted.streams : static_cast<int32_t>(std::min(each, gatun::gpu::kMostStreams));
    launch_.tile = wanted.tile;
    for (int32_t tile = 4; launch_.tile == 0; tile /= 2) {
        if (tile <= launch_.streams) launch_.tile = tile;
    }
    const gatun::gpu::Piece bare(gatun::gpu::Plan(native_, 0), nullptr, 0);
    const bool near = bare.tables.bytes <= kMostTables;
    plan_ = std::make_unique<gatun::gpu::Plan>(native_, fast_floats(near ? bare.tables.bytes : 0));
    if (near) copy_pieces(nullptr);
    const int64_t useful = plan_->widest(std::min<int64_t>(count_, launch_.streams), launch_.tile) * GATUN_LANES;
    launch_.threads =
        wanted.threads != 0
            ? wanted.threads
            : static_cast<int32_t>(std::clamp<int64_t>((useful + 31) / 32 * 32, 64, gatun::gpu::kMostThreads));
}

// The blocks for a stream with which all streams are through soonest, or as many as are wanted. False where it cannot
// be.
bool gatun_cuda_streams::choose_clusters(int32_t wanted) {
    // On an H200 the fastest for 20 layers of 64 features; 4 and 16 were at most a seventh faster for other WaveNets.
    constexpr int32_t kChosenBlocks = 8;
    if (!device().clusters || !gatun::gpu::Schedule::fits(gatun::gpu::Plan(native_, 0))) return false;
    if (wanted != 0) return schedule(wanted) && at_once() > 0;
    int32_t best = 0;
    double least = std::numeric_limits<double>::infinity();
    for (int32_t blocks = kChosenBlocks; blocks >= 1; blocks /= 2) {
        const int64_t together = schedule(blocks) ? at_once() : 0;
        if (together == 0) continue;
        const double time = static_cast<double>((count_ + together - 1) / together) * gatun::gpu::step_time(blocks);
        if (time < least) {
            least = time;
            best = blocks;
        }
        if (together >= count_) break;  // fewer blocks take longer
    }
    return best != 0 && (best == launch_.blocks || schedule(best));
}

// Streams that run at once by the schedule that was made last.
int64_t gatun_cuda_streams::at_once() const {
    int count = 0;
    gatun::gpu::check(gatun::gpu::count_clusters(plan_->program(), launch_, tables_, &count),
                      "asking how many streams run at once");
    return count;
}

// The plan, tables and weights of so many blocks for a stream, if it can be.
bool gatun_cuda_streams::schedule(int32_t blocks) {
    using gatun::gpu::Schedule;
    constexpr int64_t kPlenty = int64_t{1} << 28;
    launch_ = {gatun::gpu::kMostThreads, 1, 1, blocks};
    plan_ = std::make_unique<gatun::gpu::Plan>(native_, kPlenty, true);
    const auto excess = [&](const Schedule& own) {
        const gatun::gpu::Tables tables = gatun::gpu::Piece(*plan_, &own, 0).tables;
        return static_cast<int64_t>(gatun::gpu::cluster_bytes(plan_->program(), tables)) -
               static_cast<int64_t>(device().shared_bytes);
    };
    const auto lines = [](int64_t bytes) {
        constexpr auto kLine = static_cast<int64_t>(GATUN_LANES * sizeof(float));
        return (bytes + kLine - 1) / kLine * GATUN_LANES;
    };
    // The more weights pass through a block's memory, the longer are its tables: as much as both have room for, sought
    // from what the tables would leave if no weights came.
    const Schedule bare(*plan_, blocks, 0);
    for (int64_t most = bare.floats - lines(excess(bare));;) {
        const Schedule own(*plan_, blocks, most);
        if (!own.runs()) return false;
        const int64_t over = excess(own);
        if (over > 0) {
            most -= lines(over);
            continue;
        }
        launch_.threads = (own.workers + 2) * gatun::gpu::kWarp;
        copy_pieces(&own);
        tables_.clocks = clocks_.room_for<int64_t>(static_cast<int64_t>(plan_->waves.size()), "memory for clocks");
        return true;
    }
}

// The tables as blocks copy them: a piece for each that shares a stream.
void gatun_cuda_streams::copy_pieces(const gatun::gpu::Schedule* schedule) {
    pieces_.clear();
    for (size_t i = 0; i < (schedule == nullptr ? 1 : schedule->blocks.size()); ++i) {
        const gatun::gpu::Piece piece(*plan_, schedule, i);
        tables_ = piece.tables;
        pieces_.insert(pieces_.end(), piece.bytes.begin(), piece.bytes.end());
    }
    tables_.from = gatun::gpu::upload(piece_memory_, pieces_, queue_.get(), "copying a program's tables");
    queue_.wait();
}

void gatun_cuda_streams::copy_plan() {
    using gatun::gpu::upload;
    const char* what = "copying a program";
    const cudaStream_t stream = queue_.get();
    walked_ = plan_->program();
    walked_.parts = upload(parts_, plan_->parts, stream, what);
    walked_.waves = upload(waves_, plan_->waves, stream, what);
    walked_.slots = upload(slots_, plan_->slots, stream, what);
    walked_.distances = upload(distances_, plan_->distances, stream, what);
    walked_.places = upload(places_, native_.places, native_.chain, stream, what);
}

std::vector<int64_t> gatun_cuda_streams::clocks() {
    std::vector<int64_t> all(launch_.blocks == 0 ? 0 : plan_->waves.size() - 1);
    if (all.empty()) return all;
    gatun::gpu::check(
        cudaMemcpyAsync(all.data(), clocks_.get(), gatun::gpu::bytes_of<int64_t>(static_cast<int64_t>(all.size())),
                        cudaMemcpyDeviceToHost, queue_.get()),
        "copying clocks");
    queue_.wait();
    return all;
}

void gatun_cuda_streams::reset() {
    auto* state = static_cast<float*>(state_.get());
    const char* what = "clearing the state";
    gatun::gpu::check(
        cudaMemsetAsync(state, 0, gatun::gpu::bytes_of<float>(plan_->state_floats * count_), queue_.get()), what);
    for (const gatun::gpu::Slot& slot : plan_->slots) {
        if (slot.levels == 0) continue;
        const size_t bytes = gatun::gpu::bytes_of<float>(int64_t{slot.features} * slot.depth * count_);
        gatun::gpu::check(cudaMemsetAsync(state + slot.offset * count_, 0xff, bytes, queue_.get()), what);
    }
    queue_.wait();
}

void gatun_cuda_streams::reset_stream(int64_t stream) {
    auto* state = static_cast<float*>(state_.get());
    for (const gatun::gpu::Slot& slot : plan_->slots) {
        const size_t width = gatun::gpu::bytes_of<float>(slot.features);
        gatun::gpu::check(cudaMemset2DAsync(state + slot.offset * count_ + stream * slot.features,
                                            width * static_cast<size_t>(count_), slot.levels == 1 ? 0xff : 0, width,
                                            static_cast<size_t>(slot.depth), queue_.get()),
                          "clearing a stream's state");
    }
    queue_.wait();
}

// The run as the device sees it.
gatun_step_run gatun_cuda_streams::there(const gatun_step_run& run) {
    using gatun::gpu::upload;
    const cudaStream_t stream = queue_.get();
    gatun_step_run there = run;
    // In a program with places the arrays hold the examples' whole rows; of others the steps of the run are copied.
    const int64_t columns = native_.places == nullptr ? run.positions : native_.chain;
    // What is not written here must come back as it was.
    const bool keep = run.each != nullptr || native_.places != nullptr;
    const bool read = keep || run.known != nullptr;
    const int64_t stride = run.values.stride_example;
    there.state = static_cast<float*>(state_.get());
    there.values.levels = levels_.start(run.values.levels, stride, count_, columns, read, stream, "copying values");
    there.values.reals = reals_.start(run.values.reals, stride, count_, columns, read, stream, "copying values");
    there.values.stride_example = columns;
    there.log_prob = log_prob_.start(run.log_prob, stride, count_, columns, keep, stream, "copying log-probabilities");
    there.known =
        known_.start(const_cast<uint8_t*>(run.known), stride, count_, columns, true, stream, "copying what is known");
    there.frames = upload(frames_, run.frames, count_ * run.frame_count * frame_features_, stream, "copying frames");
    there.classes = upload(classes_, run.classes, count_, stream, "copying classes");
    there.each = upload(each_, run.each, count_, stream, "copying streams");
    return there;
}

void gatun_cuda_streams::step(const gatun_step_run& run, float* milliseconds) {
    if (run.positions == 0) {
        // Blocks would end while weights are still on their way to them.
        if (milliseconds != nullptr) *milliseconds = 0;
        return;
    }
    const gatun_step_run own = there(run);
    queue_.begin();
    gatun::gpu::check(gatun::gpu::run_steps(walked_, own, launch_, tables_, queue_.get()), "starting steps");
    queue_.end();
    levels_.end(queue_.get());
    reals_.end(queue_.get());
    log_prob_.end(queue_.get());
    queue_.wait();
    if (milliseconds != nullptr) *milliseconds = queue_.milliseconds();
}

void gatun_cuda_streams::state(float* to) {
    const size_t bytes = gatun::gpu::bytes_of<float>(native_.state_floats * count_);
    gatun::gpu::check(cudaMemcpyAsync(to, state_.get(), bytes, cudaMemcpyDeviceToHost, queue_.get()),
                      "copying the state");
    queue_.wait();
}

namespace gatun::gpu {
namespace {

void check_launch(const gatun_cuda_launch& launch) {
    const bool threads =
        launch.threads == 0 || (launch.threads >= 32 && launch.threads <= kMostThreads && launch.threads % 32 == 0);
    const bool streams = launch.streams >= 0 && launch.streams <= kMostStreams;
    const bool tile = launch.tile == 0 || launch.tile == 1 || launch.tile == 2 || launch.tile == 4 || launch.tile == 8;
    const int32_t shared = launch.blocks;
    const bool blocks = shared >= 0 && shared <= kMostBlocks && (shared & (shared - 1)) == 0;
    if (threads && streams && tile && blocks) return;
    throw Failure(GATUN_INVALID_ARGUMENT, "a launch of " + std::to_string(launch.threads) + " threads, " +
                                              std::to_string(launch.streams) + " streams a block, tiles of " +
                                              std::to_string(launch.tile));
}

}  // namespace
}  // namespace gatun::gpu

extern "C" {

int32_t gatun_cuda_streams_create(gatun_cuda_program* program, int64_t count, const gatun_cuda_launch* launch,
                                  gatun_cuda_streams** streams, char* text, int32_t capacity) {
    *streams = nullptr;
    return gatun::gpu::entry(text, capacity, [&] {
        const gatun_cuda_launch wanted = launch == nullptr ? gatun_cuda_launch{} : *launch;
        gatun::gpu::check_launch(wanted);
        program->it->device().use();
        *streams = new gatun_cuda_streams(program->it, count, wanted);
    });
}

void gatun_cuda_streams_destroy(gatun_cuda_streams* streams) {
    if (streams != nullptr) cudaSetDevice(streams->device().number);
    delete streams;
}

void gatun_cuda_streams_launch(const gatun_cuda_streams* streams, gatun_cuda_launch* launch) {
    const gatun::gpu::Launch own = streams->launch();
    *launch = {own.threads, own.streams, own.tile, own.blocks};
}

int32_t gatun_cuda_reset(gatun_cuda_streams* streams, char* text, int32_t capacity) {
    return gatun::gpu::entry(text, capacity, [&] {
        streams->device().use();
        streams->reset();
    });
}

int32_t gatun_cuda_reset_stream(gatun_cuda_streams* streams, int64_t stream, char* text, int32_t capacity) {
    return gatun::gpu::entry(text, capacity, [&] {
        streams->device().use();
        streams->reset_stream(stream);
    });
}

int32_t gatun_cuda_step(gatun_cuda_streams* streams, const gatun_step_run* run, float* milliseconds, char* text,
                        int32_t capacity) {
    return gatun::gpu::entry(text, capacity, [&] {
        streams->device().use();
        streams->step(*run, milliseconds);
    });
}

int32_t gatun_cuda_wave_clocks(gatun_cuda_streams* streams, int64_t* clocks, int32_t most, int32_t* count, char* text,
                               int32_t capacity) {
    *count = 0;
    return gatun::gpu::entry(text, capacity, [&] {
        streams->device().use();
        const std::vector<int64_t> all = streams->clocks();
        *count = static_cast<int32_t>(all.size());
        std::copy_n(all.begin(), std::min(*count, most), clocks);
    });
}

int32_t gatun_cuda_state(gatun_cuda_streams* streams, float* state, char* text, int32_t capacity) {
    return gatun::gpu::entry(text, capacity, [&] {
        streams->device().use();
        streams->state(state);
    });
}
}
