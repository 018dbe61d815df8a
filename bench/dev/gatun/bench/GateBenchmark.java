package dev.gatun.bench;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.GridShape;
import dev.gatun.foreign.Isa;
import dev.gatun.foreign.Kernels;
import dev.gatun.foreign.NativeMap;
import java.lang.foreign.Arena;
import java.util.Locale;
import java.util.SplittableRandom;
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

/** The gated activation on data that fit the second cache: ours, as defined, and as plain Java has it. Scores are calls a second. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class GateBenchmark {
    private static final int COLUMNS = 512;

    @Param("64")
    public int features;

    @Param("best")
    public String isa = "";

    @Param({"1", "2"})
    public int threads;

    private final Arena arena = Arena.ofConfined();
    private Context context;
    private NativeMap x;
    private NativeMap y;
    private float[] in;
    private float[] out;
    private double gigaBytes;

    /** Fills in random numbers. */
    @Setup
    public void setUp() {
        context = Context.of(Isa.valueOf(isa.toUpperCase(Locale.ROOT)), threads);
        x = NativeMap.allocate(arena, new GridShape(1, 1, COLUMNS, 2 * features, GridShape.Halo.NONE));
        y = NativeMap.allocate(arena, new GridShape(1, 1, COLUMNS, features, GridShape.Halo.NONE));
        in = new float[2 * features * COLUMNS];
        out = new float[features * COLUMNS];
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < in.length; i++) {
            in[i] = (float) random.nextDouble(-4, 4);
        }
        x.writeRow(0, 0, in, 0, in.length);
        gigaBytes = 4e-9 * (in.length + out.length);
    }

    /** Gives the memory back. */
    @TearDown
    public void tearDown() {
        context.close();
        arena.close();
    }

    @Benchmark
    public void gate(Work work) {
        Kernels.gate(context, x, y);
        work.add(COLUMNS, 0, gigaBytes);
    }

    /** The scalar definition, in double with the C library's functions, on one thread. */
    @Benchmark
    public void definition(Work work) {
        Definitions.gate(x, y);
        work.add(COLUMNS, 0, gigaBytes);
    }

    /** Java's own functions, one number after the other. */
    @Benchmark
    public float[] javaGate(Work work) {
        for (int t = 0; t < COLUMNS; t++) {
            for (int f = 0; f < features; f++) {
                double a = in[2 * features * t + f];
                double b = in[2 * features * t + features + f];
                out[features * t + f] = (float) (Math.tanh(a) / (1 + Math.exp(-b)));
            }
        }
        work.add(COLUMNS, 0, gigaBytes);
        return out;
    }
}
