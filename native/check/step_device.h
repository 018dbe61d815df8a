// Step programs on what runs them in place of gatun_step: the same state, values and log-probabilities, to the bit.
#pragma once

#include "cases.h"

namespace gatun::check {

class StepDevice {
public:
    StepDevice() = default;
    StepDevice(const StepDevice&) = delete;
    StepDevice& operator=(const StepDevice&) = delete;
    virtual ~StepDevice() = default;

    // Streams at position 0 of a program that is valid as long as they are run.
    virtual void start(const gatun_step_program& program, int64_t streams, Random& random) = 0;
    // Another one in place of a stream.
    virtual void reset_stream(int64_t stream) = 0;
    // One that stood still goes on, as gatun_step_delay_stream has it.
    virtual void delay_stream(int64_t stream, int64_t steps) = 0;
    // As gatun_step, but for the run's state, which is the device's own.
    virtual void run(const gatun_step_run& run) = 0;
    // Whether it does steps in halves, and has other streams go on from where these are.
    virtual bool does_halves() const { return false; }
    virtual void outputs(const gatun_step_run&, float*) {}
    virtual void take(const gatun_step_run&) {}
    virtual void go_on_as_others() {}
    // A copy of it, [state_floats * streams] as gatun_step's lies.
    virtual std::vector<float> state() = 0;
};

// Random graphs of all kinds of nodes, some with streams that join and stand still.
void check_random_programs(StepDevice& device, int graphs);
// Dense layers whose sums run along, and NADE.
void check_unit_programs(StepDevice& device, int programs);
// WaveNet: rings of many positions, wide maps. head: channels before the last product; 0: as many as levels.
// most: positions.
void check_wavenets(StepDevice& device, int programs, int32_t head, int64_t most);

}  // namespace gatun::check
