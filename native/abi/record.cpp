// The entries of recorders.
#include "core/context.h"

namespace {

// In the order of the kinds.
constexpr const char* kNames[GATUN_CALLS] = {
    "gatun_affine_run",
    "gatun_affine_gradient",
    "gatun_lookup_run",
    "gatun_lookup_gradient",
    "gatun_pack",
    "gatun_pack_transposed",
    "gatun_unpack_add",
    "gatun_dense_pack",
    "gatun_dense_pack_transposed",
    "gatun_dense_run",
    "gatun_dense_lookup",
    "gatun_dense_gradient",
    "gatun_dense_lookup_gradient",
    "gatun_dense_input_gradient",
    "gatun_nade_pack",
    "gatun_nade_run",
    "gatun_nade_gradient",
    "gatun_encode",
    "gatun_activation_run",
    "gatun_activation_gradient",
    "gatun_copy",
    "gatun_gate_run",
    "gatun_gate_gradient",
    "gatun_linear_gate_run",
    "gatun_linear_gate_gradient",
    "gatun_concat_elu_run",
    "gatun_concat_elu_gradient",
    "gatun_recurrent_run",
    "gatun_recurrent_gradient",
    "gatun_grid_lstm_run",
    "gatun_grid_lstm_gradient",
    "gatun_sum_run",
    "gatun_sum_gradient",
    "gatun_broadcast",
    "gatun_broadcast_gradient",
    "gatun_log_prob",
    "gatun_log_prob_gradient",
    "gatun_scale_examples",
    "gatun_clear",
    "gatun_optimizer_step",
    "gatun_sum_of_squares",
    "gatun_scale",
    "gatun_average",
    "gatun_dropout_run",
};

}  // namespace

extern "C" {

int32_t gatun_record_create(gatun_context** recorder) {
    *recorder = nullptr;
    try {
        auto made = std::make_unique<gatun_context>(GATUN_ISA_BASELINE, 1);
        made->recording = std::make_unique<gatun::Recording>();
        *recorder = made.release();
        return GATUN_OK;
    } catch (...) {
        return GATUN_OUT_OF_MEMORY;
    }
}

int32_t gatun_record_calls(const gatun_context* recorder, const gatun_call** calls) {
    if (recorder->recording == nullptr) {
        *calls = nullptr;
        return 0;
    }
    *calls = recorder->recording->calls().data();
    return static_cast<int32_t>(recorder->recording->calls().size());
}

const char* gatun_call_name(int32_t kind) { return kind >= 0 && kind < GATUN_CALLS ? kNames[kind] : "?"; }
}
