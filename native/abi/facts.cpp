// Sizes and offsets as this compiler laid them out, for whoever made bindings from the header.
#include <cstddef>

#include "gatun.h"

#define STRUCT(s) \
    { #s, static_cast < int32_t>(sizeof(s)), -1 }
#define FIELD(s, f) \
    { #s "." #f, static_cast < int32_t>(sizeof(s::f)), static_cast < int32_t>(offsetof(s, f)) }

namespace {

// The size of a pointer is what is asked for where a field is one.
// NOLINTBEGIN(bugprone-sizeof-expression)
constexpr gatun_abi_fact kFacts[] = {
    STRUCT(gatun_abi_fact),
    FIELD(gatun_abi_fact, name),
    FIELD(gatun_abi_fact, size),
    FIELD(gatun_abi_fact, offset),

    STRUCT(gatun_map),
    FIELD(gatun_map, data),
    FIELD(gatun_map, stride_example),
    FIELD(gatun_map, stride_row),
    FIELD(gatun_map, stride_column),
    FIELD(gatun_map, examples),
    FIELD(gatun_map, rows),
    FIELD(gatun_map, columns),
    FIELD(gatun_map, features),

    STRUCT(gatun_levels),
    FIELD(gatun_levels, data),
    FIELD(gatun_levels, stride_example),
    FIELD(gatun_levels, stride_row),
    FIELD(gatun_levels, stride_column),
    FIELD(gatun_levels, examples),
    FIELD(gatun_levels, rows),
    FIELD(gatun_levels, columns),
    FIELD(gatun_levels, features),

    STRUCT(gatun_tap),
    FIELD(gatun_tap, row),
    FIELD(gatun_tap, column),

    STRUCT(gatun_layout),
    FIELD(gatun_layout, tap_offsets),
    FIELD(gatun_layout, stride_output),
    FIELD(gatun_layout, stride_input),
    FIELD(gatun_layout, taps),
    FIELD(gatun_layout, inputs),
    FIELD(gatun_layout, outputs),
    FIELD(gatun_layout, unseen),

    STRUCT(gatun_dense),
    FIELD(gatun_dense, seen),
    FIELD(gatun_dense, rows),
    FIELD(gatun_dense, columns),
    FIELD(gatun_dense, stride),
    FIELD(gatun_dense, inputs),
    FIELD(gatun_dense, outputs),

    STRUCT(gatun_nade),
    FIELD(gatun_nade, input),
    FIELD(gatun_nade, start),
    FIELD(gatun_nade, output),
    FIELD(gatun_nade, output_bias),
    FIELD(gatun_nade, order),
    FIELD(gatun_nade, hidden),
    FIELD(gatun_nade, positions),

    STRUCT(gatun_affine),
    FIELD(gatun_affine, weights),
    FIELD(gatun_affine, bias),
    FIELD(gatun_affine, taps),
    FIELD(gatun_affine, tap_count),
    FIELD(gatun_affine, inputs),
    FIELD(gatun_affine, outputs),
    FIELD(gatun_affine, unseen),

    STRUCT(gatun_distribution),
    FIELD(gatun_distribution, type),
    FIELD(gatun_distribution, levels),
    FIELD(gatun_distribution, components),
    FIELD(gatun_distribution, channels),

    STRUCT(gatun_values),
    FIELD(gatun_values, levels),
    FIELD(gatun_values, reals),
    FIELD(gatun_values, stride_example),

    STRUCT(gatun_noise),
    FIELD(gatun_noise, seed),
    FIELD(gatun_noise, first_sample),
    FIELD(gatun_noise, temperature),
    FIELD(gatun_noise, mode),

    STRUCT(gatun_optimizer),
    FIELD(gatun_optimizer, learning_rate),
    FIELD(gatun_optimizer, momentum),
    FIELD(gatun_optimizer, beta1),
    FIELD(gatun_optimizer, beta2),
    FIELD(gatun_optimizer, epsilon),
    FIELD(gatun_optimizer, weight_decay),
    FIELD(gatun_optimizer, step),
    FIELD(gatun_optimizer, kind),
    FIELD(gatun_optimizer, decoupled),
    FIELD(gatun_optimizer, nesterov),
    FIELD(gatun_optimizer, reserved),

    STRUCT(gatun_step_slot),
    FIELD(gatun_step_slot, offset),
    FIELD(gatun_step_slot, features),
    FIELD(gatun_step_slot, depth),
    FIELD(gatun_step_slot, levels),
    FIELD(gatun_step_slot, reserved),

    STRUCT(gatun_step_operation),
    FIELD(gatun_step_operation, weights),
    FIELD(gatun_step_operation, bias),
    FIELD(gatun_step_operation, outside),
    FIELD(gatun_step_operation, kind),
    FIELD(gatun_step_operation, input),
    FIELD(gatun_step_operation, output),
    FIELD(gatun_step_operation, inputs),
    FIELD(gatun_step_operation, outputs),
    FIELD(gatun_step_operation, first_distance),
    FIELD(gatun_step_operation, tap_count),
    FIELD(gatun_step_operation, argument),
    FIELD(gatun_step_operation, every),
    FIELD(gatun_step_operation, scale),

    STRUCT(gatun_step_program),
    FIELD(gatun_step_program, operations),
    FIELD(gatun_step_program, slots),
    FIELD(gatun_step_program, distances),
    FIELD(gatun_step_program, distribution),
    FIELD(gatun_step_program, state_floats),
    FIELD(gatun_step_program, operation_count),
    FIELD(gatun_step_program, slot_count),
    FIELD(gatun_step_program, distance_count),
    FIELD(gatun_step_program, chain),
    FIELD(gatun_step_program, places),

    STRUCT(gatun_step_stream),
    FIELD(gatun_step_stream, start),
    FIELD(gatun_step_stream, seed),
    FIELD(gatun_step_stream, sample),
    FIELD(gatun_step_stream, idle),
    FIELD(gatun_step_stream, reserved),

    STRUCT(gatun_step_run),
    FIELD(gatun_step_run, state),
    FIELD(gatun_step_run, noise),
    FIELD(gatun_step_run, values),
    FIELD(gatun_step_run, frames),
    FIELD(gatun_step_run, classes),
    FIELD(gatun_step_run, frame_count),
    FIELD(gatun_step_run, known),
    FIELD(gatun_step_run, log_prob),
    FIELD(gatun_step_run, first_position),
    FIELD(gatun_step_run, positions),
    FIELD(gatun_step_run, streams),
    FIELD(gatun_step_run, each),
};
// NOLINTEND(bugprone-sizeof-expression)

}  // namespace

extern "C" int32_t gatun_abi_facts(const gatun_abi_fact** facts) {
    *facts = kFacts;
    return static_cast<int32_t>(sizeof kFacts / sizeof kFacts[0]);
}
