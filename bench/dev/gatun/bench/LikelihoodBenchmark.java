package dev.gatun.bench;

import dev.gatun.Examples;
import dev.gatun.Likelihood;
import dev.gatun.Model;
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

/** The likelihood of examples, all positions at once. Scores are calls a second, {@code examples} examples a second. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class LikelihoodBenchmark {
    @Param(Digits.INITIAL)
    public String model = "";

    @Param({"1", "64", "1000"})
    public int batch;

    /** {@code cpu}, or {@code cuda} or {@code cuda:N}, for which threads and levels count for nothing but the optimiser. */
    @Param("cpu")
    public String device = "";

    @Param("best")
    public String isa = "";

    @Param({"1", "2"})
    public int threads;

    private Model loaded;
    private Examples examples;
    private double gigaFlops;

    /** Makes the model and the data. */
    @Setup
    public void setUp() throws IOException {
        loaded = Digits.model(model, Devices.of(device, threads, isa));
        examples = Digits.examples(loaded, batch);
        gigaFlops = 1e-9 * batch * loaded.graph().flops(examples.length());
    }

    /** Closes the model. */
    @TearDown
    public void tearDown() {
        loaded.close();
    }

    @Benchmark
    public Likelihood likelihood(Work work) {
        work.add(batch, gigaFlops);
        return loaded.logLikelihood(examples);
    }
}
