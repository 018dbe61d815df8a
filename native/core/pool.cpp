#include "core/pool.h"

#include <chrono>
#include <utility>

#include "core/arithmetic.h"
#include "core/spin.h"

namespace gatun {
namespace {

// Long enough for the gaps between the kernels of one pass, short enough not to burn a core that others want.
constexpr auto kSpin = std::chrono::microseconds(50);

}  // namespace

Pool::Pool(int threads) : shares_(static_cast<size_t>(threads)) {
    workers_.reserve(static_cast<size_t>(threads - 1));
    try {
        for (int i = 1; i < threads; ++i) workers_.emplace_back([this, i] { work(i); });
    } catch (...) {  // no more threads to be had: the destructor does not run for a half-made pool
        stop_ = true;
        generation_.fetch_add(1);
        generation_.notify_all();
        for (std::thread& worker : workers_) worker.join();
        throw;
    }
}

Pool::~Pool() {
    stop_ = true;
    generation_.fetch_add(1);
    generation_.notify_all();
    for (std::thread& worker : workers_) worker.join();
}

void Pool::run_erased(int64_t tasks, Call call, void* body) {
    if (workers_.empty() || tasks < 2 || owned_.test_and_set(std::memory_order_acquire)) {
        for (int64_t task = 0; task < tasks; ++task) call(body, task);
        return;
    }
    hand_out(tasks, call, body);
    const bool failed = failed_.exchange(false, std::memory_order_relaxed);
    const std::exception_ptr failure = std::exchange(failure_, nullptr);
    owned_.clear(std::memory_order_release);
    if (failed) std::rethrow_exception(failure);
}

void Pool::hand_out(int64_t tasks, Call call, void* body) {
    call_ = call;
    body_ = body;
    for (int i = 0; i < threads(); ++i) {
        Share& share = shares_[static_cast<size_t>(i)];
        share.next.store(tasks * i / threads(), std::memory_order_relaxed);
        share.end = tasks * (i + 1) / threads();
    }
    gate_.store(kOpen, std::memory_order_release);
    generation_.fetch_add(1, std::memory_order_release);
    generation_.notify_all();
    take_tasks(0);
    gate_.fetch_and(~kOpen, std::memory_order_acq_rel);
    spin_until([this] { return gate_.load(std::memory_order_acquire) == 0; });
}

void Pool::take_tasks(int number) noexcept {
    try {
        for (int i = 0; i < threads(); ++i) take_share((number + i) % threads());
    } catch (...) {
        // What has not begun is not worth beginning.
        for (Share& share : shares_) share.next.store(share.end, std::memory_order_relaxed);
        if (!failed_.exchange(true, std::memory_order_relaxed)) failure_ = std::current_exception();
    }
}

void Pool::take_share(int number) {
    Share& share = shares_[static_cast<size_t>(number)];
    while (share.next.load(std::memory_order_relaxed) < share.end) {
        const int64_t task = share.next.fetch_add(1, std::memory_order_relaxed);
        if (task >= share.end) return;
        call_(body_, task);
    }
}

bool Pool::enter() {
    uint32_t gate = gate_.load(std::memory_order_acquire);
    while ((gate & kOpen) != 0) {
        if (gate_.compare_exchange_weak(gate, gate + 1, std::memory_order_acq_rel)) return true;
    }
    return false;
}

void Pool::work(int number) {
    const DefaultArithmetic arithmetic;
    uint32_t seen = 0;
    for (;;) {
        auto until = std::chrono::steady_clock::now() + kSpin;
        uint32_t now;
        for (int i = 1; (now = generation_.load(std::memory_order_acquire)) == seen; ++i) {
            pause();
            if (i % 64 == 0 && std::chrono::steady_clock::now() >= until)
                generation_.wait(seen, std::memory_order_acquire);
        }
        seen = now;
        if (stop_) return;
        if (enter()) {
            take_tasks(number);
            gate_.fetch_sub(1, std::memory_order_release);
        }
    }
}

}  // namespace gatun
