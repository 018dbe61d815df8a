#include "cuda/entries.h"
#include "cuda/pass/kernels.h"
#include "cuda/pass/replay.h"

namespace gatun::gpu {
namespace {

// So few that a graph of them is not worth its making.
constexpr size_t kFew = 4;

void run_all(const std::vector<Job>& jobs, cudaStream_t stream) {
    for (const Job& job : jobs) check(run_job(job, stream), "running a pass");
}

// The stream is no longer written down whatever happens.
cudaGraph_t captured(const std::vector<Job>& jobs, cudaStream_t stream) {
    check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal), "writing down a pass");
    cudaGraph_t graph = nullptr;
    try {
        run_all(jobs, stream);
    } catch (...) {
        cudaStreamEndCapture(stream, &graph);
        if (graph != nullptr) cudaGraphDestroy(graph);
        throw;
    }
    check(cudaStreamEndCapture(stream, &graph), "writing down a pass");
    return graph;
}

}  // namespace

void Replay::record(std::vector<Job> jobs, cudaStream_t stream) {
    clear();
    jobs_ = std::move(jobs);
    if (jobs_.size() <= kFew) return;
    const cudaGraph_t graph = captured(jobs_, stream);
    const cudaError_t made = cudaGraphInstantiate(&graph_, graph, 0);
    cudaGraphDestroy(graph);
    check(made, "preparing a pass");
    jobs_.clear();
}

void Replay::run(cudaStream_t stream) const {
    if (graph_ == nullptr) return run_all(jobs_, stream);
    check(cudaGraphLaunch(graph_, stream), "running a pass");
}

void Replay::clear() {
    if (graph_ != nullptr) cudaGraphExecDestroy(graph_);
    graph_ = nullptr;
}

}  // namespace gatun::gpu
