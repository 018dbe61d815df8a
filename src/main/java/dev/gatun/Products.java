package dev.gatun;

import dev.gatun.foreign.ProductWay;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Who computes the products and convolutions of training steps: forwards, the gradient of the data, the gradient of the weights.
 * Others than Gatun's float32 kernels have sums in orders of their own: losses of steps and gradients then come near to theirs,
 * and have not their bits. Likelihoods, validation, samples and all else are always computed by Gatun's float32 kernels.
 */
public enum Products {
    /** Gatun's kernels, in float32. */
    OWN(ProductWay.OWN),
    /**
     * oneDNN on the processor, shape by shape where it is measured to be faster when a shape is first computed; so two runs may choose differently,
     * and then have other bits.
     */
    ONEDNN(ProductWay.FASTEST),
    /** oneDNN on the processor wherever it can, faster or not: two runs have the same bits, on any number of threads. */
    ONEDNN_ALWAYS(ProductWay.ALWAYS),
    /**
     * The tensor cores of a CUDA device, of inputs, weights and slopes rounded to tf32: float32's range, 10 bits behind the point, so that a factor
     * changes by a 2,048th at most. Sums are float32, and so are the weights that are trained, what lies between operations, recurrent layers, masked
     * dense layers, losses and optimisers. Products of few inputs or outputs are not rounded, since nothing is gained. Two runs have the same
     * bits.
     */
    TF32(ProductWay.TF32),
    /** As {@link #TF32}, rounded to bf16: 7 bits behind the point, so that a factor changes by a 256th at most. */
    BF16(ProductWay.BF16);

    private final ProductWay way;

    Products(ProductWay way) {
        this.way = way;
    }

    ProductWay way() {
        return way;
    }

    /** Whether a CUDA device can compute them, or else this machine's processor: both do {@link #OWN}. */
    public boolean isOn(boolean cuda) {
        return this == OWN || way.isRounded() == cuda;
    }

    /** The names of those that a CUDA device can compute, or else this machine's processor. */
    public static List<String> names(boolean cuda) {
        return Arrays.stream(values())
                .filter(products -> products.isOn(cuda))
                .map(Products::text)
                .toList();
    }

    /** The name on the command line: {@code own}, {@code onednn}, {@code onednn-always}, {@code tf32}, {@code bf16}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
