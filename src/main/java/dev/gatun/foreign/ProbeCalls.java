package dev.gatun.foreign;

import dev.gatun.bindings.gatun_h;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** What the machine can do at most: what rooflines are drawn by. */
public final class ProbeCalls {
    private ProbeCalls() {}

    /**
     * Multiplies and adds in the registers of all threads of a context.
     *
     * @param rounds at least 0
     * @return floating-point operations made, two for each fused multiply-add
     */
    public static double multiply(Context context, long rounds) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment operations = arena.allocate(ValueLayout.JAVA_DOUBLE);
            context.check(gatun_h.gatun_probe_multiply(context.handle(), Math.max(0, rounds), operations));
            return operations.get(ValueLayout.JAVA_DOUBLE, 0);
        }
    }

    /**
     * Reads floats, each thread of a context a part of its own.
     *
     * @param values native, aligned
     * @param rounds how often, at least 0
     * @return the sum of what was read: all but a rest of fewer than 64 floats a thread
     */
    public static double read(Context context, MemorySegment values, long rounds) {
        if (!values.isNative() || values.address() % Float.BYTES != 0) {
            throw new IllegalArgumentException("values: expected aligned floats in native memory");
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment sum = arena.allocate(ValueLayout.JAVA_DOUBLE);
            long count = values.byteSize() / Float.BYTES;
            context.check(gatun_h.gatun_probe_read(context.handle(), values, count, Math.max(0, rounds), sum));
            return sum.get(ValueLayout.JAVA_DOUBLE, 0);
        }
    }
}
