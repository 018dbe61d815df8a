// oneDNN by itself, for benchmarks: a dense product in memory of its own, in the order that it likes best, the fastest
// of what it has. Nothing of Gatun's lies in between.
#include <chrono>
#include <cstring>

#include "dnnl/entry.h"
#include "dnnl/plan.h"

namespace gatun::dnnl {
namespace {

using onednn::memory;
using Dims = memory::dims;
using Arguments = std::unordered_map<int, memory>;

constexpr int kTimes = 5;

memory::desc wanted(const Dims& extents, memory::format_tag order) { return {extents, memory::data_type::f32, order}; }

// A primitive with memory for all that it reads and writes.
struct Candidate {
    std::string name;
    onednn::primitive primitive;
    Arguments arguments;

    void add(int argument, const memory::desc& desc) {
        memory made(desc, engine());
        auto* values = static_cast<float*>(made.get_data_handle());
        const size_t floats = desc.get_size() / sizeof(float);
        for (size_t i = 0; i < floats; ++i) values[i] = static_cast<float>(i % 17) * 0.125f - 1;
        arguments.emplace(argument, made);
    }
};

// Convolutions with layouts of oneDNN's choice.
Candidate convolution(const gatun_dnnl_shape& s, memory::format_tag order) {
    const Dims source = {s.examples, s.inputs, s.rows, s.columns}, target = {s.examples, s.outputs, s.rows, s.columns},
               kernel = {s.outputs, s.inputs, s.kernel_rows, s.kernel_columns}, strides = {1, 1},
               dilates = {s.row_step - 1, s.column_step - 1}, before = {s.top, s.left}, behind = {s.bottom, s.right};
    const memory::desc x = wanted(source, order), y = wanted(target, order),
                       w = wanted(kernel, memory::format_tag::any);
    const auto how = onednn::algorithm::convolution_direct;
    const onednn::convolution_forward::primitive_desc forward(engine(), onednn::prop_kind::forward_training, how, x, w,
                                                              y, strides, dilates, before, behind);
    Candidate made;
    if (s.kind == GATUN_DNNL_FORWARD) {
        made = {forward.impl_info_str(), onednn::convolution_forward(forward), {}};
        made.add(DNNL_ARG_SRC, forward.src_desc());
        made.add(DNNL_ARG_WEIGHTS, forward.weights_desc());
        made.add(DNNL_ARG_DST, forward.dst_desc());
    } else if (s.kind == GATUN_DNNL_BACKWARD_DATA) {
        const onednn::convolution_backward_data::primitive_desc back(engine(), how, x, w, y, strides, dilates, before,
                                                                     behind, forward);
        made = {back.impl_info_str(), onednn::convolution_backward_data(back), {}};
        made.add(DNNL_ARG_DIFF_SRC, back.diff_src_desc());
        made.add(DNNL_ARG_WEIGHTS, back.weights_desc());
        made.add(DNNL_ARG_DIFF_DST, back.diff_dst_desc());
    } else {
        const onednn::convolution_backward_weights::primitive_desc back(engine(), how, x, w, y, strides, dilates,
                                                                        before, behind, forward);
        made = {back.impl_info_str(), onednn::convolution_backward_weights(back), {}};
        made.add(DNNL_ARG_SRC, back.src_desc());
        made.add(DNNL_ARG_DIFF_WEIGHTS, back.diff_weights_desc());
        made.add(DNNL_ARG_DIFF_DST, back.diff_dst_desc());
    }
    return made;
}

// A kernel of one place is a product of two matrices.
Candidate product(const gatun_dnnl_shape& s) {
    const int64_t positions = int64_t{s.examples} * s.rows * s.columns;
    const auto plain = memory::format_tag::ab, other = memory::format_tag::ba;
    const memory::desc x = wanted({positions, s.inputs}, plain), y = wanted({positions, s.outputs}, plain);
    Candidate made;
    const auto make = [&](const memory::desc& a, const memory::desc& b, const memory::desc& c) {
        const onednn::matmul::primitive_desc desc(engine(), a, b, c);
        made = {desc.impl_info_str(), onednn::matmul(desc), {}};
        made.add(DNNL_ARG_SRC, desc.src_desc());
        made.add(DNNL_ARG_WEIGHTS, desc.weights_desc());
        made.add(DNNL_ARG_DST, desc.dst_desc());
    };
    if (s.kind == GATUN_DNNL_FORWARD) {
        make(x, wanted({s.inputs, s.outputs}, memory::format_tag::any), y);
    } else if (s.kind == GATUN_DNNL_BACKWARD_DATA) {
        make(y, wanted({s.outputs, s.inputs}, memory::format_tag::any), x);
    } else {
        make(wanted({s.inputs, positions}, other), y, wanted({s.inputs, s.outputs}, plain));
    }
    return made;
}

class Threads {
public:
    explicit Threads(int threads) : before_(omp_get_max_threads()) { omp_set_num_threads(threads); }
    ~Threads() { omp_set_num_threads(before_); }
    Threads(const Threads&) = delete;
    Threads& operator=(const Threads&) = delete;

private:
    const int before_;
};

class Yardstick {
public:
    explicit Yardstick(const gatun_dnnl_shape& shape) : threads_(shape.threads), stream_(engine()) {
        const Threads own(threads_);
        double least = 0;
        const auto consider = [&](auto&& make) {
            try {
                Candidate one = make();
                const double seconds = time(one);
                if (best_.primitive.get(true) != nullptr && seconds >= least) return;
                best_ = std::move(one);
                least = seconds;
            } catch (const onednn::error&) {  // not one that oneDNN has
            }
        };
        consider([&] { return convolution(shape, memory::format_tag::any); });
        consider([&] { return convolution(shape, memory::format_tag::nhwc); });
        if (shape.kernel_rows * shape.kernel_columns == 1) consider([&] { return product(shape); });
        if (best_.primitive.get(true) == nullptr) throw std::runtime_error("oneDNN computes no such shape");
    }

    void run() {
        const Threads own(threads_);
        best_.primitive.execute(stream_, best_.arguments);
        stream_.wait();
    }

    const std::string& name() const { return best_.name; }

private:
    double time(Candidate& one) {
        double least = 1e30;
        for (int i = 0; i <= kTimes; ++i) {
            const auto start = std::chrono::steady_clock::now();
            one.primitive.execute(stream_, one.arguments);
            stream_.wait();
            least = std::min(least, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
        }
        return least;
    }

    const int threads_;
    onednn::stream stream_;
    Candidate best_;
};

}  // namespace
}  // namespace gatun::dnnl

extern "C" {

int32_t gatun_dnnl_yardstick_create(const gatun_dnnl_shape* shape, void** yardstick, char* text, int32_t capacity) {
    return gatun::dnnl::guarded(1, text, capacity, [&] {
        *yardstick = nullptr;
        auto made = std::make_unique<gatun::dnnl::Yardstick>(*shape);
        gatun::dnnl::copy_text(made->name().c_str(), text, capacity);
        *yardstick = made.release();
        return 0;
    });
}

int32_t gatun_dnnl_yardstick_run(void* yardstick) {
    return gatun::dnnl::guarded(1, nullptr, 0, [&] {
        static_cast<gatun::dnnl::Yardstick*>(yardstick)->run();
        return 0;
    });
}

void gatun_dnnl_yardstick_destroy(void* yardstick) { delete static_cast<gatun::dnnl::Yardstick*>(yardstick); }
}
