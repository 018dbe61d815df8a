package dev.gatun.bench;

import dev.gatun.Examples;
import dev.gatun.Model;
import dev.gatun.TrainingPass;
import dev.gatun.foreign.Context;
import dev.gatun.foreign.Isa;
import dev.gatun.foreign.OptimizerCalls;
import dev.gatun.foreign.OptimizerCalls.Kind;
import dev.gatun.foreign.OptimizerCalls.Settings;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
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
 * A step of training: the loss of a batch, its gradient, and Adamax. Scores are steps a second; {@code gflop} counts a step
 * as three forward passes.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class TrainStepBenchmark {
    private static final Settings ADAMAX = new Settings(Kind.ADAMAX, 0, false, 0.9, 0.999, 1e-8, 0, false);

    @Param(Digits.INITIAL)
    public String model = "";

    @Param("64")
    public int batch;

    /** {@code cpu}, or {@code cuda} or {@code cuda:N}, for which threads and levels count for nothing but the optimiser. */
    @Param("cpu")
    public String device = "";

    @Param("best")
    public String isa = "";

    @Param({"1", "2"})
    public int threads;

    private final Arena arena = Arena.ofConfined();
    private Context context;
    private Model loaded;
    private TrainingPass pass;
    private Examples examples;
    private int[] chosen;
    private MemorySegment first;
    private MemorySegment second;
    private double gigaFlops;
    private long step;

    /** Makes the model and the data. */
    @Setup
    public void setUp() throws IOException {
        context = Context.of(Isa.valueOf(isa.toUpperCase(Locale.ROOT)), threads);
        loaded = Digits.model(model, Devices.of(device, threads, isa));
        pass = new TrainingPass(loaded, batch);
        examples = Digits.examples(loaded, batch);
        chosen = IntStream.range(0, batch).toArray();
        long bytes = pass.parameters().all().byteSize();
        first = arena.allocate(bytes, 64);
        second = arena.allocate(bytes, 64);
        gigaFlops = 3e-9 * batch * loaded.graph().flops(examples.length());
    }

    /** Closes the pass and the model. */
    @TearDown
    public void tearDown() {
        pass.close();
        loaded.close();
        arena.close();
    }

    /** Loss and gradient alone. */
    @Benchmark
    public double gradient(Work work) {
        work.add(batch, gigaFlops);
        return pass.lossAndGradient(examples, chosen);
    }

    /** The whole step. */
    @Benchmark
    public double step(Work work) {
        double loss = pass.lossAndGradient(examples, chosen);
        step++;
        OptimizerCalls.step(context, ADAMAX, 1e-3, step, pass.parameters().all(), pass.gradient(), first, second);
        work.add(batch, gigaFlops);
        return loss;
    }
}
