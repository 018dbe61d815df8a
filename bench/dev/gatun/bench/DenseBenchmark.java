package dev.gatun.bench;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.GridShape;
import dev.gatun.foreign.Isa;
import dev.gatun.foreign.NativeDense;
import dev.gatun.foreign.NativeMap;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;
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
 * The masked dense layer, as MADE has it: forwards, and the gradients of its weights and of its inputs. Scores are calls a
 * second, {@code gflop} is GFLOP/s of the weights that are not masked, half of all.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class DenseBenchmark {
    /** Inputs and outputs. */
    @Param({"784x500", "500x784", "128x512"})
    public String layer = "";

    @Param("256")
    public int batch;

    @Param("best")
    public String isa = "";

    @Param({"1", "2"})
    public int threads;

    private final Arena arena = Arena.ofConfined();
    private Context context;
    private NativeDense dense;
    private NativeMap x;
    private NativeMap y;
    private NativeMap dy;
    private NativeMap dx;
    private MemorySegment parameter;
    private MemorySegment bias;
    private MemorySegment weightGradient;
    private MemorySegment biasGradient;
    private double gigaFlops;
    private double gigaBytes;

    /** Allocates, and fills in random numbers. */
    @Setup
    public void setUp() {
        context = Context.of(Isa.valueOf(isa.toUpperCase(Locale.ROOT)), threads);
        int[] sizes = sizes();
        int inputs = sizes[0];
        int outputs = sizes[1];
        int[] seen = seen(inputs, outputs);
        dense = new NativeDense(
                arena,
                seen,
                IntStream.range(0, outputs).toArray(),
                IntStream.range(0, inputs).toArray(),
                inputs,
                NativeDense.Input.UNITS,
                true);
        SplittableRandom random = new SplittableRandom(1);
        long weights = (long) inputs * outputs;
        parameter = Floats.random(arena, weights, random);
        bias = Floats.random(arena, outputs, random);
        dense.pack(context, parameter, bias);
        x = map(inputs, random);
        y = map(outputs, random);
        dy = map(outputs, random);
        dx = map(inputs, random);
        weightGradient = arena.allocate(weights * Float.BYTES, 64);
        biasGradient = arena.allocate((long) outputs * Float.BYTES, 64);
        long products = Arrays.stream(seen).asLongStream().sum();
        gigaFlops = 2e-9 * batch * products;
        gigaBytes = 4e-9 * ((double) batch * (inputs + outputs) + products);
    }

    private int[] sizes() {
        if (!layer.matches("[1-9]\\d{0,5}x[1-9]\\d{0,5}")) {
            throw new IllegalArgumentException(
                    "layer: found '" + layer + "', expected inputs and outputs, as in 784x500");
        }
        return Arrays.stream(layer.split("x")).mapToInt(Integer::parseInt).toArray();
    }

    /** Sorted by degree, each output sees a little more than the one before. */
    private static int[] seen(int inputs, int outputs) {
        return IntStream.rangeClosed(1, outputs)
                .map(o -> (int) ((long) inputs * o / (outputs + 1L)))
                .toArray();
    }

    private NativeMap map(int units, SplittableRandom random) {
        NativeMap map = NativeMap.allocate(arena, new GridShape(batch, 1, 1, units, GridShape.Halo.NONE));
        Floats.fill(map.memory(), random, 1);
        return map;
    }

    /** Gives the memory back. */
    @TearDown
    public void tearDown() {
        context.close();
        arena.close();
    }

    @Benchmark
    public void run(Work work) {
        dense.run(context, x, y);
        work.add(batch, gigaFlops, gigaBytes);
    }

    /** The scalar definition, on one thread. */
    @Benchmark
    public void definition(Work work) {
        Definitions.dense(dense.struct(), parameter, bias, x, y);
        work.add(batch, gigaFlops, gigaBytes);
    }

    @Benchmark
    public void gradient(Work work) {
        dense.gradient(context, x, dy, weightGradient, biasGradient);
        work.add(batch, gigaFlops, gigaBytes);
    }

    @Benchmark
    public void inputGradient(Work work) {
        dense.inputGradient(context, dy, dx, false);
        work.add(batch, gigaFlops, gigaBytes);
    }
}
