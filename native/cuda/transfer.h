// Arrays of the caller's on their way to a device and back, and the queue that orders it.
#pragma once

#include <algorithm>
#include <vector>

#include "cuda/entries.h"

namespace gatun::gpu {

template <class T>
size_t bytes_of(int64_t count) {
    return sizeof(T) * static_cast<size_t>(count);
}

// An array that is copied to the device as it is.
template <class T>
const T* upload(Memory& memory, const T* from, int64_t count, cudaStream_t stream, const char* what) {
    if (from == nullptr) return nullptr;
    T* to = memory.room_for<T>(std::max<int64_t>(count, 1), what);
    check(cudaMemcpyAsync(to, from, bytes_of<T>(count), cudaMemcpyHostToDevice, stream), what);
    return to;
}

template <class T>
const T* upload(Memory& memory, const std::vector<T>& from, cudaStream_t stream, const char* what) {
    return upload(memory, from.data(), static_cast<int64_t>(from.size()), stream, what);
}

// Columns of an array of the caller's, a row for each stream: on the device they lie side by side.
template <class T>
class Window {
public:
    T* start(T* from, int64_t stride, int64_t rows, int64_t columns, bool read, cudaStream_t stream, const char* what) {
        from_ = from;
        if (from == nullptr) return nullptr;
        pitch_ = bytes_of<T>(stride);
        row_ = bytes_of<T>(columns);
        rows_ = static_cast<size_t>(rows);
        what_ = what;
        T* to = memory_.room_for<T>(std::max<int64_t>(rows * columns, 1), what);
        if (read && row_ > 0) {
            check(cudaMemcpy2DAsync(to, row_, from, pitch_, row_, rows_, cudaMemcpyHostToDevice, stream), what);
        }
        return to;
    }
    void end(cudaStream_t stream) const {
        if (from_ == nullptr || row_ == 0) return;
        check(cudaMemcpy2DAsync(from_, pitch_, memory_.get(), row_, row_, rows_, cudaMemcpyDeviceToHost, stream),
              what_);
    }

private:
    Memory memory_;
    T* from_ = nullptr;
    size_t pitch_ = 0, row_ = 0, rows_ = 0;
    const char* what_ = "";
};

// A stream and the events by which it is timed.
class Queue {
public:
    Queue() { check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "making a stream"); }
    Queue(const Queue&) = delete;
    Queue& operator=(const Queue&) = delete;
    ~Queue() { cudaStreamDestroy(stream_); }
    cudaStream_t get() const { return stream_; }
    void begin() const { check(cudaEventRecord(begin_.get(), stream_), "timing steps"); }
    void end() const { check(cudaEventRecord(end_.get(), stream_), "timing steps"); }
    void wait() const { check(cudaStreamSynchronize(stream_), "running steps"); }
    float milliseconds() const {
        float time = 0;
        check(cudaEventElapsedTime(&time, begin_.get(), end_.get()), "timing steps");
        return time;
    }

private:
    const Event begin_, end_;
    cudaStream_t stream_ = nullptr;
};

// Behind all that the queue has to do.
inline void fetch(float* to, const void* from, int64_t floats, const Queue& queue, const char* what) {
    check(cudaMemcpyAsync(to, from, bytes_of<float>(floats), cudaMemcpyDeviceToHost, queue.get()), what);
    queue.wait();
}

// A state as it is when all is done that was begun with it.
inline void copy_state(const Memory& to, const Memory& from, int64_t floats, const Queue& queue, const Queue& other) {
    other.wait();
    check(cudaMemcpyAsync(to.get(), from.get(), bytes_of<float>(floats), cudaMemcpyDeviceToDevice, queue.get()),
          "copying streams");
    queue.wait();
}

// A run whose half before the draw is wanted, which touches no values.
template <class Run>
Run before_draw(Run run) {
    run.values.levels = nullptr;
    run.values.reals = nullptr;
    run.log_prob = nullptr;
    run.known = nullptr;
    return run;
}

// Halves are of one step.
inline void check_half(int64_t steps) {
    if (steps != 1) throw Failure(GATUN_INVALID_ARGUMENT, "half of " + std::to_string(steps) + " steps");
}

}  // namespace gatun::gpu
