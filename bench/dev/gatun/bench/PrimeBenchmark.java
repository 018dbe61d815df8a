package dev.gatun.bench;

import dev.gatun.Condition;
import dev.gatun.Device;
import dev.gatun.Examples;
import dev.gatun.Known;
import dev.gatun.Model;
import dev.gatun.SampleOptions;
import dev.gatun.Sampler;
import dev.gatun.tensor.Precision;
import java.io.IOException;
import java.util.Arrays;
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
 * Going past the first positions of samples, and one more: half an image, half a second of sound. What is known goes in one pass; what
 * is drawn, step by step. Milliseconds for all samples of a batch.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 5, time = 2)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class PrimeBenchmark {
    private static final int HALF_A_SECOND = 8_000;

    @Param({"pixelcnn", "gated_pixelcnn", "row_lstm", "diagonal_bilstm", "W0", "W1"})
    public String model = "";

    @Param({"true", "false"})
    public boolean known;

    @Param({"1", "16"})
    public int batch;

    @Param("best")
    public String isa = "";

    @Param({"1", "2"})
    public int threads;

    private Model loaded;
    private Sampler sampler;
    private int positions;

    /** Makes the model and the sampler; what is known are zeros. */
    @Setup
    public void setUp() throws IOException {
        loaded = Images.has(model)
                ? Model.create(Images.config(model), 1, Device.cpu(threads).withIsa(isa))
                : WaveNets.model(model, threads, isa, Precision.F32);
        int length = loaded.config().data().length().orElse(2 * HALF_A_SECOND);
        positions = length / 2;
        boolean[] marks = new boolean[length];
        Arrays.fill(marks, 0, positions, true);
        Examples zeros = Examples.ofLevels(batch, length, new int[batch * length]);
        SampleOptions options = SampleOptions.count(batch).withSeed(1).withLength(length);
        sampler = loaded.sampler(options, Condition.none(), known ? Known.of(zeros, marks) : Known.nothing());
    }

    /** Closes both. */
    @TearDown
    public void tearDown() {
        sampler.close();
        loaded.close();
    }

    @Benchmark
    public void pass() {
        sampler.restart();
        sampler.advance(positions + 1);
    }
}
