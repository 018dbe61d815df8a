// The kernels of step programs of sequences as this processor plays them: the groups of threads of a block one after
// the other, in an order that changes from wave to wave, by vectors in place of sixteen threads.
#include <vector>

#include "cuda/block_layout.h"
#include "cuda/body.h"
#include "cuda/half.h"
#include "cuda/kernel.h"
#include "cuda/turn.h"
#include "play.h"

namespace gatun::gpu {
namespace {

namespace body = GATUN_ISA_LEVEL;

template <class W>
void run_block(const Program& program, const gatun_step_run& run, const Launch& launch, int64_t first) {
    const auto streams = static_cast<int32_t>(std::min<int64_t>(launch.streams, run.streams - first));
    const int32_t threads = launch.threads, groups = threads / GATUN_LANES;
    OwnFloats fast(program.fast_floats * streams);
    std::vector<int32_t> rows[2];
    for (auto& each : rows) each.resize(static_cast<size_t>(program.slot_count));
    const auto block_at = [&](int64_t step) {
        return body::Block{
            program, run, first, streams, launch.tile, fast.data(), rows[step % 2].data(), run.first_position + step};
    };
    each_of(threads, [&](int32_t t) {
        body::find_rows(program, run.first_position, rows[0].data(), t, threads);
        body::move_fast(block_at(0), false, t, threads);
    });
    for (int64_t step = 0; step < run.positions; ++step) {
        each_of(threads, [&](int32_t t) {
            body::turn_rings(program, rows[step % 2].data(), rows[(step + 1) % 2].data(), t, threads);
        });
        const body::Block block = block_at(step);
        for (int32_t wave = 0; wave < program.wave_count; ++wave) {
            if (wave + 1 < program.wave_count && !body::is_due(block, wave)) continue;
            each_of(groups, [&](int32_t group) { body::run_wave<W>(block, wave, group, groups); });
        }
    }
    each_of(threads, [&](int32_t t) { body::move_fast(block_at(0), true, t, threads); });
}

}  // namespace

size_t shared_bytes(const Program& program, const Launch& launch, const Tables& tables) {
    return BlockLayout(program, launch, tables).bytes;
}

cudaError_t count_clusters(int32_t, const Program&, const Launch&, const Tables&, int* count) {
    *count = 0;
    return cudaSuccess;
}

cudaError_t run_steps(int32_t precision, const Program& program, const gatun_step_run& run, const Launch& launch,
                      const Tables&, cudaStream_t) {
    const auto blocks = static_cast<int32_t>((run.streams + launch.streams - 1) / launch.streams);
    const auto block_of = precision == GATUN_BF16 ? run_block<uint16_t> : run_block<float>;
    each_of(blocks, [&](int32_t block) { block_of(program, run, launch, int64_t{block} * launch.streams); });
    return cudaSuccess;
}

cudaError_t run_half(int32_t precision, const Program& program, const gatun_step_run& run, const Launch& launch,
                     const Stretch& half, cudaStream_t) {
    const auto blocks = static_cast<int32_t>((run.streams + launch.streams - 1) / launch.streams);
    const int32_t groups = launch.threads / GATUN_LANES;
    std::vector<int32_t> rows(static_cast<size_t>(program.slot_count));
    each_of(launch.threads,
            [&](int32_t thread) { body::find_rows(program, run.first_position, rows.data(), thread, launch.threads); });
    each_of(blocks, [&](int32_t i) {
        const int64_t first = int64_t{i} * launch.streams;
        const auto streams = static_cast<int32_t>(std::min<int64_t>(launch.streams, run.streams - first));
        const body::Block block{program, run, first, streams, launch.tile, nullptr, rows.data(), run.first_position};
        for (int32_t wave = 0; wave < program.wave_count; ++wave) {
            if (!body::is_due(block, wave)) continue;
            each_of(groups, [&](int32_t group) {
                if (precision == GATUN_BF16) return body::run_wave<uint16_t>(block, wave, half, group, groups);
                body::run_wave<float>(block, wave, half, group, groups);
            });
        }
    });
    return cudaSuccess;
}

cudaError_t delay_stream(const Delay& delay, cudaStream_t) {
    constexpr int32_t kThreads = 256;
    if (delay.slot_count == 0) return cudaSuccess;
    for (const bool back : {false, true}) {
        each_of(delay.slot_count * kThreads,
                [&](int32_t i) { body::turn_ring(delay, i / kThreads, back, i % kThreads, kThreads); });
    }
    return cudaSuccess;
}

}  // namespace gatun::gpu
