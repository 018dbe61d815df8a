package dev.gatun.code;

import java.lang.management.ManagementFactory;
import java.time.Duration;

/** How long to go on with inputs of chance: some rounds, or {@code -Dgatun.fuzz.seconds=N} with other seeds each time. */
final class Fuzzing {
    private static final int SECONDS = Integer.getInteger("gatun.fuzz.seconds", 0);

    private final long end = System.nanoTime() + Duration.ofSeconds(SECONDS).toNanos();
    private final int rounds;

    Fuzzing(int rounds) {
        this.rounds = rounds;
    }

    /** A seed that a failure has to print. */
    static long seed(long usual) {
        return SECONDS == 0 ? usual : usual ^ System.nanoTime();
    }

    boolean more(int round) {
        return round < rounds || System.nanoTime() < end;
    }

    /** Bytes that this thread has taken from the heap so far. */
    static long allocated() {
        return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
                .getThreadAllocatedBytes(Thread.currentThread().threadId());
    }
}
