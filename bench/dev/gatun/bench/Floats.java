package dev.gatun.bench;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;

/** Random numbers in native memory. */
final class Floats {
    private Floats() {}

    /** Fills memory with numbers from -most to most. */
    static void fill(MemorySegment values, SplittableRandom random, double most) {
        for (long i = 0; i < values.byteSize() / Float.BYTES; i++) {
            values.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextDouble(-most, most));
        }
    }
}
