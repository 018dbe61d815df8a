// The streams of one thread on their way through a program: where their slots lie, and what their instructions may use.
#pragma once

#include "gatun.h"
#include "step/half.h"
#include "step/meter.h"
#include "step/packed_steps.h"
#include "step/team.h"

namespace gatun {

struct StepKind;

class Slice {
public:
    // Bytes of scratch that a slice needs.
    static int64_t bytes(const gatun_step_program& program);

    // Some streams of a run. scratch: as bytes() says, 64-byte aligned; team: the one whose first member this is, or
    // null.
    Slice(int32_t isa, const gatun_step_program& program, const gatun_step_run& run,
          const PackedSteps::Streams& streams, char* scratch, Team* team);

    // Runs a step of the clock, or a half of one, and moves the clock on: halves are two slices, of a step each.
    void step(const Half& half);

    int32_t isa() const { return isa_; }
    const gatun_step_program& program() const { return program_; }
    const gatun_step_run& run() const { return run_; }
    const gatun_step_slot& slot(int32_t i) const { return program_.slots[i]; }
    int64_t first() const { return first_; }
    int64_t count() const { return count_; }
    // The position that these streams are at: what a kind may use that says so in its row of the table.
    int64_t position() const { return position_; }
    // Of this position in the data, where the chain has an order of its own.
    int64_t data_position() const { return program_.places == nullptr ? position_ : program_.places[position_]; }
    float* scratch() const { return scratch_; }

    // Where this slice's streams of a slot lie, `distance` positions back, in floats of the state.
    int64_t place(const gatun_step_slot& slot, int32_t distance) const {
        int64_t ring = int64_t{rings_[&slot - program_.slots]} - distance;
        if (ring < 0) ring += slot.depth;
        return (slot.offset + ring * slot.features) * run_.streams + first_ * slot.features;
    }

    // What an instruction writes, and what its first tap reads: [count][features of the slot].
    float* output(const gatun_step_operation& op) const { return run_.state + place(slot(op.output), 0); }
    const float* input(const gatun_step_operation& op) const {
        return run_.state + place(slot(op.input), program_.distances[op.first_distance]);
    }

    // Where each tap of an instruction reads, in floats of the state; valid until the next call.
    const int64_t* taps(const gatun_step_operation& op) const {
        for (int32_t k = 0; k < op.tap_count; ++k) {
            offsets_[k] = place(slot(op.input), program_.distances[op.first_distance + k]);
        }
        return offsets_;
    }

    // The same as addresses.
    const float* const* tap_addresses(const gatun_step_operation& op) const {
        for (int32_t k = 0; k < op.tap_count; ++k) {
            addresses_[k] = run_.state + place(slot(op.input), program_.distances[op.first_distance + k]);
        }
        return addresses_;
    }

    // Index of stream s's value of this step.
    int64_t value(int64_t s) const {
        const int64_t at = program_.places == nullptr ? clock_ - run_.first_position : data_position();
        return (first_ + s) * run_.values.stride_example + at;
    }
    // Values of this step from stream s on, with the run's stride; null where the data are of the other sort.
    int32_t* levels(int64_t s) const { return run_.values.levels == nullptr ? nullptr : run_.values.levels + value(s); }
    float* reals(int64_t s) const { return run_.values.reals == nullptr ? nullptr : run_.values.reals + value(s); }

private:
    void run(const gatun_step_operation& op);
    void advance();
    void copy_outputs(const gatun_step_operation& draw, float* to) const;
    // Where the parts of the scratch begin, each at a line of its own: threads want none that others write.
    struct Parts {
        int64_t addresses, rings, moving, distribution, packed, chains, end;

        explicit Parts(const gatun_step_program& program);
    };

    // A slot of more than one place.
    struct Moving {
        int32_t slot, depth;
    };

    Slice(int32_t isa, const gatun_step_program& program, const gatun_step_run& run,
          const PackedSteps::Streams& streams, char* scratch, Team* team, const Parts& parts);

    void run_by_start(const StepKind& kind, const gatun_step_operation& op);
    bool starts_agree() const;
    int64_t start_of(int64_t stream) const { return run_.each == nullptr ? 0 : run_.each[stream].start; }

    const int32_t isa_;
    const gatun_step_program& program_;
    const gatun_step_run& run_;
    int64_t first_;
    int64_t count_;
    const bool together_;      // all streams are at one position
    int64_t* offsets_;         // one for each of the program's distances
    const float** addresses_;  // likewise
    int32_t* rings_;  // the clock in each slot's ring: a division for each use would take longer than narrow products
    Moving* moving_;
    int32_t moving_count_ = 0;
    float* scratch_;  // distribution_scratch floats
    PackedSteps packed_;
    Meter meter_;
    Team::Seat seat_;
    int64_t clock_;
    int64_t position_ = 0;
};

}  // namespace gatun
