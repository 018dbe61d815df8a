// Calls as jobs on a device.
#include <utility>

#include "core/record.h"
#include "cuda/pass/jobs.h"
#include "cuda/pass/kernels.h"
#include "cuda/pass/memory_of.h"
#include "cuda/pass/mirror.h"
#include "cuda/pass/replay.h"

namespace gatun::gpu {
namespace {

Range range_of(const void* pointer, const Extent& extent) {
    const auto* p = static_cast<const char*>(pointer);
    constexpr auto kBytes = static_cast<int64_t>(sizeof(float));
    return {p + extent.first * kBytes, p + extent.end * kBytes};
}

class Collect : public MemoryVisitor {
public:
    std::vector<Range> ranges;
    void visit(void*& pointer, const Extent& extent) override { ranges.push_back(range_of(pointer, extent)); }
};

class Translate : public MemoryVisitor {
public:
    explicit Translate(const Mirror& mirror) : mirror_(mirror) {}
    void visit(void*& pointer, const Extent& extent) override {
        // What is touched has a place, where the pointer itself may lie outside of it.
        const char* first = range_of(pointer, extent).first;
        pointer = static_cast<char*>(mirror_.at(first)) + (static_cast<const char*>(pointer) - first);
    }

private:
    const Mirror& mirror_;
};

// Of a first round of jobs, which finds out how much room they want; nothing is there.
template <class T>
T* nowhere() {
    return reinterpret_cast<T*>(uintptr_t{1} << 20);
}

Bases nothing() { return {nowhere<int64_t>(), nowhere<int32_t>(), nowhere<float>(), nowhere<Job>()}; }

// Of calls whose memory has a place.
Jobs jobs_of(const Mirror& mirror, const gatun_call* calls, size_t count, const Bases& bases, int32_t products) {
    Jobs jobs(bases, products);
    Translate translate(mirror);
    for (size_t i = 0; i < count; ++i) {
        gatun_call own = calls[i];
        each_memory(own, translate);
        jobs.add(own);
    }
    return jobs;
}

void require(const gatun_call& call) {
    const std::string problem = problem_of(call);
    if (!problem.empty()) throw Failure(GATUN_UNSUPPORTED, "call " + std::to_string(call.kind) + ": " + problem);
}

void require_products(int32_t products) {
    if (products >= GATUN_CUDA_F32 && products <= GATUN_CUDA_BF16) return;
    throw Failure(GATUN_INVALID_ARGUMENT, "products: found " + std::to_string(products) + ", expected 0..2");
}

void run_once(Mirror& mirror, const gatun_call* calls, int32_t count) {
    mirror.device().use();
    const auto all = static_cast<size_t>(count);
    for (size_t i = 0; i < all; ++i) require(calls[i]);
    const Jobs wanted = jobs_of(mirror, calls, all, nothing(), GATUN_CUDA_F32);
    if (!wanted.offsets.empty() || !wanted.tables.empty() || !wanted.lines.empty()) {
        throw Failure(GATUN_UNSUPPORTED, "calls with tables are made a pass first, to be run");
    }
    Bases bases = nothing();
    bases.scratch = mirror.scratch(wanted.scratch_floats + 1);
    const Jobs jobs = jobs_of(mirror, calls, all, bases, GATUN_CUDA_F32);
    for (const Job& job : jobs.all) check(run_job(job, mirror.stream()), "running calls");
}

class DevicePass {
public:
    DevicePass(std::shared_ptr<Mirror> mirror, const gatun_call* calls, int32_t count, int32_t products)
        : mirror_(std::move(mirror)), products_(products) {
        mirror_->device().use();
        for (int32_t i = 0; i < count; ++i) keep(calls[i]);
        Collect touched;
        for (const gatun_call& call : calls_.calls()) {
            require(call);
            gatun_call own = call;
            each_memory(own, touched);
        }
        mirror_->add(std::move(touched.ranges));
        prepare();
    }
    DevicePass(const DevicePass&) = delete;
    DevicePass& operator=(const DevicePass&) = delete;

    void run(float* milliseconds) {
        mirror_->device().use();
        if (moves_ != mirror_->moves()) prepare();
        if (milliseconds == nullptr) return jobs_.run(mirror_->stream());
        const Event begin, end;
        check(cudaEventRecord(begin.get(), mirror_->stream()), "timing a pass");
        jobs_.run(mirror_->stream());
        check(cudaEventRecord(end.get(), mirror_->stream()), "timing a pass");
        check(cudaEventSynchronize(end.get()), "running a pass");
        check(cudaEventElapsedTime(milliseconds, begin.get(), end.get()), "timing a pass");
    }

    const Mirror& mirror() const { return *mirror_; }

private:
    // With copies of its tables, since jobs are made again where memory moves.
    void keep(const gatun_call& call) {
        gatun_call& own = calls_.add(call.kind);
        own = call;
        own.affine.taps = calls_.copy(call.affine.taps, call.affine.tap_count);
        own.layout.tap_offsets = calls_.copy(call.layout.tap_offsets, call.layout.taps);
        own.dense.seen = calls_.copy(call.dense.seen, call.dense.outputs);
        own.dense.rows = calls_.copy(call.dense.rows, call.dense.outputs);
        own.dense.columns = calls_.copy(call.dense.columns, call.dense.inputs);
        own.nade.order = calls_.copy(call.nade.order, call.nade.positions);
    }

    Jobs jobs_at(const Bases& bases) const {
        const std::vector<gatun_call>& calls = calls_.calls();
        return jobs_of(*mirror_, calls.data(), calls.size(), bases, products_);
    }

    // To the device, where it has its room.
    template <class T>
    static void copy(T* to, const std::vector<T>& from, const char* what) {
        check(cudaMemcpy(to, from.data(), sizeof(T) * from.size(), cudaMemcpyHostToDevice), what);
    }

    void prepare() {
        const Jobs wanted = jobs_at(nothing());
        const auto room = [](const auto& of) { return static_cast<int64_t>(of.size()) + 1; };
        const Bases bases{offsets_.room_for<int64_t>(room(wanted.offsets), "memory for a pass's offsets"),
                          tables_.room_for<int32_t>(room(wanted.tables), "memory for a pass's tables"),
                          scratch_.room_for<float>(wanted.scratch_floats + 1, "memory for what a pass sums up"),
                          lines_.room_for<Job>(room(wanted.lines), "memory for a pass's lines")};
        Jobs jobs = jobs_at(bases);
        copy(bases.offsets, jobs.offsets, "copying a pass's offsets");
        copy(bases.tables, jobs.tables, "copying a pass's tables");
        copy(bases.lines, jobs.lines, "copying a pass's lines");
        jobs_.record(std::move(jobs.all), mirror_->stream());
        moves_ = mirror_->moves();
    }

    const std::shared_ptr<Mirror> mirror_;
    const int32_t products_;
    Recording calls_;
    Replay jobs_;
    Memory offsets_, tables_, scratch_, lines_;
    int64_t moves_ = 0;
};

}  // namespace
}  // namespace gatun::gpu

struct gatun_cuda_pass {
    std::unique_ptr<gatun::gpu::DevicePass> it;
};

extern "C" {

int32_t gatun_cuda_run(gatun_cuda_memory* memory, const gatun_call* calls, int32_t count, char* text,
                       int32_t capacity) {
    return gatun::gpu::entry(text, capacity, [&] { gatun::gpu::run_once(*memory->it, calls, count); });
}

int32_t gatun_cuda_pass_create(gatun_cuda_memory* memory, const gatun_call* calls, int32_t count, int32_t products,
                               gatun_cuda_pass** pass, char* text, int32_t capacity) {
    *pass = nullptr;
    return gatun::gpu::entry(text, capacity, [&] {
        gatun::gpu::require_products(products);
        *pass = new gatun_cuda_pass{std::make_unique<gatun::gpu::DevicePass>(memory->it, calls, count, products)};
    });
}

void gatun_cuda_pass_destroy(gatun_cuda_pass* pass) {
    if (pass != nullptr) cudaSetDevice(pass->it->mirror().device().number);
    delete pass;
}

int32_t gatun_cuda_pass_run(gatun_cuda_pass* pass, float* milliseconds, char* text, int32_t capacity) {
    return gatun::gpu::entry(text, capacity, [&] { pass->it->run(milliseconds); });
}
}
