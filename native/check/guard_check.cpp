// What must not reach the program around us: failures of tasks, and what that program's own arithmetic does to ours.
#include <doctest/doctest.h>

#include <atomic>
#include <stdexcept>
#include <thread>

#include "core/context.h"

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace gatun {
namespace {

// Runs a job in which task `bad` throws; the text of what came back, empty if nothing did.
std::string run_with_failure(Pool& pool, int64_t tasks, int64_t bad) {
    try {
        pool.run(tasks, [&](int64_t task) {
            if (task == bad) throw std::runtime_error("task " + std::to_string(task));
            std::this_thread::yield();
        });
    } catch (const std::runtime_error& error) {
        return error.what();
    }
    return {};
}

}  // namespace

TEST_CASE("pool: what a task throws comes back to the caller, and the pool goes on") {
    for (const int threads : {1, 2, 4}) {
        Pool pool(threads);
        for (int64_t bad = 0; bad < 200; ++bad) {
            REQUIRE(run_with_failure(pool, 200, bad) == "task " + std::to_string(bad));
            std::atomic<int> runs{0};
            pool.run(20, [&](int64_t) { runs.fetch_add(1, std::memory_order_relaxed); });
            REQUIRE(runs.load() == 20);
        }
    }
}

TEST_CASE("pool: all tasks throw, one failure comes back") {
    Pool pool(3);
    for (int round = 0; round < 200; ++round) {
        CHECK_THROWS_AS(pool.run(50, [](int64_t) { throw std::bad_alloc(); }), std::bad_alloc);
    }
}

TEST_CASE("guarded: a failure of a task is a status with its text") {
    gatun_context context(GATUN_ISA_BASELINE, 2);
    const int32_t status = guarded(&context, [&]() -> int32_t {
        context.pool.run(8, [](int64_t) { throw std::runtime_error("no luck"); });
        return GATUN_OK;
    });
    CHECK((status & 0xff) == GATUN_SYSTEM_ERROR);
    CHECK(context.text_of(status) == "no luck");
}

#if defined(__x86_64__)
TEST_CASE("subnormal numbers stay what they are where the host flushes them") {
    constexpr uint32_t kFlush = 0x8040;  // flush to zero, subnormals are zeros
    const uint32_t before = _mm_getcsr();
    _mm_setcsr(before | kFlush);
    std::vector<float> halves(100000);
    {
        gatun_context context(GATUN_ISA_BASELINE, 3);  // its workers take after this thread
        float smallest = 0x1p-148f;
        guarded(&context, [&] {
            context.pool.run(100000, [&](int64_t task) {
                const volatile float* from = &smallest;
                halves[static_cast<size_t>(task)] = *from * 0.5f;
            });
            return GATUN_OK;
        });
    }
    const uint32_t after = _mm_getcsr();
    _mm_setcsr(before);
    CHECK((after & kFlush) == kFlush);  // the host has its own back
    for (const float half : halves) REQUIRE(half == 0x1p-149f);
}
#endif

}  // namespace gatun
