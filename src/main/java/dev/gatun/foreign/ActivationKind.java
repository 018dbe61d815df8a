package dev.gatun.foreign;

import dev.gatun.bindings.gatun_h;
import java.util.Locale;

/** Functions of a feature that kernels know. */
public enum ActivationKind {
    RELU(gatun_h.GATUN_RELU()),
    /** Slope 0.01 below 0. */
    LEAKY_RELU(gatun_h.GATUN_LEAKY_RELU()),
    TANH(gatun_h.GATUN_TANH()),
    SIGMOID(gatun_h.GATUN_SIGMOID()),
    /** e^x - 1 below 0. */
    ELU(gatun_h.GATUN_ELU());

    private final int code;

    ActivationKind(int code) {
        this.code = code;
    }

    /** The number in the native interface. */
    public int code() {
        return code;
    }

    /** The name in plans. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
