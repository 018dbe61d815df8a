package dev.gatun.bench;

import dev.gatun.foreign.Isa;
import dev.gatun.profile.Ceilings;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.BenchmarkParams;

/**
 * What a benchmark got done, printed as a rate where scores are rates: examples a second, GFLOP/s, GB/s of what has to be read and
 * written once, and, as {@code share}, which part of a second the machine would have needed at its limit: the share of the roofline,
 * or of arithmetic alone where no bytes are counted. The limit is measured before a benchmark begins, on its threads and its level.
 */
@State(Scope.Thread)
@AuxCounters(AuxCounters.Type.OPERATIONS)
public class Work {
    /** A system property: the limit is known, no share is wanted. */
    static final String MEASURED = "gatun.bench.measured";

    /** Yardsticks that use no more. */
    private static final Set<String> ON_ONE_THREAD =
            Set.of("definition", "gradientDefinition", "javaLoops", "javaGate");

    public long examples;
    public double gflop;
    public double gbyte;
    public double share;

    private @Nullable Ceilings ceilings;

    /** Measures the limit, of the processor: what runs on a device has none here, and who has measured it says so. */
    @Setup(Level.Trial)
    public void measure(BenchmarkParams params) {
        if (Boolean.getBoolean(MEASURED) || Devices.isCuda(params.getParam("device"))) {
            return;
        }
        String name = params.getBenchmark();
        int threads = ON_ONE_THREAD.contains(name.substring(name.lastIndexOf('.') + 1))
                ? 1
                : threads(params.getParam("threads"));
        ceilings = Ceilings.measure(isa(params.getParam("isa")), threads);
    }

    private static Isa isa(@Nullable String name) {
        return name == null ? Isa.BEST : Isa.valueOf(name.toUpperCase(Locale.ROOT));
    }

    private static int threads(@Nullable String count) {
        return count == null ? 1 : Integer.parseInt(count);
    }

    /** Counts start over. */
    @Setup(Level.Iteration)
    public void clear() {
        examples = 0;
        gflop = 0;
        gbyte = 0;
        share = 0;
    }

    void add(int count, double gigaFlops) {
        add(count, gigaFlops, 0);
    }

    void add(int count, double gigaFlops, double gigaBytes) {
        examples += count;
        gflop += gigaFlops;
        gbyte += gigaBytes;
        share += ceilings == null ? 0 : ceilings.leastSeconds(1e9 * gigaFlops, 1e9 * gigaBytes, 1e9 * gigaBytes);
    }
}
