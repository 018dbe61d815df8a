package dev.gatun;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Data: some examples of the same length, as levels (whole numbers from 0) or as reals. Images lie as {@code [count, channels,
 * height, width]}, everything else as {@code [count, length]}, row-major.
 *
 * <p>Arrays are not copied: who hands one over does not change it any more.
 */
public final class Examples {
    private final int count;
    private final int length;
    private final int @Nullable [] levels;
    private final float @Nullable [] reals;

    private Examples(int count, int length, int @Nullable [] levels, float @Nullable [] reals) {
        long given = levels != null ? levels.length : Objects.requireNonNull(reals).length;
        if (count < 0 || length < 0 || (long) count * length != given) {
            throw new IllegalArgumentException(
                    "examples: found " + given + " values, expected " + count + " x " + length);
        }
        this.count = count;
        this.length = length;
        this.levels = levels;
        this.reals = reals;
    }

    /**
     * Examples of levels.
     *
     * @param length values of an example: D of the model, or any for audio, text and the like
     */
    public static Examples ofLevels(int count, int length, int[] levels) {
        return new Examples(count, length, levels, null);
    }

    /** Examples of reals. */
    public static Examples ofReals(int count, int length, float[] reals) {
        return new Examples(count, length, null, reals);
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
     * All values.
     *
     * @throws IllegalStateException if they are reals
     */
    public int[] levels() {
        if (levels == null) {
            throw new IllegalStateException("these examples are reals, not levels");
        }
        return levels;
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

    /** Examples {@code from .. to-1}, copied. */
    public Examples range(int from, int to) {
        Objects.checkFromToIndex(from, to, count);
        int a = from * length;
        int b = to * length;
        return levels != null
                ? ofLevels(to - from, length, java.util.Arrays.copyOfRange(levels, a, b))
                : ofReals(to - from, length, java.util.Arrays.copyOfRange(Objects.requireNonNull(reals), a, b));
    }
}
