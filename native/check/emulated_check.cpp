// The kernels of step programs for GPUs, played by this processor: groups of threads one after the other, in any order.
#include <numeric>

#include "guarded.h"
#include "step_device.h"

#define GATUN_ISA_LEVEL emulated
#define GATUN_PLAIN
#include "cuda/body.h"
#include "cuda/launch.h"

namespace gatun::check {
namespace {

using emulated::Block;

class Emulated : public StepDevice {
public:
    void start(const gatun_step_program& program, int64_t streams, Random& random) override {
        const int64_t most = random.whole(0, 2) == 0 ? 0 : random.whole(0, 1) == 0 ? random.whole(0, 300) : 100000;
        plan_ = std::make_unique<gpu::Plan>(program, most);
        streams_ = streams;
        random_ = &random;
        launch_ = {static_cast<int32_t>(random.whole(1, 20)) * 32, static_cast<int32_t>(random.whole(1, 20)),
                   int32_t{1} << random.whole(0, 3)};
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

    std::unique_ptr<gpu::Plan> plan_;
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
