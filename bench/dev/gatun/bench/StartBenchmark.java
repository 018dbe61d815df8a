package dev.gatun.bench;

import dev.gatun.Device;
import dev.gatun.Model;
import dev.gatun.SampleOptions;
import dev.gatun.Sampler;
import dev.gatun.Sharing;
import dev.gatun.tensor.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
 * From a model's file to its first sample in a JVM that is up: reading and checking the file, packing its weights, compiling its
 * step program, one step; milliseconds. W3 has 20 MB of weights.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 2)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class StartBenchmark {
    @Param({"W1", "W2", "W3"})
    public String model = "";

    @Param({"1", "2"})
    public int threads;

    /** With AUTO and two threads, steps are measured, too. */
    @Param({"APART", "AUTO"})
    public Sharing sharing = Sharing.AUTO;

    private Path file;
    private Device device;

    /** Writes the file. */
    @Setup
    public void setUp() throws IOException {
        device = Device.cpu(threads).withSharing(sharing);
        file = Files.createTempFile("start", ".safetensors");
        try (Model made = WaveNets.model(model, device, Precision.F32)) {
            made.save(file);
        }
    }

    /** Deletes it. */
    @TearDown
    public void tearDown() throws IOException {
        Files.delete(file);
    }

    @Benchmark
    public int firstSample() throws IOException {
        try (Model loaded = Model.load(file, device);
                Sampler sampler = loaded.sampler(SampleOptions.count(1).withLength(16))) {
            sampler.advance(1);
            return sampler.level(0, 0);
        }
    }
}
