package dev.gatun.foreign;

import dev.gatun.bindings.gatun_h;

/** The instructions of step programs; gatun.h says what each does. */
public enum StepKind {
    AFFINE(gatun_h.GATUN_STEP_AFFINE()),
    LOOKUP(gatun_h.GATUN_STEP_LOOKUP()),
    ACTIVATION(gatun_h.GATUN_STEP_ACTIVATION()),
    COPY(gatun_h.GATUN_STEP_COPY()),
    BROADCAST(gatun_h.GATUN_STEP_BROADCAST()),
    DRAW(gatun_h.GATUN_STEP_DRAW()),
    ENCODE(gatun_h.GATUN_STEP_ENCODE()),
    LEVEL(gatun_h.GATUN_STEP_LEVEL()),
    GATE(gatun_h.GATUN_STEP_GATE()),
    SUM(gatun_h.GATUN_STEP_SUM()),
    FRAME(gatun_h.GATUN_STEP_FRAME()),
    CLASS(gatun_h.GATUN_STEP_CLASS()),
    CELL_TANH(gatun_h.GATUN_STEP_CELL_TANH()),
    CELL_GRU(gatun_h.GATUN_STEP_CELL_GRU()),
    CELL_LSTM(gatun_h.GATUN_STEP_CELL_LSTM()),
    PUSH_VALUE(gatun_h.GATUN_STEP_PUSH_VALUE()),
    PUSH_LEVEL(gatun_h.GATUN_STEP_PUSH_LEVEL()),
    PUSH_UNITS(gatun_h.GATUN_STEP_PUSH_UNITS()),
    FINISH(gatun_h.GATUN_STEP_FINISH()),
    NADE(gatun_h.GATUN_STEP_NADE()),
    GRID_CELL(gatun_h.GATUN_STEP_GRID_CELL()),
    CONCAT_ELU(gatun_h.GATUN_STEP_CONCAT_ELU()),
    LINEAR_GATE(gatun_h.GATUN_STEP_LINEAR_GATE()),
    PACKED(gatun_h.GATUN_STEP_PACKED()),
    PACKED_GATE(gatun_h.GATUN_STEP_PACKED_GATE());

    private final int code;

    StepKind(int code) {
        this.code = code;
    }

    /** Whether the argument is a slot. */
    public boolean argumentIsSlot() {
        return this == CELL_TANH || this == CELL_GRU || this == CELL_LSTM || this == GRID_CELL;
    }

    /** Whether it is a product whose weights are packed for steps, in no more bits than they need. */
    public boolean isPacked() {
        return this == PACKED || this == PACKED_GATE;
    }

    int code() {
        return code;
    }
}
