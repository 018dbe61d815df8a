// What a position takes, by one thread and by all.
#include <algorithm>
#include <array>
#include <chrono>
#include <vector>

#include "core/context.h"
#include "step/grid/team.h"

namespace gatun::grid {
namespace {

constexpr int kTurns = 3, kMostTurns = 10;
// What is clearly less needs no more turns.
constexpr double kClear = 0.75;
// A row that takes so long is drawn no more than twice.
constexpr double kLongMicroseconds = 5000;

// A stream's first rows, under a condition of zeros: one in which threads wake up, and one that counts.
class Trial {
public:
    Trial(gatun_context* context, const gatun_grid_program& program)
        : context_(context),
          program_(program),
          row_(int64_t{program.columns} * program.channels),
          rows_(std::min(program.rows, 2)),
          state_(static_cast<size_t>(program.state_floats) / GATUN_LANES + 1),
          levels_(static_cast<size_t>(row_ * rows_)),
          reals_(levels_.size()) {
        int64_t features = 1;
        for (int32_t i = 0; i < program.operation_count; ++i) {
            const gatun_grid_operation& op = program.operations[i];
            if (op.kind == GATUN_STEP_FRAME) features = std::max<int64_t>(features, op.outputs);
        }
        frames_.resize(static_cast<size_t>(features * program.columns * rows_));
        run_.state = state_.front().floats.data();
        run_.noise.temperature = 1;
        const bool real = program.distribution.type == GATUN_GAUSSIAN;
        run_.values = {real ? nullptr : levels_.data(), real ? reals_.data() : nullptr, row_ * rows_};
        run_.frames = frames_.data();
        run_.classes = &label_;
        run_.frame_count = int64_t{program.columns} * rows_;
        run_.positions = row_;
        run_.streams = run_.part = 1;
    }

    int32_t time(bool together, double* best) {
        run_.together = together ? 1 : 0;
        run_.first_position = 0;
        int32_t status = gatun_grid_reset(context_, &program_, run_.state, 1, 1);
        double took = 0;
        for (int32_t row = 0; row < rows_ && status == GATUN_OK; ++row, run_.first_position += row_) {
            const auto begin = std::chrono::steady_clock::now();
            status = gatun_grid_run_steps(context_, &program_, &run_);
            const std::chrono::duration<double, std::micro> time = std::chrono::steady_clock::now() - begin;
            took = time.count();
        }
        *best = std::min(*best, took / static_cast<double>(row_));
        return status;
    }

    bool is_long(double each) const { return each * static_cast<double>(row_) > kLongMicroseconds; }

private:
    struct alignas(64) Line {
        std::array<float, GATUN_LANES> floats;
    };

    gatun_context* context_;
    const gatun_grid_program& program_;
    const int64_t row_;  // positions of one
    const int32_t rows_;
    std::vector<Line> state_;
    std::vector<int32_t> levels_;
    std::vector<float> reals_, frames_;
    int32_t label_ = 0;
    gatun_grid_run run_{};
};

int32_t measure(gatun_context* context, const gatun_grid_program& program, double* apart, double* together) {
    *apart = *together = 1e30;
    Trial trial(context, program);
    int32_t status = GATUN_OK;
    // The first turn brings the weights into the caches.
    for (int turn = 0; turn < kTurns && status == GATUN_OK; ++turn) {
        if (turn > 1 && trial.is_long(*apart)) break;
        status = trial.time(false, apart);
    }
    if (status != GATUN_OK || Team::members(program, 1, context->pool.threads()) == 1) {
        *together = *apart;
        return status;
    }
    // One behind the other, so that threads that have come stay. Where cores are busy that takes some turns.
    for (int turn = 0; turn < kMostTurns && status == GATUN_OK; ++turn) {
        if (turn > 1 && (trial.is_long(*apart) || *together < kClear * *apart)) break;
        status = trial.time(true, together);
    }
    return status;
}

}  // namespace
}  // namespace gatun::grid

extern "C" int32_t gatun_grid_measure(gatun_context* context, const gatun_grid_program* program, double* apart,
                                      double* together) {
    return gatun::guarded(context, [&] { return gatun::grid::measure(context, *program, apart, together); });
}
