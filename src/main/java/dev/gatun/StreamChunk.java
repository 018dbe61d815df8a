package dev.gatun;

import dev.gatun.foreign.NativeDistribution;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/**
 * The values that a stream drew last, in the order of positions. A view of memory that is used again: it is good until the streams
 * advance again or {@code onNext} returns, on the thread of the streams alone. Copy what is to be kept.
 */
public final class StreamChunk {
    private final Owner owner;
    private final MemorySegment data;
    private final boolean real;
    private final long row;
    private long position;
    private int from;
    private int size;

    /** Nothing yet, of a row of values. */
    StreamChunk(Owner owner, NativeDistribution.Values values, int stream) {
        this.owner = owner;
        this.data = values.data();
        this.real = values.real();
        this.row = (long) stream * values.positions();
    }

    void clear() {
        size = 0;
    }

    /** Adds values that follow each other. */
    void add(long first, int at, int count) {
        if (size == 0) {
            position = first;
            from = at;
        }
        size += count;
    }

    /** The position of the first value. */
    public long position() {
        return position;
    }

    /** How many values there are. */
    public int size() {
        return size;
    }

    /** Whether values are reals, not levels. */
    public boolean real() {
        return real;
    }

    /**
     * One level.
     *
     * @param index from 0 to {@code size - 1}
     * @throws IllegalStateException if values are reals
     */
    public int level(int index) {
        check(false);
        return data.getAtIndex(ValueLayout.JAVA_INT, row + from + Objects.checkIndex(index, size));
    }

    /**
     * One real.
     *
     * @param index from 0 to {@code size - 1}
     * @throws IllegalStateException if values are levels
     */
    public float real(int index) {
        check(true);
        return data.getAtIndex(ValueLayout.JAVA_FLOAT, row + from + Objects.checkIndex(index, size));
    }

    /** Copies all levels to an array, from a place of it on. */
    public void copyLevels(int[] to, int offset) {
        check(false);
        MemorySegment.copy(data, ValueLayout.JAVA_INT, (row + from) * Integer.BYTES, to, offset, size);
    }

    /** Copies all reals to an array, from a place of it on. */
    public void copyReals(float[] to, int offset) {
        check(true);
        MemorySegment.copy(data, ValueLayout.JAVA_FLOAT, (row + from) * Float.BYTES, to, offset, size);
    }

    private void check(boolean asReal) {
        owner.check();
        if (real != asReal) {
            throw new IllegalStateException(
                    real ? "these values are reals, not levels" : "these values are levels, not reals");
        }
    }
}
