package dev.gatun.foreign;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Microseconds that a step of a stream takes.
 *
 * @param apart by one thread
 * @param together by all that share it
 */
public record StepTimes(double apart, double together) {
    /** What sharing must save to be chosen: measurements differ by a tenth by themselves. */
    private static final double ENOUGH = 0.85;

    /** An entry that measures. */
    interface Measure {
        int into(MemorySegment apart, MemorySegment together);
    }

    static StepTimes measured(Context context, Measure measure) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment apart = arena.allocate(ValueLayout.JAVA_DOUBLE);
            MemorySegment together = arena.allocate(ValueLayout.JAVA_DOUBLE);
            context.check(measure.into(apart, together));
            return new StepTimes(apart.get(ValueLayout.JAVA_DOUBLE, 0), together.get(ValueLayout.JAVA_DOUBLE, 0));
        }
    }

    /** Whether threads are to share steps. */
    public boolean sharingPays() {
        return together < ENOUGH * apart;
    }
}
