// Steps of streams in halves: up to their draw, and from it on.
#pragma once

#include <string>

#include "cuda/choice.h"
#include "cuda/half.h"
#include "cuda/plan_there.h"

namespace gatun::gpu {

// Between two launches nothing stays in the blocks' own memory: by a plan of its own, all lies in the state, which is
// that of other plans.
class Halves {
public:
    // The program's arrays must live as long as this.
    Halves(const gatun_step_program& program, int32_t precision, int64_t streams, int32_t processors,
           cudaStream_t stream)
        : precision_(precision), plan_(program, 0), launch_(spread_out(streams, {}, processors)) {
        if (half_bytes(plan_.program()) > kMostRows) {
            throw Failure(GATUN_UNSUPPORTED, "halves of steps of a program of " + std::to_string(program.slot_count) +
                                                 " slots: a block of threads has no memory for their rows");
        }
        launch_.threads = threads_for(plan_, launch_, streams);
        program_ = there_.copy(plan_, program.places, stream);
        while (plan_.parts[static_cast<size_t>(draw_)].work != Work::kDraw) ++draw_;
    }

    void begin(const gatun_step_run& run, cudaStream_t stream) const { run_parts(run, {0, draw_}, stream); }
    void end(const gatun_step_run& run, cudaStream_t stream) const {
        run_parts(run, {draw_, static_cast<int32_t>(plan_.parts.size())}, stream);
    }

    // What the draw of a step reads, of all streams: one behind the other, in the state.
    const float* outputs(const float* state, int64_t streams, int64_t clock) const {
        const Slot& slot = slot_read();
        const int64_t distance = plan_.distances[static_cast<size_t>(draw().op.first_distance)];
        const int64_t row = (clock % slot.depth - distance + slot.depth) % slot.depth;
        return state + (slot.offset + row * slot.features) * streams;
    }
    int64_t output_count() const { return slot_read().features; }

private:
    static constexpr size_t kMostRows = 40 << 10;  // bytes: of 48 that a kernel has without asking

    const Part& draw() const { return plan_.parts[static_cast<size_t>(draw_)]; }
    const Slot& slot_read() const { return plan_.slots[static_cast<size_t>(draw().op.input)]; }
    void run_parts(const gatun_step_run& run, const Stretch& parts, cudaStream_t stream) const {
        check(run_half(precision_, program_, run, launch_, parts, stream), "starting half a step");
    }

    const int32_t precision_;
    const Plan plan_;
    Launch launch_;
    PlanThere there_;
    Program program_{};
    int32_t draw_ = 0;
};

}  // namespace gatun::gpu
