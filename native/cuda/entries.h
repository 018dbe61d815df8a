// What the entries share: failures with their texts, memory of a device.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>
#include <memory>
#include <string>

#include "cuda/failure.h"
#include "gatun_cuda.h"

namespace gatun::gpu {

// Throws what a call of CUDA's means, if it failed.
void check(cudaError_t error, const std::string& what);

void copy_text(const std::string& from, char* text, int32_t capacity);

// Runs an entry's body; what it throws becomes a status and a text.
template <class Body>
int32_t entry(char* text, int32_t capacity, Body&& body) noexcept {
    try {
        body();
        return GATUN_OK;
    } catch (const Failure& failure) {
        copy_text(failure.what(), text, capacity);
        return failure.code;
    } catch (const std::bad_alloc&) {
        copy_text("out of native memory", text, capacity);
        return GATUN_OUT_OF_MEMORY;
    } catch (const std::exception& error) {
        copy_text(error.what(), text, capacity);
        return GATUN_SYSTEM_ERROR;
    } catch (...) {
        copy_text("an unknown failure", text, capacity);
        return GATUN_SYSTEM_ERROR;
    }
}

// Memory of the current device.
class Memory {
public:
    Memory() = default;
    Memory(const Memory&) = delete;
    Memory& operator=(const Memory&) = delete;
    ~Memory() { cudaFree(memory_); }

    // At least `bytes`; where it has to grow, what was there is lost.
    void* room(size_t bytes, const std::string& what);
    template <class T>
    T* room_for(int64_t count, const std::string& what) {
        return static_cast<T*>(room(sizeof(T) * static_cast<size_t>(count), what));
    }
    void* get() const { return memory_; }

private:
    void* memory_ = nullptr;
    size_t size_ = 0;
};

// A moment of a stream of the current device, to be timed by.
class Event {
public:
    Event() { check(cudaEventCreate(&event_), "making an event"); }
    ~Event() { cudaEventDestroy(event_); }
    Event(const Event&) = delete;
    Event& operator=(const Event&) = delete;
    cudaEvent_t get() const { return event_; }

private:
    cudaEvent_t event_ = nullptr;
};

struct Device {
    int number;
    size_t shared_bytes;  // that a block may take
    int processors;
    bool clusters;  // blocks can share a stream
    std::string description;

    // Makes it the calling thread's.
    void use() const;
};

}  // namespace gatun::gpu

// What is handed out are holds: whatever order they are given back in, what is still needed stays.
struct gatun_cuda_device {
    std::shared_ptr<const gatun::gpu::Device> it;
};
