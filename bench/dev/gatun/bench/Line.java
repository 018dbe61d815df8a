package dev.gatun.bench;

import java.util.Arrays;

/**
 * Evenly spaced places that cover some taps and the position itself: a side of a dense kernel.
 *
 * @param first at most 0
 * @param last at least 0
 * @param step from one to the next
 */
record Line(int first, int last, int step) {
    static Line of(int[] taps) {
        int first = Math.min(0, Arrays.stream(taps).min().orElse(0));
        int last = Math.max(0, Arrays.stream(taps).max().orElse(0));
        int step = Arrays.stream(taps).map(Math::abs).reduce(0, Line::divisor);
        return new Line(first, last, Math.max(1, step));
    }

    private static int divisor(int a, int b) {
        return b == 0 ? a : divisor(b, a % b);
    }

    int places() {
        return (last - first) / step + 1;
    }

    int place(int tap) {
        return (tap - first) / step;
    }
}
