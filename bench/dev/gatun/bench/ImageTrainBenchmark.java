package dev.gatun.bench;

import dev.gatun.Examples;
import dev.gatun.Model;
import dev.gatun.TrainingPass;
import dev.gatun.foreign.Context;
import dev.gatun.foreign.Isa;
import dev.gatun.foreign.OptimizerCalls;
import dev.gatun.foreign.OptimizerCalls.Kind;
import dev.gatun.foreign.OptimizerCalls.Settings;
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
 * A step of training on black and white images of 28x28, loss, gradient and Adam: {@code pixelcnn} of 7 blocks and 32 features
 * (7x7, 3x3), {@code gated_pixelcnn} of 12 layers and 64 features (7x7, 5x5). Scores are milliseconds; {@code gflop} counts a
 * step as three forward passes. {@code bench/peers/training.py} is the same step by PyTorch.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class ImageTrainBenchmark {
    private static final Settings ADAM = new Settings(Kind.ADAM, 0, false, 0.9, 0.999, 1e-8, 0, false);

    /** Of the paper's sizes; {@code _wide}: one layer of 32 hidden units in place of seven of 16. */
    @Param({"pixelcnn", "gated_pixelcnn", "row_lstm", "row_lstm_wide", "diagonal_bilstm", "diagonal_bilstm_wide"})
    public String family = "";

    @Param("16")
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
    private Model model;
    private TrainingPass pass;
    private Examples examples;
    private int[] chosen;
    private MemorySegment first;
    private MemorySegment second;
    private double gigaFlops;
    private long step;

    /** Makes the model and the data. */
    @Setup
    public void setUp() {
        context = Context.of(Isa.valueOf(isa.toUpperCase(Locale.ROOT)), threads);
        model = Model.create(Images.config(family), 1, Devices.of(device, threads, isa));
        pass = new TrainingPass(model, batch);
        examples = Digits.examples(model, batch);
        chosen = IntStream.range(0, batch).toArray();
        long bytes = pass.parameters().all().byteSize();
        first = arena.allocate(bytes, 64);
        second = arena.allocate(bytes, 64);
        gigaFlops = 3e-9 * batch * model.graph().flops(examples.length());
    }

    /** Closes the pass and the model. */
    @TearDown
    public void tearDown() {
        pass.close();
        model.close();
        context.close();
        arena.close();
    }

    /** The loss alone. */
    @Benchmark
    public double forward(Work work) {
        work.add(batch, gigaFlops / 3);
        return pass.loss(examples);
    }

    /** The whole step. */
    @Benchmark
    public double step(Work work) {
        double loss = pass.lossAndGradient(examples, chosen);
        step++;
        OptimizerCalls.step(context, ADAM, 1e-3, step, pass.parameters().all(), pass.gradient(), first, second);
        work.add(batch, gigaFlops);
        return loss;
    }
}
