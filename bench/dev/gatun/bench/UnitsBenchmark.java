package dev.gatun.bench;

import dev.gatun.Model;
import dev.gatun.SampleOptions;
import dev.gatun.Sampler;
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

/** NADE and MADE of 784 binary positions and 500 hidden units with initial weights: milliseconds for all samples of a batch. */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 2)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class UnitsBenchmark {
    @Param({"nade", "made"})
    public String family = "";

    @Param({"1", "100"})
    public int samples;

    /** As {@link Devices} names them. */
    @Param("cpu")
    public String device = "";

    @Param("best")
    public String isa = "";

    @Param({"1", "2"})
    public int threads;

    private Model model;
    private Sampler sampler;

    /** Makes the model and the sampler. */
    @Setup
    public void setUp() {
        model = Model.create(Images.config(family), 1, Devices.of(device, threads, isa));
        sampler = model.sampler(SampleOptions.count(samples).withSeed(1));
    }

    /** Closes both. */
    @TearDown
    public void tearDown() {
        sampler.close();
        model.close();
    }

    @Benchmark
    public void draw() {
        sampler.restart();
        sampler.advance(sampler.length());
    }
}
