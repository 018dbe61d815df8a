#include <algorithm>

#include "cuda/pass/mirror.h"

namespace gatun::gpu {
namespace {

bool same(const Range& a, const Range& b) { return a.first == b.first && a.end == b.end; }

size_t size_of(const Range& range) { return static_cast<size_t>(range.end - range.first); }

// Sorted, those that overlap as one.
std::vector<Range> merged(std::vector<Range> ranges) {
    std::sort(ranges.begin(), ranges.end(), [](const Range& a, const Range& b) { return a.first < b.first; });
    std::vector<Range> all;
    for (const Range& range : ranges) {
        if (!all.empty() && range.first < all.back().end) {
            all.back().end = std::max(all.back().end, range.end);
        } else {
            all.push_back(range);
        }
    }
    return all;
}

}  // namespace

Mirror::Mirror(std::shared_ptr<const Device> on) : device_(std::move(on)) {
    device_->use();
    check(cudaStreamCreate(&stream_), "making a stream of calls");
}

Mirror::Mirror(std::shared_ptr<Mirror> under)
    : device_(under->device_), under_(std::move(under)), stream_(under_->stream_) {}

Mirror::~Mirror() {
    cudaSetDevice(device_->number);
    if (under_ == nullptr) cudaStreamDestroy(stream_);
}

char* Mirror::Region::start() const {
    return static_cast<char*>(memory->get()) + reinterpret_cast<uintptr_t>(range.first) % kAlignment;
}

Mirror::Region Mirror::made(const Range& range) const {
    Region region{range, std::make_unique<Memory>()};
    region.memory->room(size_of(range) + Region::kAlignment, "memory for a pass");
    check(cudaMemcpyAsync(region.start(), range.first, size_of(range), cudaMemcpyHostToDevice, stream_),
          "copying to a pass");
    return region;
}

void Mirror::copy(const Region& from, const Region& to) const {
    check(cudaMemcpyAsync(to.start() + (from.range.first - to.range.first), from.start(), size_of(from.range),
                          cudaMemcpyDeviceToDevice, stream_),
          "moving memory of a pass");
}

// Whether all of it has its place here; some of it alone is a failure.
bool Mirror::holds(const Range& range) const {
    bool some = false;
    for (const Region& region : regions_) {
        if (region.range.first <= range.first && range.end <= region.range.end) return true;
        some = some || (region.range.first < range.end && range.first < region.range.end);
    }
    if (some) throw Failure(GATUN_INVALID_ARGUMENT, "memory of which other memory holds a part");
    return under_ != nullptr && under_->holds(range);
}

void Mirror::add(std::vector<Range> ranges) {
    if (under_ != nullptr) {
        const auto held = [&](const Range& range) { return under_->holds(range); };
        ranges.erase(std::remove_if(ranges.begin(), ranges.end(), held), ranges.end());
    }
    for (const Region& region : regions_) ranges.push_back(region.range);
    std::vector<Region> all;
    bool moved = false;
    auto old = regions_.begin();
    for (const Range& range : merged(std::move(ranges))) {
        if (old != regions_.end() && same(old->range, range)) {
            all.push_back(std::move(*old++));
            continue;
        }
        all.push_back(made(range));
        for (; old != regions_.end() && old->range.end <= range.end; ++old) {
            copy(*old, all.back());
            moved = true;
        }
    }
    // What is given up may still be copied from.
    check(cudaStreamSynchronize(stream_), "waiting for a pass's memory");
    regions_ = std::move(all);
    if (moved) ++moves_;
}

const Mirror::Region* Mirror::find(const char* host) const {
    auto after = std::upper_bound(regions_.begin(), regions_.end(), host,
                                  [](const char* p, const Region& region) { return p < region.range.first; });
    if (after == regions_.begin()) return nullptr;
    const Region& region = *--after;
    return host < region.range.end ? &region : nullptr;
}

void* Mirror::at(const void* host) const {
    const auto* p = static_cast<const char*>(host);
    const Region* region = find(p);
    if (region == nullptr && under_ != nullptr) return under_->at(host);
    if (region == nullptr) throw Failure(GATUN_INVALID_ARGUMENT, "memory that a pass was not made for");
    return region->start() + (p - region->range.first);
}

void Mirror::upload(const void* from, int64_t bytes) {
    device_->use();
    const auto *first = static_cast<const char*>(from), *end = first + bytes;
    for (const Region& region : regions_) {
        const char *low = std::max(first, region.range.first), *high = std::min(end, region.range.end);
        if (low >= high) continue;
        check(cudaMemcpyAsync(region.start() + (low - region.range.first), low, static_cast<size_t>(high - low),
                              cudaMemcpyHostToDevice, stream_),
              "copying to a pass");
    }
    if (under_ != nullptr) under_->upload(from, bytes);
}

void Mirror::download(void* to, int64_t bytes) {
    device_->use();
    auto* first = static_cast<char*>(to);
    const Region* region = find(first);
    if (region == nullptr && under_ != nullptr) return under_->download(to, bytes);
    if (bytes > 0 && (region == nullptr || region->range.end - first < bytes)) {
        throw Failure(GATUN_INVALID_ARGUMENT, "memory that no pass has: " + std::to_string(bytes) + " bytes");
    }
    if (bytes > 0) {
        check(cudaMemcpyAsync(to, region->start() + (first - region->range.first), static_cast<size_t>(bytes),
                              cudaMemcpyDeviceToHost, stream_),
              "copying from a pass");
    }
    check(cudaStreamSynchronize(stream_), "running a pass");
}

}  // namespace gatun::gpu

extern "C" {

int32_t gatun_cuda_memory_create(gatun_cuda_device* device, gatun_cuda_memory** memory, char* text, int32_t capacity) {
    *memory = nullptr;
    return gatun::gpu::entry(
        text, capacity, [&] { *memory = new gatun_cuda_memory{std::make_shared<gatun::gpu::Mirror>(device->it)}; });
}

int32_t gatun_cuda_memory_over(gatun_cuda_memory* under, gatun_cuda_memory** memory, char* text, int32_t capacity) {
    *memory = nullptr;
    return gatun::gpu::entry(text, capacity,
                             [&] { *memory = new gatun_cuda_memory{std::make_shared<gatun::gpu::Mirror>(under->it)}; });
}

void gatun_cuda_memory_destroy(gatun_cuda_memory* memory) { delete memory; }

int32_t gatun_cuda_hold(gatun_cuda_memory* memory, const void* from, int64_t bytes, char* text, int32_t capacity) {
    return gatun::gpu::entry(text, capacity, [&] {
        const auto* first = static_cast<const char*>(from);
        memory->it->device().use();
        if (bytes > 0) memory->it->add({{first, first + bytes}});
    });
}

int32_t gatun_cuda_upload(gatun_cuda_memory* memory, const void* from, int64_t bytes, char* text, int32_t capacity) {
    return gatun::gpu::entry(text, capacity, [&] { memory->it->upload(from, bytes); });
}

int32_t gatun_cuda_download(gatun_cuda_memory* memory, void* to, int64_t bytes, char* text, int32_t capacity) {
    return gatun::gpu::entry(text, capacity, [&] { memory->it->download(to, bytes); });
}
}
