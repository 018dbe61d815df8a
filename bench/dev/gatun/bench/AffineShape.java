package dev.gatun.bench;

/**
 * A shape of the affine operation.
 *
 * @param n examples
 * @param h rows
 * @param t columns
 * @param in inputs
 * @param out outputs
 * @param rows of the taps, relative to the output's
 * @param columns of the taps, likewise
 */
record AffineShape(int n, int h, int t, int in, int out, int[] rows, int[] columns) {
    static final String MASKED_3X3 = "masked_3x3";
    static final String MASKED_7X7_GREY = "masked_7x7_grey";
    static final String MASKED_7X7_COLOURS = "masked_7x7_colours";
    static final String POINTWISE = "pointwise";
    static final String CAUSAL_1 = "causal_1";
    static final String CAUSAL_512 = "causal_512";
    static final String WIDE_CAUSAL = "wide_causal";
    static final String VECTOR = "vector";

    /** One of the file's by its name, or one in the file's words. */
    static AffineShape of(String text) {
        return text.contains("=") ? AffineLine.parse(text).shape() : AffineLine.named(text);
    }

    int taps() {
        return rows.length;
    }

    /** A multiplication and an addition for each weight at each position. */
    double gigaFlops() {
        return 2e-9 * n * h * t * in * out * taps();
    }

    /** Inputs, outputs and weights, once each. */
    double gigaBytes() {
        return 4e-9 * ((double) n * h * t * (in + out) + (double) in * out * taps());
    }
}
