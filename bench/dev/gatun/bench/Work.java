package dev.gatun.bench;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What a benchmark got done, printed as a rate: examples a second, GFLOP/s. */
@State(Scope.Thread)
@AuxCounters(AuxCounters.Type.OPERATIONS)
public class Work {
    public long examples;
    public double gflop;

    /** Counts start over. */
    @Setup(Level.Iteration)
    public void clear() {
        examples = 0;
        gflop = 0;
    }

    void add(int count, double gigaFlops) {
        examples += count;
        gflop += gigaFlops;
    }
}
