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

/**
 * Cached sampling of images, most of them black and white ones of 28x28, with initial weights: milliseconds for all images of a
 * batch. {@code bench/peers/images.py} draws the same by JAX, cached by hand.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 5, time = 2)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class ImageSampleBenchmark {
    /** As {@link ImageTrainBenchmark} has them. */
    @Param({"pixelcnn", "gated_pixelcnn", "row_lstm", "diagonal_bilstm"})
    public String family = "";

    @Param({"1", "16"})
    public int images;

    @Param("best")
    public String isa = "";

    @Param({"1", "2"})
    public int threads;

    /** As {@link Devices} names them; {@code pixelcnn_pp} is for {@code cuda}. */
    @Param("cpu")
    public String device = "";

    private Model model;
    private Sampler sampler;

    /** Makes the model and the sampler. */
    @Setup
    public void setUp() {
        model = Model.create(Images.config(family), 1, Devices.of(device, threads, isa));
        sampler = model.sampler(SampleOptions.count(images).withSeed(1));
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
