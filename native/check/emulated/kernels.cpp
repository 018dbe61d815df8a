// The kernels of passes as this processor plays them: tasks one after the other, in an order that changes from job to
// job, each of them by vectors in place of sixteen threads.
#include "cuda/pass/kernels.h"

#include <numeric>

#include "cuda/kernel.h"
#include "cuda/pass/bodies.h"

namespace gatun::gpu {
namespace {

// The tasks in steps of a number that has no divisor in common with theirs, forwards or backwards.
template <void (*kTask)(const Job&, int64_t)>
void run_all(const Job& job, uint64_t order) {
    int64_t step = static_cast<int64_t>(order * 0x9e3779b97f4a7c15u >> 40) % job.tasks + 1;
    while (std::gcd(step, job.tasks) != 1) ++step;
    int64_t task = static_cast<int64_t>(order) % job.tasks;
    for (int64_t i = 0; i < job.tasks; ++i) {
        kTask(job, task);
        task = (task + step) % job.tasks;
    }
}

// A block's shared memory holds what the one before left.
template <class Tile>
void run_tile(const Job& job, int64_t task) {
    static thread_local typename Tile::Shared shared;
    Tile::run(job, task, shared);
}

}  // namespace

cudaError_t run_job(const Job& job, cudaStream_t) {
    static thread_local uint64_t jobs = 0;
    ++jobs;
    switch (job.kind) {
#define GATUN_JOB(kind)                                  \
    case JobKind::kind:                                  \
        run_all<GATUN_ISA_LEVEL::run_##kind>(job, jobs); \
        break;
        GATUN_JOBS(GATUN_JOB)
#undef GATUN_JOB
#define GATUN_TILE(tile)                                     \
    case JobKind::k##tile:                                   \
        run_all<run_tile<GATUN_ISA_LEVEL::tile>>(job, jobs); \
        break;
        GATUN_TILES(GATUN_TILE)
#undef GATUN_TILE
    }
    return cudaSuccess;
}

// A device without clusters, on which nothing is copied ahead: the checker plays these by itself.
cudaError_t allow_shared(int, size_t* bytes, bool* clusters) {
    *bytes = size_t{48} << 10;
    *clusters = false;
    return cudaSuccess;
}

}  // namespace gatun::gpu
