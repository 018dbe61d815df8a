// Memory between two pages that nobody may touch, so that a kernel that reads or writes beside its buffer dies at once.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <limits>
#include <new>
#include <span>
#include <type_traits>
#include <vector>

namespace gatun::check {

// Where in its pages a buffer lies: right behind the page before it, or right before the page behind it. (An end that
// is not a multiple of 64 bytes makes the start misaligned, which is wanted.)
enum class Edge { kStart, kEnd };

template <class T>
class Guarded {
public:
    explicit Guarded(int64_t count, Edge edge = Edge::kEnd) : count_(static_cast<size_t>(count)) {
        const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
        const size_t bytes = count_ * sizeof(T);
        const size_t inside = (bytes + page - 1) / page * page;
        size_ = inside + 2 * page;
        memory_ = mmap(nullptr, size_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory_ == MAP_FAILED) throw std::bad_alloc();
        char* first = static_cast<char*>(memory_) + page;
        if (inside > 0 && mprotect(first, inside, PROT_READ | PROT_WRITE) != 0) throw std::bad_alloc();
        data_ = reinterpret_cast<T*>(edge == Edge::kStart ? first : first + inside - bytes);
        poison();
    }
    Guarded(const std::vector<T>& values, Edge edge = Edge::kEnd) : Guarded(static_cast<int64_t>(values.size()), edge) {
        if (count_ > 0) std::memcpy(data_, values.data(), count_ * sizeof(T));
    }
    ~Guarded() { munmap(memory_, size_); }
    Guarded(const Guarded&) = delete;
    Guarded& operator=(const Guarded&) = delete;

    T* data() { return data_; }
    int64_t size() const { return static_cast<int64_t>(count_); }
    T& operator[](int64_t i) { return data_[i]; }
    std::vector<T> copy() const { return std::vector<T>(data_, data_ + count_); }

    // What no kernel may leave behind where it should have written, or use where it should not have read.
    static T poison_value() {
        if constexpr (std::is_floating_point_v<T>) {
            return std::numeric_limits<T>::quiet_NaN();
        } else {
            return std::numeric_limits<T>::min() + 77;
        }
    }
    void poison() {
        for (T& value : std::span<T>(data_, count_)) value = poison_value();
    }

private:
    size_t count_;
    size_t size_ = 0;
    void* memory_ = nullptr;
    T* data_ = nullptr;
};

}  // namespace gatun::check
