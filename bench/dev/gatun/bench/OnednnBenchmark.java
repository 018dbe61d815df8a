package dev.gatun.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The shapes of {@link AffineBenchmark} by oneDNN, a yardstick: the dense kernel around the taps, in the layouts that oneDNN likes
 * best, without what it takes to bring Gatun's maps there. Scores are calls a second; {@code gflop} counts what taps need, not the
 * zeros of masked places. Wants libgatun_dnnl.so ({@code mvn -Pdnnl package}).
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class OnednnBenchmark {
    @Param({
        AffineShape.MASKED_3X3,
        AffineShape.MASKED_7X7_GREY,
        AffineShape.MASKED_7X7_COLOURS,
        AffineShape.POINTWISE,
        AffineShape.CAUSAL_1,
        AffineShape.CAUSAL_512,
        AffineShape.WIDE_CAUSAL,
        AffineShape.VECTOR
    })
    public String shape = "";

    /** For nothing: oneDNN chooses by itself. */
    @Param("best")
    public String isa = "";

    @Param({"1", "2"})
    public int threads;

    /** Makes one product when it is first run. */
    private Onednn made;

    private AffineShape sizes;

    @Setup
    public void setUp() {
        sizes = AffineShape.of(shape);
    }

    private void run(Onednn.Kind kind, Work work) {
        if (made == null) {
            made = new Onednn(sizes, kind, threads);
            System.out.println("oneDNN: " + made.kernel());
        }
        made.run();
        work.add(sizes.n(), sizes.gigaFlops(), sizes.gigaBytes());
    }

    /** Gives the memory back. */
    @TearDown
    public void tearDown() {
        if (made != null) {
            made.close();
        }
    }

    @Benchmark
    public void forward(Work work) {
        run(Onednn.Kind.FORWARD, work);
    }

    @Benchmark
    public void backwardData(Work work) {
        run(Onednn.Kind.BACKWARD_DATA, work);
    }

    @Benchmark
    public void gradient(Work work) {
        run(Onednn.Kind.BACKWARD_WEIGHTS, work);
    }
}
