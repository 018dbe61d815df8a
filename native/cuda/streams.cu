// Streams of a program on a device: their state, and the arrays of a run, copied there and back.
#include <algorithm>
#include <memory>
#include <utility>

#include "cuda/choice.h"
#include "cuda/kernel.h"
#include "cuda/program.h"
#include "cuda/transfer.h"

namespace gatun::gpu {
namespace {

Room room_of(const Device& device) { return {device.shared_bytes, device.processors, device.clusters}; }

int64_t at_once(const Program& program, const Launch& launch, const Tables& tables) {
    int count = 0;
    check(count_clusters(program, launch, tables, &count), "asking how many streams run at once");
    return count;
}

}  // namespace
}  // namespace gatun::gpu

struct gatun_cuda_streams {
    gatun_cuda_streams(std::shared_ptr<const gatun::gpu::DeviceProgram> of, int64_t count,
                       const gatun_cuda_launch& wanted);

    void reset();
    void reset_stream(int64_t stream);
    void delay_stream(int64_t stream, int64_t steps);
    void step(const gatun_step_run& run, float* milliseconds);
    void state(float* to);
    std::vector<int64_t> clocks();
    gatun::gpu::Launch launch() const { return choice_.launch; }
    const gatun::gpu::Device& device() const { return program_->device(); }

private:
    void copy_plan();
    gatun_step_run there(const gatun_step_run& run);

    const std::shared_ptr<const gatun::gpu::DeviceProgram> program_;
    const gatun_step_program native_;
    const int64_t count_;
    gatun::gpu::Choice choice_;
    gatun::gpu::Program walked_{};
    int32_t frame_features_ = 0;
    gatun::gpu::Queue queue_;
    gatun::gpu::Memory clocks_, piece_memory_, parts_, waves_, every_, slots_, distances_, places_, state_, aside_,
        frames_, classes_, each_;
    gatun::gpu::Window<int32_t> levels_;
    gatun::gpu::Window<float> reals_, log_prob_;
    gatun::gpu::Window<uint8_t> known_;
};

gatun_cuda_streams::gatun_cuda_streams(std::shared_ptr<const gatun::gpu::DeviceProgram> of, int64_t count,
                                       const gatun_cuda_launch& wanted)
    : program_(std::move(of)),
      native_(program_->native()),
      count_(count),
      choice_(native_, count, wanted, gatun::gpu::room_of(program_->device()), gatun::gpu::at_once) {
    for (int32_t i = 0; i < native_.operation_count; ++i) {
        if (native_.operations[i].kind == GATUN_STEP_FRAME) frame_features_ = native_.operations[i].outputs;
    }
    copy_plan();
    state_.room_for<float>(std::max<int64_t>(choice_.plan->state_floats * count_, 1),
                           "memory for the state of " + std::to_string(count) + " streams");
    reset();
}

void gatun_cuda_streams::copy_plan() {
    using gatun::gpu::upload;
    const char* what = "copying a program";
    const cudaStream_t stream = queue_.get();
    if (!choice_.pieces.empty()) choice_.tables.from = upload(piece_memory_, choice_.pieces, stream, what);
    const auto waves = static_cast<int64_t>(choice_.plan->waves.size());
    choice_.tables.clocks = clocks_.room_for<int64_t>(waves, "memory for clocks");
    walked_ = choice_.plan->program();
    walked_.parts = upload(parts_, choice_.plan->parts, stream, what);
    walked_.waves = upload(waves_, choice_.plan->waves, stream, what);
    walked_.every = upload(every_, choice_.plan->every, stream, what);
    walked_.slots = upload(slots_, choice_.plan->slots, stream, what);
    walked_.distances = upload(distances_, choice_.plan->distances, stream, what);
    walked_.places = upload(places_, native_.places, native_.chain, stream, what);
}

std::vector<int64_t> gatun_cuda_streams::clocks() {
    std::vector<int64_t> all(choice_.plan->waves.size() - (choice_.launch.blocks == 0 ? 0 : 1));
    gatun::gpu::check(
        cudaMemcpyAsync(all.data(), clocks_.get(), gatun::gpu::bytes_of<int64_t>(static_cast<int64_t>(all.size())),
                        cudaMemcpyDeviceToHost, queue_.get()),
        "copying clocks");
    queue_.wait();
    return all;
}

void gatun_cuda_streams::reset() {
    auto* state = static_cast<float*>(state_.get());
    const char* what = "clearing the state";
    gatun::gpu::check(
        cudaMemsetAsync(state, 0, gatun::gpu::bytes_of<float>(choice_.plan->state_floats * count_), queue_.get()),
        what);
    for (const gatun::gpu::Slot& slot : choice_.plan->slots) {
        if (slot.levels == 0) continue;
        const size_t bytes = gatun::gpu::bytes_of<float>(int64_t{slot.features} * slot.depth * count_);
        gatun::gpu::check(cudaMemsetAsync(state + slot.offset * count_, 0xff, bytes, queue_.get()), what);
    }
    queue_.wait();
}

void gatun_cuda_streams::reset_stream(int64_t stream) {
    auto* state = static_cast<float*>(state_.get());
    for (const gatun::gpu::Slot& slot : choice_.plan->slots) {
        const size_t width = gatun::gpu::bytes_of<float>(slot.features);
        gatun::gpu::check(cudaMemset2DAsync(state + slot.offset * count_ + stream * slot.features,
                                            width * static_cast<size_t>(count_), slot.levels == 1 ? 0xff : 0, width,
                                            static_cast<size_t>(slot.depth), queue_.get()),
                          "clearing a stream's state");
    }
    queue_.wait();
}

// Nobody waits for it: what comes after it comes after it on the device, too.
void gatun_cuda_streams::delay_stream(int64_t stream, int64_t steps) {
    const char* what = "memory for a stream that goes on";
    auto* aside = aside_.room_for<float>(std::max<int64_t>(choice_.plan->state_floats, 1), what);
    auto* state = static_cast<float*>(state_.get());
    const gatun::gpu::Delay delay = {walked_.slots, state, aside, count_, stream, steps, walked_.slot_count};
    gatun::gpu::check(gatun::gpu::delay_stream(delay, queue_.get()), "having a stream go on");
}

// The run as the device sees it.
gatun_step_run gatun_cuda_streams::there(const gatun_step_run& run) {
    using gatun::gpu::upload;
    const cudaStream_t stream = queue_.get();
    gatun_step_run there = run;
    // In a program with places the arrays hold the examples' whole rows; of others the steps of the run are copied.
    const int64_t columns = native_.places == nullptr ? run.positions : native_.chain;
    // What is not written here must come back as it was.
    const bool keep = run.each != nullptr || native_.places != nullptr;
    const bool read = keep || run.known != nullptr;
    const int64_t stride = run.values.stride_example;
    there.state = static_cast<float*>(state_.get());
    there.values.levels = levels_.start(run.values.levels, stride, count_, columns, read, stream, "copying values");
    there.values.reals = reals_.start(run.values.reals, stride, count_, columns, read, stream, "copying values");
    there.values.stride_example = columns;
    there.log_prob = log_prob_.start(run.log_prob, stride, count_, columns, keep, stream, "copying log-probabilities");
    there.known =
        known_.start(const_cast<uint8_t*>(run.known), stride, count_, columns, true, stream, "copying what is known");
    there.frames = upload(frames_, run.frames, count_ * run.frame_count * frame_features_, stream, "copying frames");
    there.classes = upload(classes_, run.classes, count_, stream, "copying classes");
    there.each = upload(each_, run.each, count_, stream, "copying streams");
    return there;
}

void gatun_cuda_streams::step(const gatun_step_run& run, float* milliseconds) {
    if (run.positions == 0) {
        // Blocks would end while weights are still on their way to them.
        if (milliseconds != nullptr) *milliseconds = 0;
        return;
    }
    const gatun_step_run own = there(run);
    queue_.begin();
    gatun::gpu::check(gatun::gpu::run_steps(walked_, own, choice_.launch, choice_.tables, queue_.get()),
                      "starting steps");
    queue_.end();
    levels_.end(queue_.get());
    reals_.end(queue_.get());
    log_prob_.end(queue_.get());
    queue_.wait();
    if (milliseconds != nullptr) *milliseconds = queue_.milliseconds();
}

void gatun_cuda_streams::state(float* to) {
    const size_t bytes = gatun::gpu::bytes_of<float>(native_.state_floats * count_);
    gatun::gpu::check(cudaMemcpyAsync(to, state_.get(), bytes, cudaMemcpyDeviceToHost, queue_.get()),
                      "copying the state");
    queue_.wait();
}

extern "C" {

int32_t gatun_cuda_streams_create(gatun_cuda_program* program, int64_t count, const gatun_cuda_launch* launch,
                                  gatun_cuda_streams** streams, char* text, int32_t capacity) {
    *streams = nullptr;
    return gatun::gpu::entry(text, capacity, [&] {
        const gatun_cuda_launch wanted = launch == nullptr ? gatun_cuda_launch{} : *launch;
        gatun::gpu::check_launch(wanted);
        program->it->device().use();
        *streams = new gatun_cuda_streams(program->it, count, wanted);
    });
}

void gatun_cuda_streams_destroy(gatun_cuda_streams* streams) {
    if (streams != nullptr) cudaSetDevice(streams->device().number);
    delete streams;
}

void gatun_cuda_streams_launch(const gatun_cuda_streams* streams, gatun_cuda_launch* launch) {
    const gatun::gpu::Launch own = streams->launch();
    *launch = {own.threads, own.streams, own.tile, own.blocks, own.staged};
}

int32_t gatun_cuda_reset(gatun_cuda_streams* streams, char* text, int32_t capacity) {
    return gatun::gpu::entry(text, capacity, [&] {
        streams->device().use();
        streams->reset();
    });
}

int32_t gatun_cuda_reset_stream(gatun_cuda_streams* streams, int64_t stream, char* text, int32_t capacity) {
    return gatun::gpu::entry(text, capacity, [&] {
        streams->device().use();
        streams->reset_stream(stream);
    });
}

int32_t gatun_cuda_delay_stream(gatun_cuda_streams* streams, int64_t stream, int64_t steps, char* text,
                                int32_t capacity) {
    return gatun::gpu::entry(text, capacity, [&] {
        streams->device().use();
        streams->delay_stream(stream, steps);
    });
}

int32_t gatun_cuda_step(gatun_cuda_streams* streams, const gatun_step_run* run, float* milliseconds, char* text,
                        int32_t capacity) {
    return gatun::gpu::entry(text, capacity, [&] {
        streams->device().use();
        streams->step(*run, milliseconds);
    });
}

int32_t gatun_cuda_wave_clocks(gatun_cuda_streams* streams, int64_t* clocks, int32_t most, int32_t* count, char* text,
                               int32_t capacity) {
    *count = 0;
    return gatun::gpu::entry(text, capacity, [&] {
        streams->device().use();
        const std::vector<int64_t> all = streams->clocks();
        *count = static_cast<int32_t>(all.size());
        std::copy_n(all.begin(), std::min(*count, most), clocks);
    });
}

int32_t gatun_cuda_state(gatun_cuda_streams* streams, float* state, char* text, int32_t capacity) {
    return gatun::gpu::entry(text, capacity, [&] {
        streams->device().use();
        streams->state(state);
    });
}
}
