package dev.gatun;

import dev.gatun.foreign.ProductWay;
import java.util.Locale;

/**
 * Who computes the products and convolutions of training steps: forwards, the gradient of the data, the gradient of the weights.
 * oneDNN's sums have orders of their own: losses of steps and gradients then come near to those of Gatun's kernels, and have not
 * their bits; they have the same bits on any number of threads. Likelihoods, validation, samples and all else are always computed
 * by Gatun's kernels.
 */
public enum Products {
    /** Gatun's kernels. */
    OWN(ProductWay.OWN),
    /**
     * oneDNN, shape by shape where it is measured to be faster when a shape is first computed; so two runs may choose differently,
     * and then have other bits.
     */
    ONEDNN(ProductWay.FASTEST),
    /** oneDNN wherever it can, faster or not: two runs have the same bits. */
    ONEDNN_ALWAYS(ProductWay.ALWAYS);

    private final ProductWay way;

    Products(ProductWay way) {
        this.way = way;
    }

    ProductWay way() {
        return way;
    }

    /** The name on the command line: {@code own}, {@code onednn}, {@code onednn-always}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
