// Streams of a program on a device: their state, and the arrays of a run, copied there and back.
#include <algorithm>
#include <memory>
#include <utility>

#include "cuda/choice.h"
#include "cuda/halves.h"
#include "cuda/kernel.h"
#include "cuda/program.h"

namespace gatun::gpu {
namespace {

Room room_of(const Device& device) { return {device.shared_bytes, device.processors, device.clusters}; }

Choice::AtOnce at_once(int32_t precision) {
    return [precision](const Program& program, const Launch& launch, const Tables& tables) {
        int count = 0;
        check(count_clusters(precision, program, launch, tables, &count), "asking how many streams run at once");
        return count;
    };
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
    void outputs(const gatun_step_run& run, float* outputs);
    void take(const gatun_step_run& run);
    void copy(const gatun_cuda_streams& from);
    void state(float* to);
    std::vector<int64_t> clocks();
    gatun::gpu::Launch launch() const { return choice_.launch; }
    const gatun::gpu::Device& device() const { return program_->device(); }

private:
    void copy_plan();
    gatun_step_run there(const gatun_step_run& run);
    void bring_frames(gatun_step_run& run);
    void come_back();
    const gatun::gpu::Halves& halves(const gatun_step_run& run);

    const std::shared_ptr<const gatun::gpu::DeviceProgram> program_;
    const gatun_step_program native_;
    const int64_t count_;
    gatun::gpu::Choice choice_;
    gatun::gpu::Program walked_{};
    int32_t frame_features_ = 0;
    int32_t frame_every_ = 0;  // steps of a frame; 0: not the same for all who read them
    gatun::gpu::Queue queue_;
    gatun::gpu::PlanThere plan_there_;
    std::unique_ptr<const gatun::gpu::Halves> halves_;  // made when they are first asked for
    gatun::gpu::Memory clocks_, piece_memory_, state_, aside_, frames_, classes_, each_;
    gatun::gpu::Window<int32_t> levels_;
    gatun::gpu::Window<float> reals_, log_prob_, frame_;
    gatun::gpu::Window<uint8_t> known_;
};

gatun_cuda_streams::gatun_cuda_streams(std::shared_ptr<const gatun::gpu::DeviceProgram> of, int64_t count,
                                       const gatun_cuda_launch& wanted)
    : program_(std::move(of)),
      native_(program_->native()),
      count_(count),
      choice_(native_, count, wanted, gatun::gpu::room_of(program_->device()),
              gatun::gpu::at_once(program_->precision())) {
    for (int32_t i = 0; i < native_.operation_count; ++i) {
        const gatun_step_operation& op = native_.operations[i];
        if (op.kind != GATUN_STEP_FRAME) continue;
        frame_every_ = frame_features_ == 0 || frame_every_ == op.every ? op.every : 0;
        frame_features_ = op.outputs;
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
    walked_ = plan_there_.copy(*choice_.plan, native_.places, stream);
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

// Of a run that stays in one frame that alone.
void gatun_cuda_streams::bring_frames(gatun_step_run& run) {
    if (run.frames == nullptr) return;
    const char* what = "copying frames";
    const int64_t last = run.first_position + run.positions - 1, features = frame_features_;
    if (frame_every_ == 0 || run.each != nullptr || run.first_position / frame_every_ != last / frame_every_) {
        run.frames = gatun::gpu::upload(frames_, run.frames, count_ * run.frame_count * features, queue_.get(), what);
        return;
    }
    const float* from = run.frames + last / frame_every_ % run.frame_count * features;
    run.frames =
        frame_.start(const_cast<float*>(from), run.frame_count * features, count_, features, true, queue_.get(), what);
    run.frame_count = 1;
}

// The run as the device sees it.
gatun_step_run gatun_cuda_streams::there(const gatun_step_run& run) {
    using gatun::gpu::upload;
    const cudaStream_t stream = queue_.get();
    gatun_step_run there = run;
    // In a program with places the arrays hold the examples' whole rows, of which a step alone takes one column; of
    // others the steps of the run are copied.
    const bool alone = native_.places != nullptr && run.each == nullptr && run.positions == 1;
    const int64_t first = alone ? native_.places[run.first_position] : 0;
    const int64_t columns = native_.places == nullptr || alone ? run.positions : native_.chain;
    // What is not written here must come back as it was.
    const bool keep = run.each != nullptr || native_.places != nullptr;
    const bool read = keep || run.known != nullptr;
    const int64_t stride = run.values.stride_example;
    const auto bring = [&](auto& window, auto* array, bool reads, const char* what) {
        auto* to =
            window.start(array == nullptr ? nullptr : array + first, stride, count_, columns, reads, stream, what);
        return to == nullptr ? nullptr : to - first;
    };
    there.state = static_cast<float*>(state_.get());
    there.values.levels = bring(levels_, run.values.levels, read, "copying values");
    there.values.reals = bring(reals_, run.values.reals, read, "copying values");
    there.values.stride_example = columns;
    there.log_prob = bring(log_prob_, run.log_prob, keep, "copying log-probabilities");
    there.known = bring(known_, const_cast<uint8_t*>(run.known), true, "copying what is known");
    bring_frames(there);
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
    gatun::gpu::check(
        gatun::gpu::run_steps(program_->precision(), walked_, own, choice_.launch, choice_.tables, queue_.get()),
        "starting steps");
    queue_.end();
    come_back();
    if (milliseconds != nullptr) *milliseconds = queue_.milliseconds();
}

// What a run wrote.
void gatun_cuda_streams::come_back() {
    levels_.end(queue_.get());
    reals_.end(queue_.get());
    log_prob_.end(queue_.get());
    queue_.wait();
}

const gatun::gpu::Halves& gatun_cuda_streams::halves(const gatun_step_run& run) {
    gatun::gpu::check_half(run.positions);
    if (halves_ == nullptr) {
        halves_ = std::make_unique<const gatun::gpu::Halves>(native_, program_->precision(), count_,
                                                             device().processors, queue_.get());
    }
    return *halves_;
}

void gatun_cuda_streams::outputs(const gatun_step_run& run, float* outputs) {
    const gatun::gpu::Halves& own = halves(run);
    own.begin(there(gatun::gpu::before_draw(run)), queue_.get());
    const float* from = own.outputs(static_cast<float*>(state_.get()), count_, run.first_position);
    gatun::gpu::fetch(outputs, from, own.output_count() * count_, queue_, "copying outputs");
}

void gatun_cuda_streams::take(const gatun_step_run& run) {
    const gatun::gpu::Halves& own = halves(run);
    own.end(there(run), queue_.get());
    come_back();
}

void gatun_cuda_streams::copy(const gatun_cuda_streams& from) {
    if (from.program_ != program_ || from.count_ != count_) {
        throw gatun::gpu::Failure(GATUN_INVALID_ARGUMENT,
                                  "a copy of streams of another program, or that are not as many");
    }
    gatun::gpu::copy_state(state_, from.state_, choice_.plan->state_floats * count_, queue_, from.queue_);
}

void gatun_cuda_streams::state(float* to) {
    gatun::gpu::fetch(to, state_.get(), native_.state_floats * count_, queue_, "copying the state");
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

int32_t gatun_cuda_outputs(gatun_cuda_streams* streams, const gatun_step_run* run, float* outputs, char* text,
                           int32_t capacity) {
    return gatun::gpu::entry(text, capacity, [&] {
        streams->device().use();
        streams->outputs(*run, outputs);
    });
}

int32_t gatun_cuda_take(gatun_cuda_streams* streams, const gatun_step_run* run, char* text, int32_t capacity) {
    return gatun::gpu::entry(text, capacity, [&] {
        streams->device().use();
        streams->take(*run);
    });
}

int32_t gatun_cuda_copy(gatun_cuda_streams* streams, const gatun_cuda_streams* from, char* text, int32_t capacity) {
    return gatun::gpu::entry(text, capacity, [&] {
        streams->device().use();
        streams->copy(*from);
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
