#include "dnnl/plan.h"

#include <atomic>
#include <exception>
#include <mutex>
#include <new>

namespace gatun::dnnl {

const onednn::engine& engine() {
    static const onednn::engine one(onednn::engine::kind::cpu, 0);
    return one;
}

OneThread::OneThread() : before_(omp_get_max_threads()) { omp_set_num_threads(1); }
OneThread::~OneThread() { omp_set_num_threads(before_); }

namespace {

struct Free {
    void operator()(float* p) const { ::operator delete (p, std::align_val_t{64}); }
};
struct Grown {
    std::unique_ptr<float, Free> memory;
    int64_t floats = 0;
};

}  // namespace

float* scratch(Use use, int64_t floats) {
    thread_local Grown all[2];
    Grown& own = all[use];
    if (floats > own.floats) {
        own.memory.reset();
        own.floats = 0;
        const size_t bytes = sizeof(float) * static_cast<size_t>(floats);
        own.memory.reset(static_cast<float*>(::operator new (bytes, std::align_val_t{64})));
        own.floats = floats;
    }
    return own.memory.get();
}

namespace {

struct Job {
    const std::function<void(int64_t)>& task;
    std::atomic<bool> failed{false};
    std::exception_ptr failure;
};

// Between two libraries nothing is thrown.
void run_task(void* argument, int64_t i) {
    Job& job = *static_cast<Job*>(argument);
    try {
        const OneThread alone;
        job.task(i);
    } catch (...) {
        if (!job.failed.exchange(true)) job.failure = std::current_exception();
    }
}

}  // namespace

void share(const gatun_product_host& host, int64_t tasks, const std::function<void(int64_t)>& task) {
    Job job{task, {}, {}};
    host.share(host.context, tasks, run_task, &job);
    if (job.failed) std::rethrow_exception(job.failure);
}

onednn::memory::desc desc_of(const gatun_map& map, int64_t features, int64_t examples, int64_t rows, int64_t columns) {
    return {{examples, features, rows, columns},
            onednn::memory::data_type::f32,
            {map.stride_example, 1, map.stride_row, map.stride_column}};
}

onednn::memory::desc box_desc(const gatun_affine& affine, const Box& box) {
    const int64_t place = int64_t{affine.inputs} * affine.outputs;
    return {{affine.outputs, affine.inputs, box.rows, box.columns},
            onednn::memory::data_type::f32,
            {1, affine.outputs, box.columns * place, place}};
}

Reorder::Reorder(const onednn::memory::desc& from, const onednn::memory::desc& to, bool accumulate)
    : from_(from), to_(to) {
    if (from == to && !accumulate) return;
    onednn::primitive_attr how;
    if (accumulate) {
        onednn::post_ops sum;
        sum.append_sum();
        how.set_post_ops(sum);
    }
    how.set_scratchpad_mode(onednn::scratchpad_mode::library);
    reorder_ = onednn::reorder(onednn::reorder::primitive_desc(engine(), from, engine(), to, how));
}

void Reorder::run(const onednn::stream& stream, const float* from, float* to) const {
    const onednn::memory source = memory(from_, from);
    onednn::memory target = memory(to_, to);
    reorder_.execute(stream, {{DNNL_ARG_FROM, source}, {DNNL_ARG_TO, target}});
}

namespace {

std::unique_ptr<Plan> channels_last(const gatun_product& p) {
    return convolution_run(p, onednn::memory::format_tag::nhwc);
}
std::unique_ptr<Plan> any_order(const gatun_product& p) { return convolution_run(p, onednn::memory::format_tag::any); }
std::unique_ptr<Plan> gradient_channels_last(const gatun_product& p) {
    return convolution_gradient(p, onednn::memory::format_tag::nhwc);
}
std::unique_ptr<Plan> gradient_any_order(const gatun_product& p) {
    return convolution_gradient(p, onednn::memory::format_tag::any);
}

constexpr Implementation kRuns[] = {
    {"matmul", matmul_run},
    {"convolution, channels last", channels_last},
    {"convolution, oneDNN's order", any_order},
};
constexpr Implementation kGradients[] = {
    {"matmul", matmul_gradient},
    {"convolution, channels last", gradient_channels_last},
    {"convolution, oneDNN's order", gradient_any_order},
};

}  // namespace

std::span<const Implementation> implementations(int32_t kind) {
    if (kind == GATUN_PRODUCT_RUN) return kRuns;
    return kGradients;
}

}  // namespace gatun::dnnl
