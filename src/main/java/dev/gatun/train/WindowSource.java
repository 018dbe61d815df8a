package dev.gatun.train;

import dev.gatun.Condition;
import dev.gatun.Examples;
import dev.gatun.LongSequence;
import dev.gatun.Scored;
import dev.gatun.tensor.Philox;
import java.util.List;

/**
 * Windows of sequences, each of a length of its own, teacher-forced: a window's positions are scored, and led in by positions
 * before it that are only seen. Those of a step begin anywhere, drawn anew; those to be validated by lie side by side and are all
 * of the sequences. What is before a sequence's beginning is what a model sees there; a window that begins later is seen as a
 * model of its context's length would see it, so a context as long as the receptive field is exact.
 *
 * <p>Where frames of a condition stand for several positions each, what is seen begins with a frame.
 */
public final class WindowSource implements BatchSource {
    /** The number of the draw, beside those of other changes of examples. */
    private static final int DRAW = 48;

    private final List<LongSequence> sequences;
    private final Condition condition;
    private final Size size;
    private final long seed;
    /** The number of the first window of each sequence, and of all. */
    private final long[] firsts;

    /**
     * How large windows are.
     *
     * @param window positions that are scored, at least 1
     * @param context positions before them, at least 0
     * @param hop positions that a frame of the condition stands for; 1 where there are none
     */
    public record Size(int window, int context, int hop) {
        /** Checks the ranges. */
        public Size {
            if (window < 1 || context < 0 || hop < 1 || (long) window + context + hop > Integer.MAX_VALUE) {
                throw new IllegalArgumentException("windows: found " + window + " positions after " + context
                        + ", frames of " + hop + ", expected at least 1 after at least 0, of at least 1");
            }
        }

        /** Positions that are taken: the first of them begins a frame. */
        int length() {
            return context + window + hop - 1;
        }
    }

    /**
     * Windows.
     *
     * @param sequences levels, at least one
     * @param condition classes, frames or both, a row for each sequence, frames from its first position on; or
     *     {@link Condition#none()}
     * @param seed of the draws
     * @throws IllegalArgumentException if there are more windows than an epoch may have, or none
     */
    public WindowSource(List<LongSequence> sequences, Condition condition, Size size, long seed) {
        if (condition.rows() != 0 && condition.rows() != sequences.size()) {
            throw new IllegalArgumentException("condition: found " + condition.rows()
                    + " rows, expected one for each of " + sequences.size() + " sequences");
        }
        this.sequences = List.copyOf(sequences);
        this.condition = condition;
        this.size = size;
        this.seed = seed;
        firsts = new long[sequences.size() + 1];
        for (int i = 0; i < sequences.size(); i++) {
            firsts[i + 1] = firsts[i] + Math.ceilDiv(sequences.get(i).length(), (long) size.window);
        }
        if (windows() < 1 || windows() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("windows: found " + windows() + " of " + size.window
                    + " positions, expected 1.." + Integer.MAX_VALUE);
        }
    }

    private long windows() {
        return firsts[sequences.size()];
    }

    @Override
    public int count() {
        return (int) windows();
    }

    @Override
    public int dimensions() {
        return 1;
    }

    @Override
    public Batch batch(int[] chosen, long step) {
        return taken(chosen, step);
    }

    @Override
    public Batch fixed(int[] chosen) {
        return taken(chosen, -1);
    }

    private Batch taken(int[] chosen, long step) {
        int length = size.length();
        int[] levels = new int[chosen.length * length];
        int[] rows = new int[chosen.length];
        int[] from = new int[chosen.length];
        int[] to = new int[chosen.length];
        int[] frames = new int[chosen.length];
        for (int n = 0; n < chosen.length; n++) {
            rows[n] = sequence(chosen[n]);
            LongSequence sequence = sequences.get(rows[n]);
            long begin = step < 0 ? (chosen[n] - firsts[rows[n]]) * size.window : drawn(sequence, chosen[n], step);
            long end = Math.min(sequence.length(), begin + size.window);
            frames[n] = (int) (Math.max(0, begin - size.context) / size.hop);
            long seen = (long) frames[n] * size.hop;
            sequence.read(seen, levels, n * length, (int) (end - seen));
            from[n] = (int) (begin - seen);
            to[n] = (int) (end - seen);
        }
        Condition chosenRows =
                condition.rows() == 0 ? condition : condition.window(rows, frames, Math.ceilDiv(length, size.hop));
        Examples examples = Examples.ofLevels(chosen.length, length, levels);
        return Batch.all(examples, chosenRows, new Scored(from, to));
    }

    /** The sequence that a window is of. */
    private int sequence(int number) {
        int low = 0;
        int high = sequences.size() - 1;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (firsts[middle + 1] > number) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    /** The beginning of a window, each that leaves it whole as likely. */
    private long drawn(LongSequence sequence, int number, long step) {
        long places = Math.max(0, sequence.length() - size.window) + 1;
        long high = Integer.toUnsignedLong(Philox.word(seed, step, number, DRAW));
        long low = Integer.toUnsignedLong(Philox.word(seed, step, number, DRAW + 1));
        return Math.unsignedMultiplyHigh(high << 32 | low, places);
    }

    @Override
    public String fingerprint() {
        DataDigest digest = new DataDigest();
        for (LongSequence sequence : sequences) {
            digest.add(sequence.length() + " ");
            digest.add(sequence);
        }
        digest.add(condition);
        String frames = size.hop == 1 ? "" : ", frames of " + size.hop;
        digest.add("windows of " + size.window + " after " + size.context + frames + ", seed " + seed);
        return digest.text();
    }
}
