package dev.gatun.bench;

import dev.gatun.Model;
import dev.gatun.StreamSampler;
import dev.gatun.tensor.Precision;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Streams of WaveNets: microseconds a step of all streams together. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class StreamBenchmark {
    private static final int BLOCK = 64;

    @Param({"W0", "W1"})
    public String model = "";

    @Param({"1", "64"})
    public int streams;

    /** As {@link Devices} names them. */
    @Param("cpu")
    public String device = "";

    @Param("best")
    public String isa = "";

    @Param("F32")
    public Precision precision = Precision.F32;

    @Param({"1", "2"})
    public int threads;

    private Model loaded;
    private StreamSampler sampler;

    /** Makes the model, and streams without an end. */
    @Setup
    public void setUp() throws IOException {
        loaded = WaveNets.model(model, Devices.of(device, threads, isa), precision);
        sampler = WaveNets.streams(loaded, streams, BLOCK);
    }

    /** Closes both. */
    @TearDown
    public void tearDown() {
        sampler.close();
        loaded.close();
    }

    @Benchmark
    @OperationsPerInvocation(BLOCK)
    public long step() {
        return sampler.advance(BLOCK);
    }
}
