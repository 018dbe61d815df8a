// The kernel that runs programs of grids as this processor plays it: the groups of threads of a block one after the
// other, in an order that changes from step to step, by vectors in place of sixteen threads.
#include <vector>

#include "cuda/grid/body.h"
#include "cuda/grid/kernel.h"
#include "play.h"

namespace gatun::gpu::grids {
namespace {

namespace body = GATUN_ISA_LEVEL::grids;

template <class W>
void run_block(const Program& program, const Run& run, const Launch& launch, const Tables& tables, int64_t first) {
    const auto streams = static_cast<int32_t>(std::min<int64_t>(launch.streams, run.streams - first));
    OwnFloats fast(program.fast_floats * streams), scratch(program.scratch_floats * streams);
    const body::Block block{
        program, run,         first,
        streams, fast.data(), tables.scratch != 0 ? scratch.data() : run.scratch + first * program.scratch_floats};
    body::Cursor cursor(program, run);
    body::Step steps[2];
    std::vector<int64_t> offsets[2];
    for (auto& each : offsets) each.resize(static_cast<size_t>(program.most_taps));
    const auto bring = [&](int32_t turn) {
        if (!cursor.next()) {
            steps[turn].last = 1;
            return;
        }
        each_of(kWarp,
                [&](int32_t lane) { body::Bringer(block, cursor, steps[turn], offsets[turn].data()).bring(lane); });
    };
    const int32_t groups = (launch.threads - kWarp) / GATUN_LANES;
    each_of(launch.threads, [&](int32_t thread) { body::move_fast(block, false, thread, launch.threads); });
    bring(0);
    for (int32_t turn = 0; steps[turn].last == 0; turn ^= 1) {
        bring(turn ^ 1);
        each_of(groups,
                [&](int32_t group) { body::run_step<W>(block, steps[turn], offsets[turn].data(), group, groups); });
    }
    each_of(launch.threads, [&](int32_t thread) { body::move_fast(block, true, thread, launch.threads); });
}

}  // namespace

size_t shared_bytes(const Program& program, const Launch& launch, const Tables& tables) {
    const auto floats = static_cast<size_t>(program.fast_floats + (tables.scratch != 0 ? program.scratch_floats : 0));
    return sizeof(float) * floats * static_cast<size_t>(launch.streams) +
           (tables.near != 0 ? static_cast<size_t>(tables.bytes) : 0);
}

cudaError_t allow_shared(int) { return cudaSuccess; }

cudaError_t run_steps(int32_t precision, const Program& program, const Run& run, const Launch& launch,
                      const Tables& tables, cudaStream_t) {
    const auto blocks = static_cast<int32_t>((run.streams + launch.streams - 1) / launch.streams);
    const auto block_of = precision == GATUN_BF16 ? run_block<uint16_t> : run_block<float>;
    each_of(blocks, [&](int32_t block) { block_of(program, run, launch, tables, int64_t{block} * launch.streams); });
    return cudaSuccess;
}

}  // namespace gatun::gpu::grids
