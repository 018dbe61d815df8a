// Jobs that run again and again, one behind the other, handed to a device at once.
#pragma once

#include <cuda_runtime_api.h>

#include <vector>

#include "cuda/pass/job.h"

namespace gatun::gpu {

class Replay {
public:
    Replay() = default;
    ~Replay() { clear(); }
    Replay(const Replay&) = delete;
    Replay& operator=(const Replay&) = delete;

    // In place of those before.
    void record(std::vector<Job> jobs, cudaStream_t stream);
    // Does not wait for their end.
    void run(cudaStream_t stream) const;

private:
    void clear();

    std::vector<Job> jobs_;
    cudaGraphExec_t graph_ = nullptr;
};

}  // namespace gatun::gpu
