#include "device.h"

#include <stdexcept>

namespace gatun::check {
namespace {

void require(int32_t status, Text& text) {
    if (status != GATUN_OK) throw std::runtime_error("status " + std::to_string(status) + ": " + text.data());
}

}  // namespace

gatun_cuda_device* the_device() {
    static gatun_cuda_device* const device = [] {
        gatun_cuda_device* opened = nullptr;
        Text text;
        require(gatun_cuda_open(0, &opened, text.data(), text.size()), text);
        return opened;
    }();
    return device;
}

CudaProgram program_on_device(const gatun_step_program& program) {
    gatun_cuda_program* made = nullptr;
    Text text;
    require(gatun_cuda_program_create(the_device(), &program, &made, text.data(), text.size()), text);
    return CudaProgram(made);
}

CudaStreams streams_on_device(gatun_cuda_program& program, int64_t count, const gatun_cuda_launch* launch) {
    gatun_cuda_streams* made = nullptr;
    Text text;
    require(gatun_cuda_streams_create(&program, count, launch, &made, text.data(), text.size()), text);
    return CudaStreams(made);
}

void CudaStepDevice::start(const gatun_step_program& program, int64_t streams, Random& random) {
    streams_.reset();
    program_ = program_on_device(program);
    bf16_ += gatun_cuda_program_precision(program_.get()) == GATUN_BF16 ? 1 : 0;
    // What it finds itself, blocks with streams of their own, or streams shared by blocks.
    const int64_t kind = random.whole(0, 2);
    const gatun_cuda_launch own = {static_cast<int32_t>(random.whole(1, 16)) * 32,
                                   static_cast<int32_t>(random.whole(1, 20)), int32_t{1} << random.whole(0, 3), 0,
                                   random.whole(0, 3) == 0 ? -1 : 0};
    const gatun_cuda_launch shared = {0, 0, 0, int32_t{1} << random.whole(0, 4), 0};
    streams_ = streams_on_device(*program_, streams, kind == 0 ? nullptr : kind == 1 ? &own : &shared);
    count_ = streams;
    floats_ = program.state_floats * streams;
}

void CudaStepDevice::reset_stream(int64_t stream) {
    Text text;
    require(gatun_cuda_reset_stream(streams_.get(), stream, text.data(), text.size()), text);
}

void CudaStepDevice::delay_stream(int64_t stream, int64_t steps) {
    Text text;
    require(gatun_cuda_delay_stream(streams_.get(), stream, steps, text.data(), text.size()), text);
}

void CudaStepDevice::run(const gatun_step_run& run) {
    Text text;
    require(gatun_cuda_step(streams_.get(), &run, nullptr, text.data(), text.size()), text);
}

void CudaStepDevice::outputs(const gatun_step_run& run, float* outputs) {
    Text text;
    require(gatun_cuda_outputs(streams_.get(), &run, outputs, text.data(), text.size()), text);
}

void CudaStepDevice::take(const gatun_step_run& run) {
    Text text;
    require(gatun_cuda_take(streams_.get(), &run, text.data(), text.size()), text);
}

// However they are spread.
void CudaStepDevice::go_on_as_others() {
    CudaStreams others = streams_on_device(*program_, count_, nullptr);
    Text text;
    require(gatun_cuda_copy(others.get(), streams_.get(), text.data(), text.size()), text);
    streams_ = std::move(others);
}

std::vector<float> CudaStepDevice::state() {
    std::vector<float> all(static_cast<size_t>(floats_));
    Text text;
    require(gatun_cuda_state(streams_.get(), all.data(), text.data(), text.size()), text);
    return all;
}

}  // namespace gatun::check
