package dev.gatun.foreign;

import dev.gatun.bindings.gatun_h;

/** The recurrent cells; gatun.h says what each computes. */
public enum CellKind {
    TANH(gatun_h.GATUN_CELL_TANH(), 1, 1, StepKind.CELL_TANH),
    GRU(gatun_h.GATUN_CELL_GRU(), 3, 4, StepKind.CELL_GRU),
    LSTM(gatun_h.GATUN_CELL_LSTM(), 4, 5, StepKind.CELL_LSTM);

    private final int code;
    private final int gates;
    private final int kept;
    private final StepKind step;

    CellKind(int code, int gates, int kept, StepKind step) {
        this.code = code;
        this.gates = gates;
        this.kept = kept;
        this.step = step;
    }

    int code() {
        return code;
    }

    /** Gates of a unit of the state. */
    public int gates() {
        return gates;
    }

    /** Features that are kept of each unit, for the gradient and for the next position. */
    public int kept() {
        return kept;
    }

    /** The instruction that is one step of it. */
    public StepKind step() {
        return step;
    }
}
