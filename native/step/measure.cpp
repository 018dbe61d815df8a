// What the steps of one stream take, by one thread and by all.
#include <algorithm>
#include <array>
#include <chrono>
#include <vector>

#include "core/context.h"
#include "step/team.h"

namespace gatun {
namespace {

constexpr int64_t kSteps = 8;
constexpr int kTurns = 3;

// A stream of some steps, under a condition of zeros.
class Trial {
public:
    Trial(gatun_context* context, const gatun_step_program& program)
        : context_(context),
          program_(program),
          steps_(program.chain == 0 ? kSteps : std::min<int64_t>(kSteps, program.chain)),
          state_(static_cast<size_t>(program.state_floats) / kLineFloats + 1),
          levels_(static_cast<size_t>(std::max<int64_t>(steps_, program.chain))),
          reals_(levels_.size()) {
        int64_t features = 1;
        for (int32_t i = 0; i < program.operation_count; ++i) {
            const gatun_step_operation& op = program.operations[i];
            if (op.kind == GATUN_STEP_FRAME) features = std::max<int64_t>(features, op.outputs);
        }
        frames_.resize(static_cast<size_t>(features));
        run_.state = state_.front().floats.data();
        run_.noise.temperature = 1;
        const bool real = program.distribution.type == GATUN_GAUSSIAN;
        run_.values.levels = real ? nullptr : levels_.data();
        run_.values.reals = real ? reals_.data() : nullptr;
        run_.values.stride_example = static_cast<int64_t>(levels_.size());
        run_.frames = frames_.data();
        run_.classes = &label_;
        run_.frame_count = 1;
        run_.positions = steps_;
        run_.streams = 1;
    }

    int32_t time(bool together, double* best) {
        run_.together = together ? 1 : 0;
        const int32_t made = gatun_step_reset(context_, &program_, run_.state, 1);
        if (made != GATUN_OK) return made;
        const auto begin = std::chrono::steady_clock::now();
        const int32_t status = gatun_step(context_, &program_, &run_);
        const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - begin;
        *best = std::min(*best, took.count() / static_cast<double>(steps_));
        return status;
    }

private:
    static constexpr size_t kLineFloats = 16;
    struct alignas(64) Line {
        std::array<float, kLineFloats> floats;
    };

    gatun_context* context_;
    const gatun_step_program& program_;
    const int64_t steps_;
    std::vector<Line> state_;
    std::vector<int32_t> levels_;
    std::vector<float> reals_, frames_;
    int32_t label_ = 0;
    gatun_step_run run_{};
};

int32_t measure(gatun_context* context, const gatun_step_program& program, double* apart, double* together) {
    *apart = *together = 1e30;
    const bool shares = context->pool.threads() > 1 && Team::members(program, context->pool.threads()) > 1;
    Trial trial(context, program);
    // The first turn brings the weights into the caches.
    for (int turn = 0; turn < kTurns; ++turn) {
        if (const int32_t status = trial.time(false, apart); status != GATUN_OK) return status;
        if (!shares) continue;
        if (const int32_t status = trial.time(true, together); status != GATUN_OK) return status;
    }
    if (!shares) *together = *apart;
    return GATUN_OK;
}

}  // namespace
}  // namespace gatun

extern "C" int32_t gatun_step_measure(gatun_context* context, const gatun_step_program* program, double* apart,
                                      double* together) {
    return gatun::guarded(context, [&] { return gatun::measure(context, *program, apart, together); });
}
