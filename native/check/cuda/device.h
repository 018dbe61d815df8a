// The first CUDA device of this machine, and step programs on it.
#pragma once

#include <memory>

#include "gatun_cuda.h"
#include "step_device.h"

namespace gatun::check {

// What an entry wrote, of one that failed.
class Text {
public:
    char* data() { return text_; }
    static constexpr int32_t size() { return sizeof text_; }

private:
    char text_[512] = {};
};

gatun_cuda_device* the_device();

template <class T, void (*kDestroy)(T*)>
struct Destroy {
    void operator()(T* p) const { kDestroy(p); }
};
using CudaProgram = std::unique_ptr<gatun_cuda_program, Destroy<gatun_cuda_program, gatun_cuda_program_destroy>>;
using CudaStreams = std::unique_ptr<gatun_cuda_streams, Destroy<gatun_cuda_streams, gatun_cuda_streams_destroy>>;

CudaProgram program_on_device(const gatun_step_program& program);
CudaStreams streams_on_device(gatun_cuda_program& program, int64_t count, const gatun_cuda_launch* launch);

class CudaStepDevice : public StepDevice {
public:
    void start(const gatun_step_program& program, int64_t streams, Random& random) override;
    void reset_stream(int64_t stream) override;
    void delay_stream(int64_t stream, int64_t steps) override;
    void run(const gatun_step_run& run) override;
    bool does_halves() const override { return true; }
    void outputs(const gatun_step_run& run, float* outputs) override;
    void take(const gatun_step_run& run) override;
    void go_on_as_others() override;
    std::vector<float> state() override;
    // Programs whose weights the device keeps as bf16.
    int bf16() const { return bf16_; }

private:
    CudaProgram program_;
    CudaStreams streams_;
    int64_t count_ = 0, floats_ = 0;
    int bf16_ = 0;
};

}  // namespace gatun::check
