package dev.gatun.foreign;

import dev.gatun.bindings.gatun_h;

/** Who computes the affine operations of a context. */
public enum ProductWay {
    /** Gatun's kernels. */
    OWN(-1),
    /** oneDNN, where it is measured to be faster. */
    FASTEST(gatun_h.GATUN_PRODUCTS_FASTEST()),
    /** oneDNN, wherever it can. */
    ALWAYS(gatun_h.GATUN_PRODUCTS_ALWAYS());

    private final int code;

    ProductWay(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }
}
