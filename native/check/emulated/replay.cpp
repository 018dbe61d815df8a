#include "cuda/pass/replay.h"

#include "cuda/pass/kernels.h"

namespace gatun::gpu {

void Replay::record(std::vector<Job> jobs, cudaStream_t) { jobs_ = std::move(jobs); }
void Replay::run(cudaStream_t stream) const {
    for (const Job& job : jobs_) run_job(job, stream);
}
void Replay::clear() { graph_ = nullptr; }

}  // namespace gatun::gpu
