package dev.gatun.bench;

import dev.gatun.Model;
import dev.gatun.Sharing;
import dev.gatun.StreamSampler;
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

/** How long calls take that draw some values of each stream of a WaveNet: median, percentiles, the longest; microseconds a call. */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 2)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class LatencyBenchmark {
    @Param({"W0", "W1", "W2"})
    public String model = "";

    @Param("1")
    public int streams;

    /** Values of each stream that a call draws. */
    @Param({"1", "64"})
    public int chunk;

    /** As {@link Devices} names them. */
    @Param("cpu")
    public String device = "";

    @Param("best")
    public String isa = "";

    @Param("F32")
    public Precision precision = Precision.F32;

    @Param({"1", "2"})
    public int threads;

    @Param("AUTO")
    public Sharing sharing = Sharing.AUTO;

    private Model loaded;
    private StreamSampler sampler;

    /** Makes the model, and streams without an end. */
    @Setup
    public void setUp() throws IOException {
        loaded = WaveNets.model(model, Devices.of(device, threads, isa).withSharing(sharing), precision);
        sampler = WaveNets.streams(loaded, streams, chunk);
    }

    /** Closes both. */
    @TearDown
    public void tearDown() {
        sampler.close();
        loaded.close();
    }

    @Benchmark
    public long call() {
        return sampler.advance(chunk);
    }
}
