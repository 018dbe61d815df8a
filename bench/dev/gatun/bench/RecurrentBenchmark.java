package dev.gatun.bench;

import dev.gatun.Examples;
import dev.gatun.Model;
import dev.gatun.SampleOptions;
import dev.gatun.Sampler;
import dev.gatun.TrainingPass;
import dev.gatun.family.DataSpec;
import dev.gatun.family.DistributionSpec;
import dev.gatun.family.InputEncoding;
import dev.gatun.family.ModelConfig;
import dev.gatun.foreign.Context;
import dev.gatun.foreign.Isa;
import dev.gatun.foreign.OptimizerCalls;
import dev.gatun.foreign.OptimizerCalls.Kind;
import dev.gatun.foreign.OptimizerCalls.Settings;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
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
 * Recurrent layers over characters, one-hot of 65: a step of training (loss, gradient, Adam), the likelihood, and cached
 * sampling of as many streams. Scores are batches a second; {@code gflop} counts a step as three forward passes. PyTorch's
 * step of the same shape is {@code bench/peers/lstm.py}.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 2, time = 3)
@Measurement(iterations = 5, time = 3)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class RecurrentBenchmark {
    private static final int LEVELS = 65;
    private static final Settings ADAM = new Settings(Kind.ADAM, 0, false, 0.9, 0.999, 1e-8, 0, false);

    @Param({"lstm", "gru", "tanh"})
    public String cell = "";

    @Param("2")
    public int layers;

    @Param("256")
    public int hidden;

    @Param({"1", "64"})
    public int batch;

    @Param("100")
    public int length;

    /** As {@link Devices} names them. */
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
    private Sampler sampler;
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
        model = Model.create(config(), 1, Devices.of(device, threads, isa));
        pass = new TrainingPass(model, batch);
        sampler = model.sampler(SampleOptions.count(batch).withLength(length));
        Random random = new Random(1);
        examples = Examples.ofLevels(
                batch, length, random.ints((long) batch * length, 0, LEVELS).toArray());
        chosen = IntStream.range(0, batch).toArray();
        long bytes = pass.parameters().all().byteSize();
        first = arena.allocate(bytes, 64);
        second = arena.allocate(bytes, 64);
        gigaFlops = 1e-9 * batch * model.graph().flops(length);
    }

    private ModelConfig config() {
        String vocabulary = IntStream.range(0, LEVELS)
                .mapToObj(i -> Character.toString(' ' + i))
                .collect(Collectors.joining());
        return new ModelConfig(
                "rnn_arm",
                new DataSpec.Text(vocabulary),
                InputEncoding.ONE_HOT,
                DistributionSpec.of(DistributionSpec.Type.CATEGORICAL),
                Map.of("cell", cell, "layers", (long) layers, "hidden", (long) hidden));
    }

    /** Closes what was made. */
    @TearDown
    public void tearDown() {
        sampler.close();
        pass.close();
        model.close();
        arena.close();
        context.close();
    }

    /** A step of training. */
    @Benchmark
    public double step(Work work) {
        double loss = pass.lossAndGradient(examples, chosen);
        step++;
        OptimizerCalls.step(context, ADAM, 1e-3, step, pass.parameters().all(), pass.gradient(), first, second);
        work.add(batch, 3 * gigaFlops);
        return loss;
    }

    /** The likelihood. */
    @Benchmark
    public double likelihood(Work work) {
        work.add(batch, gigaFlops);
        return model.logLikelihood(examples).meanNats();
    }

    /** Sampling, each value computed once. */
    @Benchmark
    public int sample(Work work) {
        sampler.restart();
        sampler.advance(length);
        work.add(batch, gigaFlops);
        return sampler.position();
    }
}
