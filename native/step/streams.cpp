// The parts of a state that belong to single streams.
#include "step/streams.h"

#include <cstring>

#include "core/context.h"

namespace gatun {
namespace {

// The floats of `count` streams of a slot's ring, row by row.
struct Part {
    float* first;
    int64_t floats, step;

    Part(const gatun_step_slot& slot, float* state, int64_t streams, int64_t stream, int64_t count)
        : first(state + slot.offset * streams + stream * slot.features),
          floats(count * slot.features),
          step(streams * slot.features) {}

    float* row(int64_t i) const { return first + i * step; }
    size_t bytes() const { return sizeof(float) * static_cast<size_t>(floats); }
};

void clear(const gatun_step_program& program, float* state, int64_t streams, int64_t stream, int64_t count) {
    for (int32_t i = 0; i < program.slot_count; ++i) {
        const gatun_step_slot& slot = program.slots[i];
        const Part part(slot, state, streams, stream, count);
        // -1 in every byte is -1 in every level.
        for (int64_t row = 0; row < slot.depth; ++row) std::memset(part.row(row), slot.levels ? 0xff : 0, part.bytes());
    }
}

// Row r of the ring goes to row (r + by) % depth.
void rotate(const Part& part, int64_t depth, int64_t by, float* scratch) {
    for (int64_t row = 0; row < depth; ++row) {
        std::memcpy(scratch + (row + by) % depth * part.floats, part.row(row), part.bytes());
    }
    for (int64_t row = 0; row < depth; ++row) std::memcpy(part.row(row), scratch + row * part.floats, part.bytes());
}

}  // namespace
}  // namespace gatun

extern "C" {

int32_t gatun_step_reset(gatun_context* context, const gatun_step_program* program, float* state, int64_t streams) {
    return gatun::guarded(context, [&] {
        // All of it, the gaps between slots too.
        std::memset(state, 0, sizeof(float) * static_cast<size_t>(program->state_floats * streams));
        gatun::clear(*program, state, streams, 0, streams);
        return GATUN_OK;
    });
}

int32_t gatun_step_reset_stream(gatun_context* context, const gatun_step_program* program, float* state,
                                int64_t streams, int64_t stream) {
    return gatun::guarded(context, [&] {
        gatun::clear(*program, state, streams, stream, 1);
        return GATUN_OK;
    });
}

int32_t gatun_step_delay_stream(gatun_context* context, const gatun_step_program* program, float* state,
                                int64_t streams, int64_t stream, int64_t steps) {
    return gatun::guarded(context, [&] {
        thread_local gatun::Scratch memory;
        for (int32_t i = 0; i < program->slot_count; ++i) {
            const gatun_step_slot& slot = program->slots[i];
            const int64_t by = steps % slot.depth;
            if (by == 0) continue;
            const gatun::Part part(slot, state, streams, stream, 1);
            auto* scratch = static_cast<float*>(memory.bytes(part.bytes() * static_cast<size_t>(slot.depth)));
            gatun::rotate(part, slot.depth, by, scratch);
        }
        return GATUN_OK;
    });
}
}
