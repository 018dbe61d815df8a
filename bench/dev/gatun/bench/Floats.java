package dev.gatun.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;

/** Random numbers in native memory. */
final class Floats {
    private Floats() {}

    /** Numbers from -1 to 1 in memory of the arena, at the beginning of a line of the cache. */
    static MemorySegment random(Arena arena, long count, SplittableRandom random) {
        MemorySegment values = arena.allocate(count * Float.BYTES, 64);
        fill(values, random, 1);
        return values;
    }

    /** Fills memory with numbers from -most to most. */
    static void fill(MemorySegment values, SplittableRandom random, double most) {
        for (long i = 0; i < values.byteSize() / Float.BYTES; i++) {
            values.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextDouble(-most, most));
        }
    }
}
