package dev.gatun.data;

import dev.gatun.LongSequence;
import dev.gatun.tensor.Philox;
import java.util.Locale;
import java.util.Objects;

/** How images of 256 grey levels become images of two. */
public sealed interface Binarize {
    /** The levels before. */
    int LEVELS = 256;

    /**
     * Level 1 where the grey level is at least a threshold.
     *
     * @param least the threshold, 1..255
     */
    record Threshold(int least) implements Binarize {
        /** Checks the range. */
        public Threshold {
            if (least < 1 || least >= LEVELS) {
                throw new IllegalArgumentException("threshold: found " + least + ", expected 1.." + (LEVELS - 1));
            }
        }
    }

    /**
     * Level 1 with the probability grey / 255, drawn once for each pixel, from a seed: the same each time that the data are read.
     *
     * @param seed any
     */
    record Stochastic(long seed) implements Binarize {}

    /**
     * Parses {@code static-threshold:128} or {@code stochastic:7}.
     *
     * @throws IllegalArgumentException saying what was found and expected
     */
    static Binarize parse(String text) {
        String[] parts = text.toLowerCase(Locale.ROOT).split(":", -1);
        try {
            if (parts.length == 2 && parts[0].equals("static-threshold")) {
                return new Threshold(Integer.parseInt(parts[1]));
            }
            if (parts.length == 2 && parts[0].equals("stochastic")) {
                return new Stochastic(Long.parseLong(parts[1]));
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("found '" + text + "', expected a whole number after the colon", e);
        }
        throw new IllegalArgumentException(
                "found '" + text + "', expected static-threshold:T with T of 1..255, or stochastic:SEED");
    }

    /**
     * The levels of some grey ones.
     *
     * @param part a number of the part of the data, so that parts have noise of their own
     */
    default LongSequence apply(LongSequence grey, int part) {
        return new LongSequence() {
            @Override
            public long length() {
                return grey.length();
            }

            @Override
            public void read(long from, int[] to, int offset, int count) {
                Objects.checkFromIndexSize(offset, count, to.length);
                grey.read(from, to, offset, count);
                for (int i = 0; i < count; i++) {
                    to[offset + i] = bit(to[offset + i], from + i, part);
                }
            }
        };
    }

    private int bit(int grey, long index, int part) {
        return switch (this) {
            case Threshold threshold -> grey >= threshold.least() ? 1 : 0;
            case Stochastic stochastic ->
                grey > Philox.uniform(stochastic.seed(), index, part, 0) * (LEVELS - 1) ? 1 : 0;
        };
    }
}
