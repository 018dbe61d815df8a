// Memory of a device that stands for the caller's.
#pragma once

#include <vector>

#include "cuda/entries.h"

namespace gatun::gpu {

// Of the caller's memory.
struct Range {
    const char* first;
    const char* end;
};

class Mirror {
public:
    explicit Mirror(std::shared_ptr<const Device> on);
    // One in which what another holds has its place there.
    explicit Mirror(std::shared_ptr<Mirror> under);
    ~Mirror();
    Mirror(const Mirror&) = delete;
    Mirror& operator=(const Mirror&) = delete;

    // Gives ranges a place, those that overlap one together, with the caller's contents; what has a place keeps its own
    // contents, but may move: `moves` counts on then.
    void add(std::vector<Range> ranges);
    int64_t moves() const { return moves_ + (under_ == nullptr ? 0 : under_->moves()); }

    // Where a place of the caller's lies, which has one.
    void* at(const void* host) const;

    void upload(const void* from, int64_t bytes);
    void download(void* to, int64_t bytes);

    // Floats for what is run once; what is run behind it may have the same.
    float* scratch(int64_t floats) { return scratch_.room_for<float>(floats, "memory for what is summed up"); }

    const Device& device() const { return *device_; }
    cudaStream_t stream() const { return stream_; }

private:
    struct Region {
        Range range;
        std::unique_ptr<Memory> memory;
        // Addresses have the same remainder of this as the caller's.
        static constexpr size_t kAlignment = 256;
        char* start() const;
    };

    Region made(const Range& range) const;
    void copy(const Region& from, const Region& to) const;
    const Region* find(const char* host) const;
    bool holds(const Range& range) const;

    const std::shared_ptr<const Device> device_;
    const std::shared_ptr<Mirror> under_;
    std::vector<Region> regions_;  // in the order of addresses
    cudaStream_t stream_ = nullptr;
    int64_t moves_ = 0;
    Memory scratch_;
};

}  // namespace gatun::gpu

struct gatun_cuda_memory {
    std::shared_ptr<gatun::gpu::Mirror> it;
};
