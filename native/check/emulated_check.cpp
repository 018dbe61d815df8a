// The kernels of step programs for GPUs, played by this processor: groups of threads one after the other, in any order.
#include <deque>
#include <numeric>

#include "guarded.h"
#include "step_device.h"

#define GATUN_ISA_LEVEL emulated
#define GATUN_PLAIN
#include "cuda/laid.h"
#include "cuda/launch.h"
#include "cuda/spread.h"
#include "cuda/turn.h"
#include "emulated_copies.h"

namespace gatun::check {
namespace {

using emulated::Block;
using emulated::kLanes;

class Emulated : public StepDevice {
public:
    void start(const gatun_step_program& program, int64_t streams, Random& random) override {
        const int64_t most = random.whole(0, 2) == 0 ? 0 : random.whole(0, 1) == 0 ? random.whole(0, 300) : 100000;
        lay_out(program);
        plan_ = std::make_unique<gpu::Plan>(program_, most);
        staging_.reset();
        streams_ = streams;
        random_ = &random;
        launch_ = {static_cast<int32_t>(random.whole(1, 20)) * 32, static_cast<int32_t>(random.whole(1, 20)),
                   int32_t{1} << random.whole(0, 3)};
        schedule_.reset();
        // In turns, so that no seed leaves it out.
        if (gpu::Schedule::fits(*plan_) && starts_++ % 2 == 0) share(random);
        if (launch_.blocks == 0 && random.whole(0, 3) != 0) stage(random);
        if (is_bf16()) ++(launch_.blocks > 0 ? shared_bf16_ : launch_.staged != 0 ? staged_bf16_ : other_bf16_);
        state_ = std::make_unique<Guarded<float>>(plan_->state_floats * streams);
        program_floats_ = program.state_floats;
        for (int64_t s = 0; s < streams; ++s) reset_stream(s);
        clear_gaps();
    }

    void reset_stream(int64_t stream) override {
        for (const gpu::Slot& slot : plan_->slots) {
            for (int64_t row = 0; row < slot.depth; ++row) {
                float* to = state_->data() + (slot.offset + row * slot.features) * streams_ + stream * slot.features;
                std::memset(to, slot.levels == 1 ? 0xff : 0, sizeof(float) * static_cast<size_t>(slot.features));
            }
        }
    }

    void delay_stream(int64_t stream, int64_t steps) override {
        Guarded<float> aside(plan_->state_floats);
        const auto slots = static_cast<int32_t>(plan_->slots.size());
        const gpu::Delay delay = {plan_->slots.data(), state_->data(), aside.data(), streams_, stream, steps, slots};
        const auto threads = static_cast<int32_t>(random_->whole(1, 300));
        for (const bool back : {false, true}) {
            each_of(slots * threads,
                    [&](int32_t i) { emulated::turn_ring(delay, i / threads, back, i % threads, threads); });
        }
    }

    void run(const gatun_step_run& run) override {
        gatun_step_run own = run;
        own.state = state_->data();
        const gpu::Program program = plan_->program();
        for (int64_t s = 0; launch_.blocks > 0 && s < streams_; ++s) run_cluster(program, own, s);
        if (launch_.blocks > 0) return;
        for (int64_t first = 0; first < streams_; first += launch_.streams) {
            run_block(program, own, first, static_cast<int32_t>(std::min<int64_t>(launch_.streams, streams_ - first)));
        }
    }

    std::vector<float> state() override {
        std::vector<float> all = state_->copy();
        all.resize(static_cast<size_t>(program_floats_ * streams_));
        return all;
    }

    // Programs that several blocks shared, or that were run with copies ahead.
    int shared() const { return shared_; }
    int staged() const { return staged_; }
    // And those whose weights were kept as upper halves, of each of the two and of the others.
    int shared_bf16() const { return shared_bf16_; }
    int staged_bf16() const { return staged_bf16_; }
    int other_bf16() const { return other_bf16_; }

private:
    bool is_bf16() const { return precision_ == GATUN_BF16; }

    // With copies ahead, into much memory or little.
    void stage(Random& random) {
        const int64_t most = random.whole(0, 1) == 0 ? random.whole(0, 3000) : random.whole(0, 200000);
        staging_ = std::make_unique<gpu::Staging>(*plan_, most, launch_.streams);
        launch_.staged = 1;
        for (gpu::Part& part : plan_->parts) part.tile = int32_t{1} << random.whole(0, 3);
        staged_ += staging_->batches.empty() ? 0 : 1;
    }

    // By several blocks, as many as can be of those that are drawn.
    void share(Random& random) {
        for (int32_t blocks = int32_t{1} << random.whole(0, 4); blocks > 0; blocks /= 2) {
            if (share(random, blocks)) return;
        }
    }

    bool share(Random& random, int32_t blocks) {
        auto plan = std::make_unique<gpu::Plan>(program_, 100000, true);
        const gpu::Schedule roomy(*plan, blocks, 1 << 24);
        const int64_t least = roomy.token + kLanes + 2 * roomy.staged_floats;
        auto own = std::make_unique<gpu::Schedule>(*plan, blocks, least + random.whole(0, 20000) / kLanes * kLanes);
        if (!own->runs()) return false;
        launch_.streams = launch_.tile = 1;
        launch_.blocks = blocks;
        plan_ = std::move(plan);
        schedule_ = std::move(own);
        ++shared_;
        return true;
    }

    // gatun_step_reset clears all of a state.
    void clear_gaps() {
        std::vector<bool> in_slot(static_cast<size_t>(state_->size()));
        for (const gpu::Slot& slot : plan_->slots) {
            const int64_t floats = int64_t{slot.features} * slot.depth * streams_;
            for (int64_t i = 0; i < floats; ++i) in_slot[static_cast<size_t>(slot.offset * streams_ + i)] = true;
        }
        for (int64_t i = 0; i < state_->size(); ++i) {
            if (!in_slot[static_cast<size_t>(i)]) (*state_)[i] = 0;
        }
    }

    void run_block(const gpu::Program& program, const gatun_step_run& run, int64_t first, int32_t streams) {
        Guarded<float> fast(program.fast_floats * streams);
        EmulatedCopies copies(staging_.get(), *random_);
        std::vector<int32_t> rows[2];
        for (auto& each : rows) each.resize(static_cast<size_t>(program.slot_count));
        const int32_t threads = launch_.threads, groups = threads / GATUN_LANES;
        int64_t step = 0;
        const auto block = [&] {
            return Block{program,
                         run,
                         first,
                         streams,
                         launch_.tile,
                         fast.data(),
                         rows[step % 2].data(),
                         run.first_position + step,
                         nullptr,
                         copies.memory(),
                         copies.taps_at()};
        };
        each_of(threads, [&](int32_t t) {
            emulated::find_rows(program, run.first_position, rows[0].data(), t, threads);
            emulated::move_fast(block(), false, t, threads);
        });
        copies.begin_first(block());
        for (; step < run.positions; ++step) {
            each_of(threads, [&](int32_t t) {
                emulated::turn_rings(program, rows[step % 2].data(), rows[(step + 1) % 2].data(), t, threads);
            });
            const int32_t turns = copies.turns(program.wave_count);
            for (int32_t i = 0; i < turns; ++i) {
                const gpu::Turn turn = copies.turn(i);
                Block own = block();
                own.round = turn.round;
                own.near += turn.near;
                copies.begin(own, i, step + 1 == run.positions);
                copies.wait(i);
                if (i + 1 < turns && !emulated::is_due(own, turn.wave)) continue;
                each_of(groups, [&](int32_t group) {
                    if (is_bf16()) return emulated::run_wave<uint16_t>(own, turn.wave, group, groups);
                    emulated::run_wave<float>(own, turn.wave, group, groups);
                });
            }
        }
        copies.end();
        each_of(threads, [&](int32_t t) { emulated::move_fast(block(), true, t, threads); });
    }

    // A block of those that share a stream.
    struct Sharer {
        explicit Sharer(const gpu::Own& tables) : own(tables), memory(tables.floats), rows() {}
        gpu::Own own;
        Guarded<float> memory;
        std::vector<int32_t> rows;
    };

    // A step of a stream that blocks share, as far as it is played.
    struct Turn {
        const gpu::Program& program;
        const gatun_step_run& run;
        int64_t stream, step;
        std::vector<std::unique_ptr<Sharer>>& sharers;
        std::vector<float*> memories;
        std::vector<int64_t> sent;  // of each wave

        int32_t odd() const { return static_cast<int32_t>(step & 1); }
        emulated::Send send(int32_t wave) {
            return {memories.data(), &sent[static_cast<size_t>(wave)], static_cast<int32_t>(memories.size())};
        }
    };

    static void feed(Sharer& sharer, int32_t list, bool last) {
        for (int32_t i = sharer.own.fed[list]; i < sharer.own.fed[list + 1]; ++i) {
            const gpu::Feed& it = sharer.own.feeds[i];
            if (it.next == 0 || !last) {
                std::memcpy(sharer.memory.data() + it.to, it.from, static_cast<size_t>(it.bytes));
            }
        }
    }

    template <class W>
    static emulated::Vec half_sum(Turn& turn, Sharer& sharer, const emulated::Half& half) {
        const gpu::Task& task = half.task;
        const float* memory = sharer.memory.data();
        const bool near = task.place != gpu::Place::kFar;
        emulated::Chain chain = near ? emulated::begin_near(half, memory) : emulated::begin_far(half);
        for (const auto& [first, end] : {std::pair{0, task.lead}, std::pair{task.lead, task.taps}}) {
            if (near) {
                emulated::multiply_half<true, W>(chain, half, sharer.own.sources, memory, turn.odd(), first, end);
            } else {
                emulated::multiply_half<false, W>(chain, half, sharer.own.sources, memory, turn.odd(), first, end);
            }
        }
        return chain.even + chain.odd;
    }

    void run_product(Turn& turn, const Block& block, Sharer& sharer, const gpu::Task& task) {
        const gpu::Part& part = turn.program.parts[task.part];
        const emulated::Half first{task, part, 0}, second{task, part, 1};
        const auto sum_of = is_bf16() ? half_sum<uint16_t> : half_sum<float>;
        const emulated::Vec a = sum_of(turn, sharer, first), b = sum_of(turn, sharer, second);
        const int32_t at = emulated::of_step(task.out, turn.odd());
        emulated::Vec y[2] = {a, b};
        if (task.then == gpu::Work::kGate) {
            y[0] = emulated::gate(a, b);
        } else {
            const float* memory = sharer.memory.data();
            y[0] = emulated::made(first, memory, turn.odd(), a);
            if (task.live > kLanes) y[1] = emulated::made(second, memory, turn.odd(), b);
        }
        for (int32_t half = 0; half * kLanes < task.live; ++half) {
            const int32_t live = std::min(task.live - half * kLanes, kLanes), to = at + half * kLanes;
            const emulated::Vec same = emulated::load(sharer.memory.data() + to, live);
            block.shared->send(to, block.due(part.op, 0) ? y[half] : same, live);
        }
    }

    void run_task(Turn& turn, Sharer& sharer, const gpu::Task& task) {
        const gpu::Part& part = turn.program.parts[task.part];
        const emulated::Shared shared{turn.send(task.wave), sharer.own.staged_at, sharer.own.staged_floats, turn.odd()};
        const Block block{turn.program,
                          turn.run,
                          turn.stream,
                          1,
                          1,
                          sharer.memory.data(),
                          nullptr,
                          turn.run.first_position + turn.step,
                          &shared};
        if (task.place != gpu::Place::kOther) return run_product(turn, block, sharer, task);
        const auto run = is_bf16() ? emulated::run_other<uint16_t> : emulated::run_other<float>;
        if (block.due(part.op, 0)) return run(block, part, task);
        const int32_t same = emulated::of_step(task.out, turn.odd());
        shared.send(same, emulated::load(sharer.memory.data() + same, task.live), task.live);
    }

    // What the warp that keeps rings does in a step.
    static void keep_rings(const Turn& turn, Sharer& s) {
        const int32_t before = turn.odd() ^ 1;
        if (turn.step > 0) {
            emulated::turn_rows(turn.program, s.rows.data(), 0, 1);
            emulated::keep(turn.program, s.own, turn.run, turn.stream, s.rows.data(), s.memory.data(), before, 0, 1);
        }
        stages(turn, s, 2, before);
    }
    static void stages(const Turn& turn, Sharer& s, int32_t ahead, int32_t odd) {
        for (int32_t thread = 0; thread < gpu::kWarp; ++thread) {
            emulated::bring_stages(turn.program, s.own, turn.run, turn.stream, s.rows.data(), ahead, s.memory.data(),
                                   odd, thread);
        }
    }

    void run_step(Turn& turn) {
        // At any time before the last wave.
        const int32_t waves = turn.program.wave_count, keeps = static_cast<int32_t>(random_->whole(0, waves - 1));
        for (int32_t wave = 0; wave < waves; ++wave) {
            if (wave == keeps) each_of(launch_.blocks, [&](int32_t i) { keep_rings(turn, sharer_of(turn, i)); });
            std::vector<std::pair<int32_t, const gpu::Task*>> tasks;
            for (int32_t i = 0; i < launch_.blocks; ++i) {
                const gpu::Own& own = sharer_of(turn, i).own;
                for (int32_t k = 0; k < own.first[own.workers]; ++k) {
                    if (own.tasks[k].wave == wave) tasks.emplace_back(i, own.tasks + k);
                }
            }
            each_of(static_cast<int32_t>(tasks.size()), [&](int32_t i) {
                const auto& [block, task] = tasks[static_cast<size_t>(i)];
                run_task(turn, sharer_of(turn, block), *task);
            });
            for (auto& sharer : turn.sharers) feed(*sharer, wave + 1, turn.step + 1 == turn.run.positions);
            CHECK(turn.sent[static_cast<size_t>(wave)] == sharer_of(turn, 0).own.wave_bytes[wave]);
        }
    }
    static Sharer& sharer_of(const Turn& turn, int32_t i) { return *turn.sharers[static_cast<size_t>(i)]; }

    void run_cluster(const gpu::Program& program, const gatun_step_run& run, int64_t first) {
        if (run.each != nullptr && run.each[first].idle != 0) return;
        std::vector<std::unique_ptr<Sharer>> sharers;
        Turn turn{program, run, first, 0, sharers, {}, {}};
        for (const gpu::Schedule::Block& block : schedule_->blocks) {
            sharers.push_back(std::make_unique<Sharer>(block.own(*schedule_)));
            Sharer& s = *sharers.back();
            turn.memories.push_back(s.memory.data());
            s.rows.resize(static_cast<size_t>(program.slot_count));
            emulated::find_last_rows(program, run.first_position, s.rows.data(), 0, 1);
            emulated::move_fast({program, run, first, 1, 1, s.memory.data(), nullptr, run.first_position}, false, 0, 1);
            emulated::bring_last(program, run, first, s.rows.data(), s.memory.data(), 0, 1);
            stages(turn, s, 1, 0);
            feed(s, 0, false);
        }
        for (; turn.step < run.positions; ++turn.step) {
            turn.sent.assign(static_cast<size_t>(program.wave_count), 0);
            run_step(turn);
        }
        Sharer& s = *sharers[0];
        emulated::turn_rows(program, s.rows.data(), 0, 1);
        emulated::keep(program, s.own, run, first, s.rows.data(), s.memory.data(), turn.odd() ^ 1, 0, 1);
        emulated::move_fast({program, run, first, 1, 1, s.memory.data(), nullptr, run.first_position}, true, 0, 1);
    }

    // The program with weights as the tasks read them.
    void lay_out(const gatun_step_program& program) {
        program_ = program;
        operations_.assign(program.operations, program.operations + program.operation_count);
        weights_.clear();
        precision_ = gpu::precision_of(program);
        for (gatun_step_operation& op : operations_) {
            if (op.weights == nullptr) continue;
            op.precision = gpu::multiplies(op) ? precision_ : GATUN_F32;
            weights_.push_back(gpu::lay_out(program, op, op.precision));
            op.weights = weights_.back().data();
        }
        program_.operations = operations_.data();
    }

    // All of so many, in an order of chance: what runs between two barriers must not depend on it.
    template <class Body>
    void each_of(int32_t count, Body&& body) {
        std::vector<int32_t> order(static_cast<size_t>(count));
        std::iota(order.begin(), order.end(), 0);
        for (size_t i = order.size(); i > 1; --i) {
            std::swap(order[i - 1], order[static_cast<size_t>(random_->whole(0, static_cast<int64_t>(i) - 1))]);
        }
        for (const int32_t i : order) body(i);
    }

    gatun_step_program program_{};
    std::vector<gatun_step_operation> operations_;
    std::deque<std::vector<float>> weights_;
    std::unique_ptr<gpu::Plan> plan_;
    std::unique_ptr<gpu::Schedule> schedule_;
    std::unique_ptr<gpu::Staging> staging_;
    std::unique_ptr<Guarded<float>> state_;
    gpu::Launch launch_{};
    int64_t streams_ = 0, program_floats_ = 0;
    Random* random_ = nullptr;
    int starts_ = 0;
    int shared_ = 0, staged_ = 0, shared_bf16_ = 0, staged_bf16_ = 0, other_bf16_ = 0;
    int32_t precision_ = GATUN_F32;
};

}  // namespace

TEST_CASE("step programs for GPUs, played here: random programs") {
    Emulated device;
    check_random_programs(device, 300);
    CHECK(device.shared() > 10);
    CHECK(device.staged() > 10);
    CHECK(device.shared_bf16() > 10);
    CHECK(device.staged_bf16() > 10);
    CHECK(device.other_bf16() > 10);
}

TEST_CASE("step programs for GPUs, played here: dense layers and NADE") {
    Emulated device;
    check_unit_programs(device, 100);
    CHECK(device.staged() > 10);
    CHECK(device.staged_bf16() > 10);
}

TEST_CASE("step programs for GPUs, played here: WaveNet") {
    Emulated device;
#if defined(__SANITIZE_ADDRESS__)
    constexpr int kWaveNets = 6;
    constexpr int64_t kMost = 40;
#else
    constexpr int kWaveNets = 12;
    constexpr int64_t kMost = 100;
#endif
    check_wavenets(device, kWaveNets, 36, kMost);  // wide heads take a processor long
    CHECK(device.shared() > 0);
    CHECK(device.staged() > 0);
    CHECK(device.shared_bf16() > 0);
    CHECK(device.staged_bf16() + device.other_bf16() > 0);
}

}  // namespace gatun::check
