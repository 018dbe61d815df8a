package dev.gatun;

import dev.gatun.family.DataSpec;
import dev.gatun.family.ModelConfig;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What is known of samples before they are drawn: the values of some positions, the same positions of all of them. Row n belongs
 * to sample n. Immutable: arrays are copied.
 *
 * <p>The chain keeps its order: a known value is kept in place of a draw, and every other position is drawn given all values
 * before it, known and drawn. Where the known positions come first in the chain, such as the top rows of an image, this is a draw
 * of the rest given what is known; where they do not, what is known later has no say in what is drawn before it.
 *
 * <p>Where they come first, cached sampling computes known positions all at once, in one pass (whole rows of images; long
 * sequences window by window; not for fvsbn, nade and made, whose steps are one weight's column each), else step by step, as the
 * others but for their draw. Full passes leave them out. The values are the same.
 */
public final class Known {
    private static final Known NOTHING = new Known(null, new boolean[0]);

    private final @Nullable Examples values;
    /** In the layout of the data, as the values are. */
    private final boolean[] given;

    private Known(@Nullable Examples values, boolean[] given) {
        this.values = values;
        this.given = given;
    }

    /** Nothing: all is drawn. */
    public static Known nothing() {
        return NOTHING;
    }

    /**
     * Some values of some examples.
     *
     * @param values a row for each sample; those that are not given are not used, but are values of the data's kind
     * @param given which values of an example are known, in the layout of the data: {@code [channels, height, width]} for images
     * @throws IllegalArgumentException if examples have another length
     */
    public static Known of(Examples values, boolean[] given) {
        if (given.length != values.length()) {
            throw new IllegalArgumentException(
                    "known: found " + given.length + " marks, expected one for each of " + values.length() + " values");
        }
        return new Known(values, given.clone());
    }

    /** Whether nothing is known, so that it serves any number of samples. */
    public boolean isNothing() {
        return values == null;
    }

    /** What is known of some samples. */
    public Known slice(int from, int to) {
        return values == null ? this : new Known(values.range(from, to), given);
    }

    /** How many values of a sample are known. */
    public int count() {
        return (int) IntStream.range(0, given.length).filter(i -> given[i]).count();
    }

    /**
     * Demands that this is of a model's data.
     *
     * @throws IllegalArgumentException saying what was found and expected
     */
    void check(ModelConfig config, int masks, int samples, int length) {
        if (values == null) {
            return;
        }
        if (masks > 1) {
            throw new IllegalArgumentException("known: found a model of " + masks
                    + " masks, expected one of one: which mask a sample has depends on what is known of it");
        }
        if (values.count() != samples || values.length() != length) {
            throw new IllegalArgumentException("known: found " + values.count() + " examples of " + values.length()
                    + " values, expected " + samples + " of " + length);
        }
        Batches.check(config.data(), values);
        if (config.rgbPixels()) {
            checkPixels(length / config.data().channels());
        }
    }

    /** Where a draw is of a whole pixel, its channels are known together. */
    private void checkPixels(int pixels) {
        for (int i = 0; i < given.length; i++) {
            if (given[i] != given[i % pixels]) {
                throw new IllegalArgumentException("known: found some channels of pixel " + i % pixels
                        + " and not others, expected all or none: the distribution is over whole pixels");
            }
        }
    }

    /** Which positions of a sample are known, in their own order. */
    boolean[] positions(DataSpec data) {
        int[] marks = new int[given.length];
        for (int i = 0; i < given.length; i++) {
            marks[i] = given[i] ? 1 : 0;
        }
        int[] ordered = new int[given.length];
        data.toPositions(marks, 0, ordered, 0, given.length);
        boolean[] positions = new boolean[given.length];
        for (int i = 0; i < given.length; i++) {
            positions[i] = ordered[i] != 0;
        }
        return positions;
    }

    /** Writes a row for each sample, in the order of positions: what is known, and zeros. */
    void write(DataSpec data, MemorySegment to) {
        if (values == null) {
            return;
        }
        boolean[] known = positions(data);
        for (int n = 0; n < values.count(); n++) {
            if (values.real()) {
                writeReals(data, values.reals(), known, n, to);
            } else {
                writeLevels(data, values, known, n, to);
            }
        }
    }

    /**
     * Writes the one row that there is for each of some samples.
     *
     * @return a byte for each value of each sample, 1 where it is known, as native code takes them
     */
    MemorySegment writeToAll(DataSpec data, Arena arena, MemorySegment to, int samples) {
        write(data, to);
        long row = to.byteSize() / samples;
        for (int n = 1; values != null && n < samples; n++) {
            MemorySegment.copy(to, 0, to, n * row, row);
        }
        return marks(arena, values == null ? new boolean[0] : positions(data), samples, (int) (row / Integer.BYTES));
    }

    /**
     * A byte for each value of some samples, 1 where it is known, as native code takes them.
     *
     * @param known by position; empty where nothing is
     */
    static MemorySegment marks(Arena arena, boolean[] known, int samples, int length) {
        MemorySegment marks = arena.allocate((long) samples * length);
        for (long i = 0; known.length > 0 && i < marks.byteSize(); i++) {
            marks.set(ValueLayout.JAVA_BYTE, i, (byte) (known[(int) (i % length)] ? 1 : 0));
        }
        return marks;
    }

    private static void writeReals(DataSpec data, float[] all, boolean[] known, int n, MemorySegment to) {
        float[] row = new float[known.length];
        data.toPositions(all, n * row.length, row, 0, row.length);
        for (int i = 0; i < row.length; i++) {
            row[i] = known[i] ? row[i] : 0;
        }
        MemorySegment.copy(row, 0, to, ValueLayout.JAVA_FLOAT, (long) n * row.length * Float.BYTES, row.length);
    }

    private static void writeLevels(DataSpec data, Examples values, boolean[] known, int n, MemorySegment to) {
        int[] layout = new int[known.length];
        int[] row = new int[known.length];
        values.copyLevels(n, layout, 0);
        data.toPositions(layout, 0, row, 0, row.length);
        for (int i = 0; i < row.length; i++) {
            row[i] = known[i] ? row[i] : 0;
        }
        MemorySegment.copy(row, 0, to, ValueLayout.JAVA_INT, (long) n * row.length * Integer.BYTES, row.length);
    }
}
