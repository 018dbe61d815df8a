// A small pool: tasks 0..n-1 of a job are cut into as many shares as there are threads. A thread takes the tasks of its
// own share one by one, then what others have left of theirs. So the same part of a batch stays on the same core from
// job to job, and its maps in that core's cache, while nobody waits for one who has not come. Workers spin for a while
// between jobs, then sleep. Who runs a task never matters to what it does: tasks write to places of their own. What a
// task throws ends the job and is thrown again to its caller: a worker has nobody else to tell, and the process is not
// ours to end.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <thread>
#include <type_traits>
#include <vector>

namespace gatun {

class Pool {
public:
    explicit Pool(int threads);
    ~Pool();
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    int threads() const { return static_cast<int>(shares_.size()); }

    // Calls body(task) for every task. While another caller has the pool, all tasks run here.
    template <class Body>
    void run(int64_t tasks, Body&& body) {
        using Plain = std::remove_reference_t<Body>;
        run_erased(
            tasks, [](void* b, int64_t task) { (*static_cast<Plain*>(b))(task); },
            const_cast<void*>(static_cast<const void*>(&body)));
    }

private:
    using Call = void (*)(void*, int64_t);

    void run_erased(int64_t tasks, Call call, void* body);
    void work(int number);
    void take_tasks(int number) noexcept;
    void take_share(int number);
    void hand_out(int64_t tasks, Call call, void* body);
    bool enter();

    // The tasks of a thread, from the first that nobody has begun. In a cache line of its own: its thread counts there.
    struct alignas(64) Share {
        std::atomic<int64_t> next{0};
        int64_t end = 0;
    };

    std::vector<Share> shares_;  // the caller's is the first
    std::vector<std::thread> workers_;
    // Not a mutex: a task may call run, and then finds its own job under way.
    std::atomic_flag owned_;
    // The job: written by the owner while no worker is inside, published by `generation_`.
    Call call_ = nullptr;
    void* body_ = nullptr;
    // The first failure of the job: written by whom `failed_` lets, read by the owner when nobody is inside any more.
    std::exception_ptr failure_;
    std::atomic<bool> failed_{false};
    alignas(64) std::atomic<uint32_t> generation_{0};
    // kOpen while tasks may be left, plus the number of workers inside: the owner closes the job when it finds no task,
    // and waits only for who is inside. A worker that wakes too late, or has no core to run on, holds nobody up.
    static constexpr uint32_t kOpen = 1u << 31;
    alignas(64) std::atomic<uint32_t> gate_{0};
    std::atomic<bool> stop_{false};
};

}  // namespace gatun
