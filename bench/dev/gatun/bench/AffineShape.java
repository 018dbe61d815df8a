package dev.gatun.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A shape of the affine operation, in the words of {@code native/check/shapes/affine.txt}: {@code n=1 t=16000 in=64 out=128
 * k=2 d=512}, whose taps are those of a causal kernel, or {@code taps=-1:0,0:-1}, row and column of each, or {@code mask=7A}, the
 * places of a kernel of 7 x 7 that come before the position in raster order, or {@code mask=3B}, with the position itself.
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
    static final String MASKED_3X3 = "n=64 h=28 t=28 in=32 out=32 mask=3B";
    static final String MASKED_7X7_GREY = "n=64 h=28 t=28 in=1 out=32 mask=7A";
    static final String MASKED_7X7_COLOURS = "n=64 h=28 t=28 in=3 out=96 mask=7A";
    static final String POINTWISE = "n=64 h=28 t=28 in=64 out=64";
    static final String CAUSAL_1 = "n=1 t=16000 in=64 out=128 k=2 d=1";
    static final String CAUSAL_512 = "n=1 t=16000 in=64 out=128 k=2 d=512";
    static final String VECTOR = "n=1 t=1 in=64 out=128";

    private static final List<String> KEYS = List.of("n", "h", "t", "in", "out", "k", "d");

    static AffineShape parse(String line) {
        int[] values = {1, 1, 1, 1, 1, 1, 1};
        List<int[]> taps = new ArrayList<>();
        for (String word : line.trim().split("\\s+")) {
            String[] parts = word.split("=", 2);
            int key = KEYS.indexOf(parts[0]);
            if (parts.length == 2 && parts[0].equals("mask")) {
                taps.addAll(masked(parts[1]));
            } else if (parts.length == 2 && parts[0].equals("taps")) {
                for (String tap : parts[1].split(",")) {
                    taps.add(Arrays.stream(tap.split(":"))
                            .mapToInt(Integer::parseInt)
                            .toArray());
                }
            } else if (key < 0 || parts.length != 2) {
                throw new IllegalArgumentException(
                        "shape: found '" + word + "', expected some of " + KEYS + " or taps with a value, as in in=64");
            } else {
                values[key] = Integer.parseInt(parts[1]);
            }
        }
        for (int i = 0; taps.size() < values[5] && i < values[5] && !line.matches(".*(taps|mask)=.*"); i++) {
            taps.add(new int[] {0, (i + 1 - values[5]) * values[6]});
        }
        int[] rows = taps.stream().mapToInt(tap -> tap[0]).toArray();
        int[] columns = taps.stream().mapToInt(tap -> tap[1]).toArray();
        return new AffineShape(values[0], values[1], values[2], values[3], values[4], rows, columns);
    }

    /** Size and type of a mask, one digit and a letter. */
    private static List<int[]> masked(String text) {
        int size = Character.digit(text.charAt(0), 10);
        int places = size * size / 2 + (text.endsWith("B") ? 1 : 0);
        List<int[]> taps = new ArrayList<>();
        for (int place = 0; place < places; place++) {
            taps.add(new int[] {place / size - size / 2, place % size - size / 2});
        }
        return taps;
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
