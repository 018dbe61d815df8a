package dev.gatun.foreign;

import dev.gatun.bindings.gatun_h;

/** Who computes the affine operations of a context, or of what a device runs for it, and of which numbers. */
public enum ProductWay {
    /** Gatun's kernels, in float32. */
    OWN(-1, 0),
    /** oneDNN, where it is measured to be faster. */
    FASTEST(gatun_h.GATUN_PRODUCTS_FASTEST(), 0),
    /** oneDNN, wherever it can. */
    ALWAYS(gatun_h.GATUN_PRODUCTS_ALWAYS(), 0),
    /** A device's tensor cores, of numbers rounded to tf32. */
    TF32(-1, 1),
    /** Likewise, to bf16. */
    BF16(-1, 2);

    private final int library;
    private final int device;

    ProductWay(int library, int device) {
        this.library = library;
        this.device = device;
    }

    /** As gatun.h names what another library computes; -1 for none of that. */
    int code() {
        return library;
    }

    /** As gatun_cuda.h names them for a pass. */
    int deviceCode() {
        return device;
    }

    /** Whether another library computes them. */
    boolean isLibrary() {
        return library >= 0;
    }

    /** Whether a device computes them, of rounded numbers. */
    public boolean isRounded() {
        return device != 0;
    }
}
