#include "cuda/choice.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "core/lines.h"
#include "cuda/block_layout.h"
#include "cuda/cluster_layout.h"
#include "cuda/failure.h"
#include "cuda/tiles.h"

namespace gatun::gpu {
namespace {

constexpr int64_t kMostStreams = 4096;     // of a block
constexpr int64_t kMostTables = 48 << 10;  // bytes that lie near

constexpr int64_t kLeastStaged = 1024;  // floats

// On an H200 the fastest for 20 layers of 64 features; 4 and 16 were at most a seventh faster for other WaveNets.
constexpr int32_t kChosenBlocks = 8;

// A step by so many blocks, in times of what handing over alone takes: within a quarter of three WaveNets on an H200.
double step_time(int32_t blocks) { return 1 + 2.5 / blocks; }

// Floats of whole lines.
int64_t lines(int64_t bytes) { return whole_lines(bytes) / static_cast<int64_t>(sizeof(float)); }

}  // namespace

void check_launch(const gatun_cuda_launch& wanted) {
    const bool threads =
        wanted.threads == 0 || (wanted.threads >= 32 && wanted.threads <= kMostThreads && wanted.threads % 32 == 0);
    const bool streams = wanted.streams >= 0 && wanted.streams <= kMostStreams;
    const bool tile = wanted.tile == 0 || wanted.tile == 1 || wanted.tile == 2 || wanted.tile == 4 || wanted.tile == 8;
    const int32_t shared = wanted.blocks;
    const bool blocks = shared >= 0 && shared <= kMostBlocks && (shared & (shared - 1)) == 0;
    const bool staged = wanted.staged >= -1 && wanted.staged <= 1;
    if (threads && streams && tile && blocks && staged) return;
    throw Failure(GATUN_INVALID_ARGUMENT, "a launch of " + std::to_string(wanted.threads) + " threads, " +
                                              std::to_string(wanted.streams) + " streams a block, tiles of " +
                                              std::to_string(wanted.tile));
}

Launch spread_out(int64_t streams, const gatun_cuda_launch& wanted, int32_t processors) {
    const int64_t each = (streams + processors - 1) / processors;
    Launch launch{};
    launch.streams = wanted.streams != 0 ? wanted.streams : static_cast<int32_t>(std::min(each, kMostStreams));
    launch.tile = wanted.tile;
    for (int32_t tile = 4; launch.tile == 0; tile /= 2) {
        if (tile <= launch.streams) launch.tile = tile;
    }
    return launch;
}

int32_t threads_for(const Plan& plan, const Launch& launch, int64_t streams) {
    const int64_t useful = plan.widest(std::min<int64_t>(streams, launch.streams), launch.tile) * GATUN_LANES;
    return static_cast<int32_t>(std::clamp<int64_t>((useful + 31) / 32 * 32, 64, kMostThreads));
}

Choice::Choice(const gatun_step_program& program, int64_t streams, const gatun_cuda_launch& wanted, const Room& room,
               AtOnce at_once)
    : program_(program), count_(streams), room_(room), at_once_(std::move(at_once)) {
    const bool any = wanted.threads == 0 && wanted.streams == 0 && wanted.tile == 0 && wanted.staged == 0;
    if (any && (wanted.blocks != 0 || count_ <= room_.processors) && choose_clusters(wanted.blocks)) return;
    tables = {};
    pieces.clear();
    choose_blocks(wanted);
}

// Floats of fast memory that a stream of a block may take, beside tables.
int64_t Choice::fast_floats(int64_t near) const {
    // Scratch slots come on top of the program's: at most one an instruction.
    const auto rows = static_cast<int64_t>(sizeof(int32_t)) * 2 * (program_.slot_count + program_.operation_count);
    const int64_t most = static_cast<int64_t>(room_.shared_bytes) - rows - near;
    if (most < 0) {
        throw Failure(GATUN_UNSUPPORTED, "a program of " + std::to_string(program_.slot_count) +
                                             " slots: their rows take more than the " +
                                             std::to_string(room_.shared_bytes) + " bytes that a block of threads has");
    }
    return most / static_cast<int64_t>(sizeof(float)) / launch.streams / GATUN_LANES * GATUN_LANES;
}

void Choice::choose_blocks(const gatun_cuda_launch& wanted) {
    launch = spread_out(count_, wanted, room_.processors);
    const Piece bare(Plan(program_, 0), nullptr, 0);
    const bool near = bare.tables.bytes <= kMostTables;
    const int64_t fast = fast_floats(near ? bare.tables.bytes : 0);
    plan = std::make_unique<Plan>(program_, fast);
    launch.threads = wanted.threads != 0 ? wanted.threads : threads_for(*plan, launch, count_);
    if (near) lay_out(nullptr);
    if (near && wanted.staged >= 0 && room_.clusters) stage(fast, wanted);
}

// What the plan and its tables leave of a block's memory is for copies ahead, if that is worth while.
void Choice::stage(int64_t fast, const gatun_cuda_launch& wanted) {
    const Launch without = launch;
    launch.staged = 1;
    if (wanted.threads == 0) launch.threads = std::min(launch.threads + kWarp, kMostThreads);  // one copies
    for (int64_t most = bytes_left() / static_cast<int64_t>(sizeof(float)); most >= kLeastStaged;) {
        plan = std::make_unique<Plan>(program_, fast);
        const Staging staging(*plan, most, launch.streams);
        if (staging.batches.empty()) break;
        if (wanted.tile == 0)
            choose_tiles(*plan, launch.streams, std::max(launch.threads - kWarp, kWarp) / GATUN_LANES);
        lay_out(nullptr, &staging);
        const int64_t over = -bytes_left();
        if (over <= 0) return;
        most -= lines(over);
    }
    launch = without;
    plan = std::make_unique<Plan>(program_, fast);
    lay_out(nullptr);
}

int64_t Choice::bytes_left() const {
    return static_cast<int64_t>(room_.shared_bytes) -
           static_cast<int64_t>(BlockLayout(plan->program(), launch, tables).bytes);
}

// The blocks for a stream with which all streams are through soonest, or as many as are wanted. False where it cannot
// be.
bool Choice::choose_clusters(int32_t wanted) {
    if (!room_.clusters || !Schedule::fits(Plan(program_, 0))) return false;
    if (wanted != 0) return schedule(wanted) && at_once() > 0;
    int32_t best = 0;
    double least = std::numeric_limits<double>::infinity();
    for (int32_t blocks = kChosenBlocks; blocks >= 1; blocks /= 2) {
        const int64_t together = schedule(blocks) ? at_once() : 0;
        if (together == 0) continue;
        const int64_t turns = (count_ + together - 1) / together;
        const double time = static_cast<double>(turns) * step_time(blocks);
        if (time < least) {
            least = time;
            best = blocks;
        }
        if (together >= count_) break;  // fewer blocks take longer
    }
    return best != 0 && (best == launch.blocks || schedule(best));
}

// By how many bytes a block with a schedule is larger than a device's may be.
int64_t Choice::excess(const Schedule& schedule) const {
    const Tables own = Piece(*plan, &schedule, 0).tables;
    return static_cast<int64_t>(ClusterLayout(plan->program(), own).bytes) - static_cast<int64_t>(room_.shared_bytes);
}

// The plan, tables and weights of so many blocks for a stream, if it can be.
bool Choice::schedule(int32_t blocks) {
    constexpr int64_t kPlenty = int64_t{1} << 28;
    launch = {kMostThreads, 1, 1, blocks};
    plan = std::make_unique<Plan>(program_, kPlenty, true);
    // The more weights pass through a block's memory, the longer are its tables: as much as both have room for, sought
    // from what the tables would leave if no weights came.
    const Schedule bare(*plan, blocks, 0);
    for (int64_t most = bare.floats - lines(excess(bare));;) {
        const Schedule own(*plan, blocks, most);
        if (!own.runs()) return false;
        const int64_t over = excess(own);
        if (over > 0) {
            most -= lines(over);
            continue;
        }
        launch.threads = (own.workers + 2) * kWarp;
        lay_out(&own);
        return true;
    }
}

// The tables as blocks copy them: a piece for each that shares a stream.
void Choice::lay_out(const Schedule* schedule, const Staging* staging) {
    pieces.clear();
    for (size_t i = 0; i < (schedule == nullptr ? 1 : schedule->blocks.size()); ++i) {
        const Piece piece(*plan, schedule, i, staging);
        tables = piece.tables;
        pieces.insert(pieces.end(), piece.bytes.begin(), piece.bytes.end());
    }
}

}  // namespace gatun::gpu
