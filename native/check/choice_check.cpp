// What launches of the benchmark's WaveNets are chosen for an H200: one that no longer fits is silently replaced by a
// slower one of the same bits.
#include <algorithm>

#include "cases.h"
#include "cuda/block_layout.h"
#include "cuda/choice.h"
#include "cuda/cluster_layout.h"
#include "cuda/failure.h"
#include "cuda/laid.h"
#include "step_programs.h"
#include "unit_programs.h"

namespace gatun::check {
namespace {

constexpr gpu::Room kH200 = {(227 << 10) - gpu::kOwnBytes, 132, true};
constexpr int64_t kShared = 228 << 10;  // bytes of a multiprocessor, of which each block takes one thousand more
constexpr int64_t kThreadsOfOne = 2048;
// Multiprocessors of each part of the device in which a cluster has to be.
constexpr int64_t kParts[] = {16, 16, 16, 16, 16, 18, 18, 16};

int64_t at_once_on_h200(const gpu::Program& program, const gpu::Launch& launch, const gpu::Tables& tables) {
    const auto bytes = static_cast<int64_t>(gpu::ClusterLayout(program, tables).bytes) + 1024;
    const int64_t of_one = std::min(kShared / bytes, kThreadsOfOne / launch.threads);
    int64_t all = 0;
    for (const int64_t part : kParts) all += part * of_one / launch.blocks;
    return all;
}

struct Chosen {
    int64_t count;
    int32_t blocks, streams, tile;
};

void check_choices(const WaveNetShape& shape, const std::vector<Chosen>& expected) {
    Random random("choices");
    const WaveNetProgram from(shape, random);
    const gatun_step_program program = from.native();
    for (const Chosen& each : expected) {
        CAPTURE(each.count);
        const gpu::Choice choice(program, each.count, {}, kH200, at_once_on_h200);
        CHECK(choice.launch.blocks == each.blocks);
        CHECK(choice.launch.streams == each.streams);
        CHECK(choice.launch.tile == each.tile);
        // Tables lie near.
        CHECK(choice.tables.bytes > 0);
        CHECK(choice.pieces.size() ==
              static_cast<size_t>(choice.tables.bytes) * static_cast<size_t>(std::max(choice.launch.blocks, 1)));
    }
}

TEST_CASE("choice: an H200's launches of W1, W2 and nv-wavenet's network") {
    check_choices({20, 64, 256, 256, 2, 512}, {{1, 8, 1, 1}, {64, 2, 1, 1}, {1024, 0, 8, 4}});
    check_choices({40, 128, 256, 256, 2, 512}, {{1, 8, 1, 1}, {64, 2, 1, 1}, {1024, 0, 8, 4}});
    check_choices({20, 64, 128, 256, 2, 512}, {{1, 8, 1, 1}, {16, 8, 1, 1}, {64, 2, 1, 1}, {1024, 0, 8, 4}});
}

// Of the weights of products that are made in each step, how many are copied ahead.
double share_ahead(const gpu::Plan& plan) {
    double near = 0, all = 0;
    for (const gpu::Part& part : plan.parts) {
        if (part.work != gpu::Work::kAffine || part.op.every != 1) continue;
        const double weights = static_cast<double>(part.op.tap_count) * part.op.inputs * part.op.outputs;
        all += weights;
        near += weights * part.near_blocks / part.turn_blocks;
    }
    return near / all;
}

TEST_CASE("choice: an H200 copies weights ahead") {
    Random random("ahead");
    const auto share_of = [&](const WaveNetShape& shape) {
        const WaveNetProgram from(shape, random);
        const gatun_step_program program = from.native();
        const gpu::Choice choice(program, 1024, {}, kH200, at_once_on_h200);
        CHECK(choice.launch.staged == 1);
        CHECK(gpu::BlockLayout(choice.plan->program(), choice.launch, choice.tables).bytes <= kH200.shared_bytes);
        return share_ahead(*choice.plan);
    };
    CHECK(share_of({20, 64, 256, 256, 2, 512}) > 0.85);
    CHECK(share_of({20, 64, 128, 256, 2, 512}) > 0.9);
    CHECK(share_of({40, 128, 256, 256, 2, 512}) > 0.3);
    for (const bool made : {false, true}) {
        const BinaryProgram from(made, 784, 500, random);
        const gatun_step_program program = from.native();
        const gpu::Choice choice(program, 16, {}, kH200, at_once_on_h200);
        CHECK(choice.launch.staged == 1);
        // Sums begin; logit, draw and value; they are taken in; and so are units.
        CHECK(choice.plan->waves.size() - 1 == (made ? 4 : 3));
        for (const gpu::Part& part : choice.plan->parts)
            CHECK((part.op.weights == nullptr || part.near >= 0 || part.op.kind == GATUN_STEP_ENCODE));
        const gpu::Choice without(program, 16, {0, 0, 0, 0, -1}, kH200, at_once_on_h200);
        CHECK(without.launch.staged == 0);
    }
}

// The same program with weights that are kept as bf16.
struct Halved {
    explicit Halved(const gatun_step_program& from)
        : operations(from.operations, from.operations + from.operation_count) {
        for (gatun_step_operation& op : operations) op.precision = gpu::multiplies(op) ? GATUN_BF16 : GATUN_F32;
        program = from;
        program.operations = operations.data();
    }
    Halved(const Halved&) = delete;
    Halved& operator=(const Halved&) = delete;

    std::vector<gatun_step_operation> operations;
    gatun_step_program program;
};

// Tasks whose weights stay in the memory of 16 blocks that share a stream.
int64_t tasks_that_stay(const gatun_step_program& program) {
    const gpu::Plan plan(program, int64_t{1} << 28, true);
    constexpr int64_t kTables = 8192;  // floats
    const gpu::Schedule schedule(plan, 16, static_cast<int64_t>(kH200.shared_bytes / sizeof(float)) - kTables);
    int64_t stay = 0;
    for (const gpu::Schedule::Block& block : schedule.blocks) {
        stay += std::ranges::count_if(block.tasks, [](const auto& task) { return task.place == gpu::Place::kNear; });
    }
    return stay;
}

TEST_CASE("choice: of bf16 weights more have room") {
    Random random("bf16");
    const WaveNetProgram wide({40, 128, 256, 256, 2, 512}, random), narrow({20, 64, 256, 256, 2, 512}, random);
    const gatun_step_program of_wide = wide.native(), of_narrow = narrow.native();
    const Halved half_of_wide(of_wide), half_of_narrow(of_narrow);
    const auto turns = [](const gatun_step_program& program) {
        const gpu::Choice choice(program, 1024, {}, kH200, at_once_on_h200);
        CHECK(gpu::BlockLayout(choice.plan->program(), choice.launch, choice.tables).bytes <= kH200.shared_bytes);
        return choice.tables.ahead.turn_count;
    };
    CHECK(turns(half_of_wide.program) < turns(of_wide) / 2);
    CHECK(turns(half_of_narrow.program) < turns(of_narrow));
    CHECK(tasks_that_stay(of_narrow) == 0);
    CHECK(tasks_that_stay(half_of_narrow.program) > 0);
}

TEST_CASE("choice: a device without clusters, and launches that are wanted") {
    Random random("wanted");
    const WaveNetProgram from({20, 64, 256, 256, 2, 512}, random);
    const gatun_step_program program = from.native();
    gpu::Room room = kH200;
    CHECK(gpu::Choice(program, 1, {0, 0, 0, 4, 0}, room, at_once_on_h200).launch.blocks == 4);
    const gpu::Choice wanted(program, 100, {256, 4, 2, 0, 0}, room, at_once_on_h200);
    CHECK(wanted.launch.blocks == 0);
    CHECK(wanted.launch.threads == 256);
    CHECK(wanted.launch.streams == 4);
    CHECK(wanted.launch.tile == 2);
    room.clusters = false;
    const gpu::Choice alone(program, 1, {}, room, at_once_on_h200);
    CHECK(alone.launch.blocks == 0);
    CHECK(alone.launch.streams == 1);
    room.shared_bytes = 100;
    CHECK_THROWS_AS(gpu::Choice(program, 1, {}, room, at_once_on_h200), gpu::Failure);
    CHECK_THROWS_AS(gpu::check_launch({100, 0, 0, 0, 0}), gpu::Failure);
    CHECK_THROWS_AS(gpu::check_launch({0, 0, 3, 0, 0}), gpu::Failure);
    CHECK_THROWS_AS(gpu::check_launch({0, 0, 0, 32, 0}), gpu::Failure);
}

}  // namespace
}  // namespace gatun::check
