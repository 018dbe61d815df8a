package dev.gatun.profile;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.Isa;
import dev.gatun.foreign.ProbeCalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * What the machine does at most, measured before anything else: multiplications in registers, and reading from each cache and
 * from memory.
 *
 * @param gigaFlops a second, of all threads
 * @param levels from the smallest to the largest
 */
public record Ceilings(int threads, double gigaFlops, List<Level> levels) {
    private static final long TRY = 30_000_000; // nanoseconds
    private static final int TRIES = 7;

    /**
     * A place where data lie.
     *
     * @param bytes of all threads together that are read in turns
     * @param gigaBytes a second
     */
    public record Level(String name, long bytes, double gigaBytes) {}

    /** Measures: half a second for each figure and more. */
    public static Ceilings measure(Isa isa, int threads) {
        try (Context context = Context.of(isa, threads)) {
            double flops = best(rounds -> ProbeCalls.multiply(context, rounds));
            List<Level> levels = new ArrayList<>();
            levels.add(level(context, "L1", 16L << 10, threads));
            levels.add(level(context, "L2", 384L << 10, threads));
            levels.add(level(context, "L3", 6L << 20, threads));
            levels.add(level(context, "memory", 256L << 20, threads));
            return new Ceilings(threads, flops * 1e-9, levels);
        }
    }

    private static Level level(Context context, String name, long bytesOfThread, int threads) {
        long bytes = bytesOfThread * threads;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment values = arena.allocate(bytes, 64);
            double rate = best(rounds -> {
                ProbeCalls.read(context, values, rounds);
                return (double) bytes * rounds;
            });
            return new Level(name, bytes, rate * 1e-9);
        }
    }

    /** Some rounds of work; returns how much that was. */
    private interface Rounds {
        double run(long rounds);
    }

    /** The best rate of some tries, each of so many rounds that it can be timed. */
    private static double best(Rounds work) {
        long rounds = 1;
        // Others may interrupt: the shortest of three times says how long so many rounds take.
        while (Math.min(time(work, rounds), Math.min(time(work, rounds), time(work, rounds))) < TRY
                && rounds < 1L << 40) {
            rounds *= 2;
        }
        double best = 0;
        for (int i = 0; i < TRIES; i++) {
            long start = System.nanoTime();
            double done = work.run(rounds);
            best = Math.max(best, done / (System.nanoTime() - start) * 1e9);
        }
        return best;
    }

    private static long time(Rounds work, long rounds) {
        long start = System.nanoTime();
        work.run(rounds);
        return System.nanoTime() - start;
    }

    /**
     * The least time that work can take.
     *
     * @param flops floating-point operations
     * @param bytes that have to be read and written
     * @param working bytes that are in use by turns, which say from which level they come
     */
    public double leastSeconds(double flops, double bytes, double working) {
        return Math.max(
                flops * 1e-9 / gigaFlops, bytes * 1e-9 / levelOf(working * 1e-9).gigaBytes());
    }

    /** The smallest level that holds so much. */
    public Level levelOf(double gigaBytes) {
        return levels.stream()
                .filter(level -> level.bytes * 1e-9 * 2 >= gigaBytes)
                .findFirst()
                .orElse(levels.getLast());
    }
}
