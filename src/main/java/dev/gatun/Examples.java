package dev.gatun;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Data: some examples of the same length, as levels (whole numbers from 0) or as reals. Images lie as {@code [count, channels,
 * height, width]}, everything else as {@code [count, length]}, row-major.
 *
 * <p>Levels lie in an array or in a {@link LongSequence}, which may be in a file and larger than memory: what reads one example
 * after the other by {@link #copyLevels} works with either. Arrays are not copied: who hands one over does not change it any more.
 */
public final class Examples {
    private final int count;
    private final int length;
    private final @Nullable LongSequence sequence;
    /** The levels again where they are in one array, which then need not be copied. */
    private final int @Nullable [] levels;

    private final float @Nullable [] reals;

    private Examples(
            int count, int length, @Nullable LongSequence sequence, int @Nullable [] levels, float @Nullable [] reals) {
        long given = sequence != null ? sequence.length() : Objects.requireNonNull(reals).length;
        if (count < 0 || length < 0 || (long) count * length != given) {
            throw new IllegalArgumentException(
                    "examples: found " + given + " values, expected " + count + " x " + length);
        }
        this.count = count;
        this.length = length;
        this.sequence = sequence;
        this.levels = levels;
        this.reals = reals;
    }

    /**
     * Examples of levels.
     *
     * @param length values of an example: D of the model, or any for audio, text and the like
     */
    public static Examples ofLevels(int count, int length, int[] levels) {
        return new Examples(count, length, LongSequence.of(levels), levels, null);
    }

    /** Examples of levels that lie one after the other in a sequence. */
    public static Examples ofSequence(int count, int length, LongSequence levels) {
        return new Examples(count, length, levels, null, null);
    }

    /** Examples of reals. */
    public static Examples ofReals(int count, int length, float[] reals) {
        return new Examples(count, length, null, null, reals);
    }

    /** How many examples there are. */
    public int count() {
        return count;
    }

    /** Values of an example. */
    public int length() {
        return length;
    }

    /** Whether values are reals. */
    public boolean real() {
        return reals != null;
    }

    /**
     * All values; a copy in memory where they lie in a file, so {@link #copyLevels} is better for large data.
     *
     * @throws IllegalStateException if they are reals, or more than an array holds
     */
    public int[] levels() {
        if (levels != null) {
            return levels;
        }
        LongSequence all = sequence();
        if (all.length() > Batches.MOST_VALUES) {
            throw new IllegalStateException(all.length() + " levels are more than an array holds");
        }
        int[] copy = new int[(int) all.length()];
        all.read(0, copy, 0, copy.length);
        return copy;
    }

    /**
     * Copies one example.
     *
     * @param example its number
     * @param to takes its levels from {@code offset} on
     * @throws IllegalStateException if values are reals
     */
    public void copyLevels(int example, int[] to, int offset) {
        Objects.checkIndex(example, count);
        sequence().read((long) example * length, to, offset, length);
    }

    /**
     * All levels, one example after the other; nothing is copied.
     *
     * @throws IllegalStateException if values are reals
     */
    public LongSequence sequence() {
        if (sequence == null) {
            throw new IllegalStateException("these examples are reals, not levels");
        }
        return sequence;
    }

    /**
     * All values.
     *
     * @throws IllegalStateException if they are levels
     */
    public float[] reals() {
        if (reals == null) {
            throw new IllegalStateException("these examples are levels, not reals");
        }
        return reals;
    }

    /** Examples {@code from .. to-1}; copied where they lie in an array. */
    public Examples range(int from, int to) {
        Objects.checkFromToIndex(from, to, count);
        if (levels != null) {
            return ofLevels(to - from, length, Arrays.copyOfRange(levels, from * length, to * length));
        }
        if (sequence != null) {
            long begin = (long) from * length;
            return ofSequence(to - from, length, sequence.slice(begin, (long) to * length - begin));
        }
        return ofReals(
                to - from, length, Arrays.copyOfRange(Objects.requireNonNull(reals), from * length, to * length));
    }
}
