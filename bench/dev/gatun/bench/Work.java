package dev.gatun.bench;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What a benchmark got done, printed as a rate: examples a second, GFLOP/s, GB/s of what has to be read and written once. */
@State(Scope.Thread)
@AuxCounters(AuxCounters.Type.OPERATIONS)
public class Work {
    public long examples;
    public double gflop;
    public double gbyte;

    /** Counts start over. */
    @Setup(Level.Iteration)
    public void clear() {
        examples = 0;
        gflop = 0;
        gbyte = 0;
    }

    void add(int count, double gigaFlops) {
        add(count, gigaFlops, 0);
    }

    void add(int count, double gigaFlops, double gigaBytes) {
        examples += count;
        gflop += gigaFlops;
        gbyte += gigaBytes;
    }
}
