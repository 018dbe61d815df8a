// The kernels of step programs for GPUs, played by this processor: groups of threads one after the other, in any order.
#include <deque>
#include <numeric>

#include "guarded.h"
#include "step_device.h"

#define GATUN_ISA_LEVEL emulated
#define GATUN_PLAIN
#include "cuda/launch.h"
#include "cuda/spread.h"

namespace gatun::check {
namespace {

using emulated::Block;

class Emulated : public StepDevice {
public:
    void start(const gatun_step_program& program, int64_t streams, Random& random) override {
        const int64_t most = random.whole(0, 2) == 0 ? 0 : random.whole(0, 1) == 0 ? random.whole(0, 300) : 100000;
        lay_out(program);
        plan_ = std::make_unique<gpu::Plan>(program_, most);
        streams_ = streams;
        random_ = &random;
        launch_ = {static_cast<int32_t>(random.whole(1, 20)) * 32, static_cast<int32_t>(random.whole(1, 20)),
                   int32_t{1} << random.whole(0, 3)};
        schedule_.reset();
        if (gpu::Schedule::fits(*plan_) && random.whole(0, 1) == 0) {
            launch_.streams = launch_.tile = 1;
            launch_.blocks = int32_t{1} << random.whole(0, 4);
            schedule_ = std::make_unique<gpu::Schedule>(*plan_, launch_.blocks, random.whole(0, 20000));
        }
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

private:
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
                         run.first_position + step};
        };
        each_of(threads, [&](int32_t t) {
            emulated::find_rows(program, run.first_position, rows[0].data(), t, threads);
            emulated::move_fast(block(), false, t, threads);
        });
        for (; step < run.positions; ++step) {
            each_of(threads, [&](int32_t t) {
                emulated::turn_rings(program, rows[step % 2].data(), rows[(step + 1) % 2].data(), t, threads);
            });
            for (int32_t wave = 0; wave < program.wave_count; ++wave) {
                each_of(groups, [&](int32_t group) { emulated::run_wave(block(), wave, group, groups); });
            }
        }
        each_of(threads, [&](int32_t t) { emulated::move_fast(block(), true, t, threads); });
    }

    // A block of those that share a stream.
    struct Sharer {
        Sharer(const gpu::Program& program, const gpu::Own& tables)
            : own(tables),
              fast(program.fast_floats),
              memory(own.staged_floats + own.near_floats + 2 * int64_t{own.stream_floats}),
              near(memory.data(), own) {}
        gpu::Own own;
        Guarded<float> fast, memory;
        emulated::Near near;
    };

    void run_cluster(const gpu::Program& program, const gatun_step_run& run, int64_t first) {
        const int32_t threads = launch_.threads, groups = threads / GATUN_LANES, waves = program.wave_count;
        std::vector<std::unique_ptr<Sharer>> sharers;
        std::vector<float*> peers;
        for (const gpu::Schedule::Block& block : schedule_->blocks) {
            sharers.push_back(std::make_unique<Sharer>(program, block.own(*schedule_)));
            peers.push_back(sharers.back()->fast.data());
        }
        std::vector<int32_t> rows[2];
        for (auto& each : rows) each.resize(static_cast<size_t>(program.slot_count));
        int64_t step = 0, turn = 0;
        const auto block = [&](Sharer& sharer) {
            return Block{program,
                         run,
                         first,
                         1,
                         1,
                         sharer.fast.data(),
                         rows[step % 2].data(),
                         run.first_position + step,
                         peers.data(),
                         launch_.blocks,
                         sharer.own.staged_at,
                         sharer.near.staged};
        };
        // Body(sharer, thread or group) for all, in an order of chance.
        const auto all_of = [&](int32_t count, auto&& body) {
            each_of(count * launch_.blocks,
                    [&](int32_t i) { body(*sharers[static_cast<size_t>(i / count)], i % count); });
        };
        emulated::find_rows(program, run.first_position, rows[0].data(), 0, 1);
        all_of(threads, [&](Sharer& s, int32_t t) {
            emulated::move_fast(block(s), false, t, threads);
            emulated::bring(program, s.own, 0, s.own.first[waves], gpu::Place::kNear, s.near.weights, t, threads);
            emulated::bring_wave(program, s.own, s.near, 0, 0, t, threads);
        });
        for (; step < run.positions; ++step) {
            emulated::turn_rings(program, rows[step % 2].data(), rows[(step + 1) % 2].data(), 0, 1);
            all_of(groups, [&](Sharer& s, int32_t g) { emulated::bring_stages(block(s), s.own, s.near, g, groups); });
            for (int32_t wave = 0; wave < waves; ++wave, ++turn) {
                all_of(groups, [&](Sharer& s, int32_t g) {
                    emulated::bring_wave(program, s.own, s.near, (wave + 1) % waves, turn + 1, g, groups);
                    emulated::run_own(block(s), s.own, s.near, wave, turn, g, groups);
                });
            }
        }
        each_of(threads, [&](int32_t t) { emulated::move_fast(block(*sharers[0]), true, t, threads); });
    }

    // The program with weights as the tasks read them.
    void lay_out(const gatun_step_program& program) {
        program_ = program;
        operations_.assign(program.operations, program.operations + program.operation_count);
        weights_.clear();
        for (gatun_step_operation& op : operations_) {
            if (op.weights == nullptr) continue;
            weights_.push_back(gpu::lay_out(program, op));
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
    std::unique_ptr<Guarded<float>> state_;
    gpu::Launch launch_{};
    int64_t streams_ = 0, program_floats_ = 0;
    Random* random_ = nullptr;
};

}  // namespace

TEST_CASE("step programs for GPUs, played here: random programs") {
    Emulated device;
    check_random_programs(device, 300);
}

TEST_CASE("step programs for GPUs, played here: dense layers and NADE") {
    Emulated device;
    check_unit_programs(device, 100);
}

TEST_CASE("step programs for GPUs, played here: WaveNet") {
    Emulated device;
    check_wavenets(device, 10);
}

}  // namespace gatun::check
