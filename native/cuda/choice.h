// How the streams of a program are spread over a device, with the plan and the tables for that.
#pragma once

#include <functional>
#include <memory>

#include "cuda/launch.h"
#include "cuda/tables.h"
#include "gatun_cuda.h"

namespace gatun::gpu {

// What a device has.
struct Room {
    size_t shared_bytes;  // that a block may take
    int32_t processors;
    bool clusters;  // blocks can share a stream; a thread can copy ahead for all
};

// Refuses what no launch can be.
void check_launch(const gatun_cuda_launch& wanted);

// A block for each multiprocessor, as long as there are streams; threads are chosen by the plan, see threads_for.
Launch spread_out(int64_t streams, const gatun_cuda_launch& wanted, int32_t processors);

// As many as the widest wave has use for.
int32_t threads_for(const Plan& plan, const Launch& launch, int64_t streams);

class Choice {
public:
    // How many streams run at once that several blocks share each.
    using AtOnce = std::function<int64_t(const Program&, const Launch&, const Tables&)>;

    // wanted: zeros where the choice is free. program's arrays must live as long as this.
    Choice(const gatun_step_program& program, int64_t streams, const gatun_cuda_launch& wanted, const Room& room,
           AtOnce at_once);

    Launch launch{};
    std::unique_ptr<Plan> plan;
    Tables tables{};
    std::vector<std::byte> pieces;  // of the tables, one behind the other

private:
    void choose_blocks(const gatun_cuda_launch& wanted);
    bool choose_clusters(int32_t wanted);
    bool schedule(int32_t blocks);
    int64_t at_once() const { return at_once_(plan->program(), launch, tables); }
    int64_t excess(const Schedule& schedule) const;
    int64_t fast_floats(int64_t tables) const;
    void stage(int64_t fast, const gatun_cuda_launch& wanted);
    int64_t bytes_left() const;
    void lay_out(const Schedule* schedule, const Staging* staging = nullptr);

    const gatun_step_program& program_;
    const int64_t count_;
    const Room room_;
    const AtOnce at_once_;
};

}  // namespace gatun::gpu
