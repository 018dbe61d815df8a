// How a product is computed by oneDNN: a plan is made once a shape, by one of a list of implementations, each of which
// takes a shape or says why it does not.
#pragma once

#include <functional>
#include <memory>
#include <oneapi/dnnl/dnnl.hpp>
#include <span>
#include <stdexcept>

#include "dnnl/shape.h"

// OpenMP's, whose header not every compiler that reads this has.
extern "C" {
int omp_get_max_threads(void);
void omp_set_num_threads(int threads);
}

namespace gatun::dnnl {

namespace onednn = ::dnnl;

// Why an implementation does not take a shape.
class Refused : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

class Plan {
public:
    Plan() = default;
    virtual ~Plan() = default;
    Plan(const Plan&) = delete;
    Plan& operator=(const Plan&) = delete;

    // Of a product of the shape that it was made for, in memory of its own. From any thread.
    virtual void run(const gatun_product_host& host, const gatun_product& product) const = 0;
    // Which of oneDNN's implementations it came to.
    virtual std::string kernel() const = 0;
};

struct Implementation {
    const char* name;
    // Throws Refused, or onednn::error where oneDNN has nothing for it.
    std::unique_ptr<Plan> (*make)(const gatun_product& product);
};
// For runs, and for gradients.
std::span<const Implementation> implementations(int32_t kind);

std::unique_ptr<Plan> matmul_run(const gatun_product& product);
std::unique_ptr<Plan> matmul_gradient(const gatun_product& product);
std::unique_ptr<Plan> convolution_run(const gatun_product& product, onednn::memory::format_tag order);
std::unique_ptr<Plan> convolution_gradient(const gatun_product& product, onednn::memory::format_tag order);

const onednn::engine& engine();

// While it lives, oneDNN computes on this thread alone: threads are the context's.
class OneThread {
public:
    OneThread();
    ~OneThread();
    OneThread(const OneThread&) = delete;
    OneThread& operator=(const OneThread&) = delete;

private:
    const int before_;
};

// Memory of a thread that only grows, 64-byte aligned; what was there before is lost. A run's tasks have `kTask`, what
// they share is of the thread that called, `kRun`.
enum Use { kRun, kTask };
float* scratch(Use use, int64_t floats);

// task(i) for each piece, on the threads of the pool; throws what one of them threw.
void share(const gatun_product_host& host, int64_t tasks, const std::function<void(int64_t)>& task);

// Parts of a scratch, each aligned.
class Layout {
public:
    int64_t add(int64_t floats) {
        const int64_t at = floats_;
        floats_ += (floats + 15) / 16 * 16;
        return at;
    }
    int64_t add(const onednn::memory::desc& desc) { return add(static_cast<int64_t>(desc.get_size() + 3) / 4); }
    int64_t floats() const { return floats_; }

private:
    int64_t floats_ = 0;
};

// A map's positions in a piece, or around it, as [examples][features][rows][columns] in oneDNN's order of names.
onednn::memory::desc desc_of(const gatun_map& map, int64_t features, int64_t examples, int64_t rows, int64_t columns);
// [place][input][output] as a convolution's weights.
onednn::memory::desc box_desc(const gatun_affine& affine, const Box& box);

// A copy from one order to another, of nothing where they are one.
class Reorder {
public:
    Reorder() = default;
    Reorder(const onednn::memory::desc& from, const onednn::memory::desc& to, bool accumulate = false);
    bool needed() const { return reorder_.get(true) != nullptr; }
    void run(const onednn::stream& stream, const float* from, float* to) const;

private:
    onednn::reorder reorder_;
    onednn::memory::desc from_, to_;
};

inline onednn::memory memory(const onednn::memory::desc& desc, const float* data) {
    return {desc, engine(), const_cast<float*>(data)};
}

}  // namespace gatun::dnnl
