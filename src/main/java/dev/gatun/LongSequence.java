package dev.gatun;

import java.util.Objects;

/**
 * Levels one after the other, of which a window is read at a time, so that what they lie in may be larger than memory. May be
 * read by several threads.
 */
public interface LongSequence {
    /** How many levels there are. */
    long length();

    /**
     * Reads levels {@code from .. from+count-1}.
     *
     * @param to takes them from {@code offset} on
     * @throws IndexOutOfBoundsException if there are no such levels, or the array has no room for them
     */
    void read(long from, int[] to, int offset, int count);

    /** A part of this sequence, which is not copied. */
    default LongSequence slice(long from, long length) {
        Objects.checkFromIndexSize(from, length, length());
        LongSequence whole = this;
        return new LongSequence() {
            @Override
            public long length() {
                return length;
            }

            @Override
            public void read(long begin, int[] to, int offset, int count) {
                Objects.checkFromIndexSize(begin, count, length);
                whole.read(from + begin, to, offset, count);
            }

            @Override
            public LongSequence slice(long begin, long size) {
                Objects.checkFromIndexSize(begin, size, length);
                return whole.slice(from + begin, size);
            }
        };
    }

    /** A sequence in memory. The array is not copied. */
    static LongSequence of(int[] levels) {
        return new LongSequence() {
            @Override
            public long length() {
                return levels.length;
            }

            @Override
            public void read(long from, int[] to, int offset, int count) {
                Objects.checkFromIndexSize(from, count, levels.length);
                System.arraycopy(levels, (int) from, to, offset, count);
            }
        };
    }
}
