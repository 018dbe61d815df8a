// The pool: every task once, whoever calls at the same time; contexts that come and go.
#include <doctest/doctest.h>

#include <atomic>
#include <thread>

#include "cases.h"
#include "core/context.h"

namespace gatun::check {
namespace {

// Runs `tasks` tasks that count themselves; true if each ran once.
bool each_once(Pool& pool, int64_t tasks) {
    std::vector<std::atomic<int32_t>> runs(static_cast<size_t>(tasks));
    pool.run(tasks, [&](int64_t task) { runs[static_cast<size_t>(task)].fetch_add(1, std::memory_order_relaxed); });
    for (const std::atomic<int32_t>& count : runs) {
        if (count.load(std::memory_order_relaxed) != 1) return false;
    }
    return true;
}

// Calls body(number) on `count` threads at once.
template <class Body>
void on_threads(int count, Body&& body) {
    std::vector<std::thread> threads;
    threads.reserve(static_cast<size_t>(count));
    for (int i = 0; i < count; ++i) threads.emplace_back([&body, i] { body(i); });
    for (std::thread& thread : threads) thread.join();
}

}  // namespace

TEST_CASE("pool: every task runs once, and what it wrote is seen") {
    for (const int threads : {1, 2, 3, 5}) {
        Pool pool(threads);
        CHECK(pool.threads() == threads);
        for (int round = 0; round < 150; ++round) {
            for (const int64_t tasks : {0, 1, 2, 3, 7, 100}) {
                REQUIRE(each_once(pool, tasks));
                std::vector<int64_t> squares(static_cast<size_t>(tasks));  // plain memory: the hand-over orders it
                pool.run(tasks, [&](int64_t task) { squares[static_cast<size_t>(task)] = task * task; });
                bool seen = true;
                for (int64_t task = 0; task < tasks; ++task)
                    seen = seen && squares[static_cast<size_t>(task)] == task * task;
                REQUIRE(seen);
            }
        }
    }
}

TEST_CASE("pool: wakes up from sleep") {
    Pool pool(3);
    for (int round = 0; round < 20; ++round) {
        std::this_thread::sleep_for(std::chrono::microseconds(round * 100));  // workers spin for less, then sleep
        CHECK(each_once(pool, 10));
    }
}

TEST_CASE("pool: many callers at once, and a call within a call") {
    for (const int threads : {1, 2, 4}) {
        Pool pool(threads);
        std::atomic<int> wrong{0};
        on_threads(6, [&](int) {
            for (int round = 0; round < 200; ++round) {
                if (!each_once(pool, 1 + round % 9)) ++wrong;
            }
        });
        CHECK(wrong == 0);
        std::atomic<int64_t> inner{0};
        pool.run(20, [&](int64_t) { pool.run(30, [&](int64_t task) { inner += task; }); });
        CHECK(inner == 20 * (29 * 30 / 2));
    }
}

TEST_CASE("pool: one context, many threads, the same bits as alone") {
    Random random("pool context");
    const int32_t in = 5, out = 33, columns = 700;
    const std::vector<float> x = random.reals(columns * in, -2, 2);
    const std::vector<float> weights = random.reals(48 * in, -2, 2);
    const gatun_tap tap = {0, 0};
    const gatun_affine affine = {weights.data(), nullptr, &tap, 1, in, out, 0};
    const auto run = [&](gatun_context* context, std::vector<float> input) {
        std::vector<float> output(static_cast<size_t>(columns) * out, std::nanf(""));
        const gatun_map from = {input.data(), 0, 0, in, 1, 1, columns, in};
        const gatun_map to = {output.data(), 0, 0, out, 1, 1, columns, out};
        gatun_affine_run(context, &affine, &from, &to, 0);
        return output;
    };
    const std::vector<float> alone = run(context_of(levels().back()).get(), x);
    const Context shared = context_of(levels().back(), 3);
    std::atomic<int> wrong{0};
    on_threads(5, [&](int) {
        for (int round = 0; round < 60; ++round) wrong += first_difference(alone, run(shared.get(), x)) == -1 ? 0 : 1;
    });
    CHECK(wrong == 0);
}

TEST_CASE("pool: contexts come and go, on several threads") {
    std::atomic<int> wrong{0};
    on_threads(3, [&](int number) {
        for (int round = 0; round < 60; ++round) {
            const int32_t threads = 1 + (number + round) % 5;
            gatun_context* context = nullptr;
            if (gatun_context_create(GATUN_ISA_BASELINE, threads, &context) != GATUN_OK) {
                ++wrong;
                continue;
            }
            if (gatun_context_threads(context) != threads || gatun_context_isa(context) != GATUN_ISA_BASELINE) ++wrong;
            if (round % 2 == 0 && !each_once(context->pool, 7)) ++wrong;
            gatun_context_destroy(context);
        }
    });
    CHECK(wrong == 0);
}

TEST_CASE("pool: texts of errors, from many threads at once") {
    const Context context = context_of(levels().back());
    std::atomic<int> wrong{0};
    on_threads(4, [&](int number) {
        for (int round = 0; round < 200; ++round) {
            const std::string text = "thread " + std::to_string(number) + " round " + std::to_string(round);
            const int32_t status = context->fail(GATUN_SYSTEM_ERROR, text);
            char found[64] = {};  // its own text, or a later one that took its place
            gatun_error_text(context.get(), status, found, sizeof found);
            const std::string got = found;
            const bool whole = got.starts_with("thread ") && got.find(" round ") == 8 && got.size() <= text.size() + 2;
            if ((status & 0xff) != GATUN_SYSTEM_ERROR || !whole) ++wrong;
        }
    });
    CHECK(wrong == 0);

    const int32_t status = context->fail(GATUN_OUT_OF_MEMORY, "a text that is cut");
    char cut[7] = {1, 1, 1, 1, 1, 1, 1};
    gatun_error_text(context.get(), status, cut, 6);
    CHECK(std::string(cut) == "a tex");
    CHECK(cut[6] == 1);
}

}  // namespace gatun::check
