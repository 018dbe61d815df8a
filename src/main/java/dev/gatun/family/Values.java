package dev.gatun.family;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What may be in a float tensor. */
final class Values {
    private Values() {}

    /** Sets the entries that do not count to zero. */
    static void clearMasked(MemorySegment values, Mask.@Nullable Entries entries) {
        if (entries == null) {
            return;
        }
        long size = values.byteSize() / Float.BYTES;
        for (long i = 0; i < size; i++) {
            if (!entries.counts(i)) {
                values.setAtIndex(ValueLayout.JAVA_FLOAT, i, 0f);
            }
        }
    }

    /** Refuses a tensor with a NaN or an infinity among the entries that count ({@code null}: all do). */
    static void requireFinite(String name, MemorySegment values, int[] shape, Mask.@Nullable Entries entries) {
        long size = values.byteSize() / Float.BYTES;
        for (long i = 0; i < size; i++) {
            float value = values.getAtIndex(ValueLayout.JAVA_FLOAT, i);
            if (!Float.isFinite(value) && (entries == null || entries.counts(i))) {
                throw InvalidModelException.of(
                        name, value + " at " + Arrays.toString(place(i, shape)), "values that are finite in float32");
            }
        }
    }

    private static long[] place(long index, int[] shape) {
        long[] place = new long[shape.length];
        long rest = index;
        for (int axis = shape.length - 1; axis >= 0; axis--) {
            place[axis] = rest % shape[axis];
            rest /= shape[axis];
        }
        return place;
    }
}
