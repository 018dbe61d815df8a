package dev.gatun.bench;

import java.util.Arrays;

/**
 * A shape of the affine operation, in the words of {@code native/check/shapes/affine.txt}: {@code n=1 t=16000 in=64 out=128
 * k=2 d=512}. Taps are those of a causal kernel.
 *
 * @param n examples
 * @param h rows
 * @param t columns
 * @param in inputs
 * @param out outputs
 * @param k kernel size
 * @param d dilation
 */
record AffineShape(int n, int h, int t, int in, int out, int k, int d) {
    static AffineShape parse(String line) {
        int[] values = {1, 1, 1, 1, 1, 1, 1};
        String[] keys = {"n", "h", "t", "in", "out", "k", "d"};
        for (String word : line.trim().split("\\s+")) {
            String[] parts = word.split("=", 2);
            int key = Arrays.asList(keys).indexOf(parts[0]);
            if (key < 0 || parts.length != 2) {
                throw new IllegalArgumentException("shape: found '" + word + "', expected some of "
                        + Arrays.toString(keys) + " with a value, as in in=64");
            }
            values[key] = Integer.parseInt(parts[1]);
        }
        return new AffineShape(values[0], values[1], values[2], values[3], values[4], values[5], values[6]);
    }

    /** Columns of the taps, relative to the output's. */
    int[] columns() {
        int[] columns = new int[k];
        Arrays.setAll(columns, i -> (i + 1 - k) * d);
        return columns;
    }

    /** A multiplication and an addition for each weight at each position. */
    double gigaFlops() {
        return 2e-9 * n * h * t * in * out * k;
    }
}
