package dev.gatun.bench;

import dev.gatun.Model;
import dev.gatun.SampleOptions;
import dev.gatun.Sampler;
import dev.gatun.tensor.Precision;
import java.io.IOException;
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
 * Sampling: each value computed once, and a forward pass for each position. Scores are batches a second, {@code examples}
 * samples a second; {@code gflop} counts for both the arithmetic of one pass a sample, which is what has to be done.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class SampleBenchmark {
    @Param(Digits.INITIAL)
    public String model = "";

    @Param({"CACHED", "FULL"})
    public SampleOptions.Method method = SampleOptions.Method.CACHED;

    @Param({"1", "16", "64", "1000"})
    public int batch;

    /** {@code cpu}, or {@code cuda} or {@code cuda:N}, for which threads and levels count for nothing but the optimiser. */
    @Param("cpu")
    public String device = "";

    @Param("best")
    public String isa = "";

    @Param("F32")
    public Precision precision = Precision.F32;

    @Param({"1", "2"})
    public int threads;

    private Model loaded;
    private Sampler sampler;
    private double gigaFlops;

    /** Makes the model and the sampler. */
    @Setup
    public void setUp() throws IOException {
        loaded = Digits.model(model, Devices.of(device, threads, isa), precision);
        sampler = loaded.sampler(SampleOptions.count(batch).withSeed(1).withMethod(method));
        gigaFlops = 1e-9 * batch * loaded.plan().flops(sampler.length());
    }

    /** Closes both. */
    @TearDown
    public void tearDown() {
        sampler.close();
        loaded.close();
    }

    @Benchmark
    public void sample(Work work) {
        sampler.restart();
        sampler.advance(sampler.length());
        work.add(batch, gigaFlops);
    }
}
