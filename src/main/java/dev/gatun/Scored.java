package dev.gatun;

import dev.gatun.family.ModelConfig;
import java.util.Arrays;

/**
 * Which positions of each example count, where not all do: a window of a long sequence is led in by positions that are seen and
 * not scored, and what is shorter than its neighbours is filled up behind its end. Immutable by agreement: who hands the arrays
 * over does not change them any more.
 *
 * @param from the first position of each example that counts
 * @param to the position after the last one, at least {@code from}
 */
public record Scored(int[] from, int[] to) {
    /** Checks the ranges. */
    public Scored {
        if (from.length != to.length) {
            throw new IllegalArgumentException(
                    "scored: found " + from.length + " beginnings and " + to.length + " ends, expected as many");
        }
        for (int n = 0; n < from.length; n++) {
            if (from[n] < 0 || to[n] < from[n]) {
                throw new IllegalArgumentException("scored: found positions " + from[n] + " to " + to[n]
                        + " of example " + n + ", expected a range");
            }
        }
    }

    /** All positions of some examples but the first ones of each. */
    public static Scored after(int first, Examples examples) {
        int[] from = new int[examples.count()];
        int[] to = new int[examples.count()];
        Arrays.fill(from, first);
        Arrays.fill(to, examples.length());
        return new Scored(from, to);
    }

    /** The length of all ranges; 0 if there is none. */
    int length() {
        int length = from.length == 0 ? 0 : to[0] - from[0];
        for (int n = 0; n < from.length; n++) {
            if (to[n] - from[n] != length) {
                throw new IllegalArgumentException("scored: found ranges of " + length + " and of " + (to[n] - from[n])
                        + " positions, expected one length");
            }
        }
        return length;
    }

    /** How many positions count in some of the examples. */
    public long positions(int[] examples) {
        long sum = 0;
        for (int n : examples) {
            sum += to[n] - from[n];
        }
        return sum;
    }

    /** How many positions count in all examples. */
    public long positions() {
        long sum = 0;
        for (int n = 0; n < from.length; n++) {
            sum += to[n] - from[n];
        }
        return sum;
    }

    /** Demands that these are positions of examples of a model. */
    void check(ModelConfig config, Examples examples) {
        if (config.data().length().isPresent()) {
            throw new IllegalArgumentException("scored: examples of " + config.architecture()
                    + " are scored as a whole; expected a model of sequences of any length");
        }
        if (from.length != examples.count()) {
            throw new IllegalArgumentException(
                    "scored: found ranges of " + from.length + " examples, expected " + examples.count());
        }
        for (int n = 0; n < to.length; n++) {
            if (to[n] > examples.length()) {
                throw new IllegalArgumentException("scored: found position " + to[n] + " of example " + n
                        + " as its end, expected at most " + examples.length());
            }
        }
    }
}
