package dev.gatun;

import dev.gatun.family.DataSpec;
import dev.gatun.foreign.NativeStreams;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/** The known values of a stream's first positions, and where they are to be put as it passes them. */
final class StreamPrefix {
    private final int[] levels;
    private final float @Nullable [] reals;
    private final int length;
    private final MemorySegment values;
    private final MemorySegment known;
    private final long row;

    /**
     * A copy of one example.
     *
     * @throws IllegalArgumentException if it is not of the model's data
     */
    StreamPrefix(DataSpec data, Examples example, NativeStreams streams, int place) {
        boolean real = data.levels() == 0;
        if (example.real() != real) {
            throw new IllegalArgumentException("prefix: found " + (example.real() ? "reals" : "levels") + ", expected "
                    + (real ? "reals" : "levels") + " (" + data.kind() + ")");
        }
        length = example.length();
        levels = new int[real ? 0 : length];
        reals = real ? example.reals().clone() : null;
        if (!real) {
            example.copyLevels(0, levels, 0);
        }
        check(data.levels());
        values = streams.values().data();
        known = streams.known();
        row = (long) place * streams.values().positions();
    }

    private void check(int count) {
        for (int i = 0; i < length; i++) {
            if (reals != null ? !Float.isFinite(reals[i]) : levels[i] < 0 || levels[i] >= count) {
                throw new IllegalArgumentException("prefix: found "
                        + (reals != null
                                ? reals[i] + " at value " + i + ", expected finite numbers"
                                : "level " + levels[i] + " at value " + i + ", expected 0.." + (count - 1)));
            }
        }
    }

    int length() {
        return length;
    }

    /** Marks and writes what is known of positions, from a place of the chunk on; whether anything is. */
    boolean give(long position, int at, int steps) {
        for (int i = 0; i < steps; i++) {
            boolean given = position + i < length;
            known.set(ValueLayout.JAVA_BYTE, row + at + i, (byte) (given ? 1 : 0));
            if (given && reals != null) {
                values.setAtIndex(ValueLayout.JAVA_FLOAT, row + at + i, reals[(int) position + i]);
            } else if (given) {
                values.setAtIndex(ValueLayout.JAVA_INT, row + at + i, levels[(int) position + i]);
            }
        }
        return position < length;
    }
}
