package dev.gatun.bench;

import dev.gatun.bindings.gatun_map;
import dev.gatun.foreign.Context;
import dev.gatun.foreign.GridShape;
import dev.gatun.foreign.Isa;
import dev.gatun.foreign.Kernels;
import dev.gatun.foreign.NativeAffine;
import dev.gatun.foreign.NativeMap;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
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

/**
 * The affine operation, which all convolutions and products are: forwards, backwards to the data, and the gradient of the
 * weights. Scores are calls a second, {@code gflop} is GFLOP/s.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class AffineBenchmark {
    @Param({
        AffineShape.MASKED_3X3,
        AffineShape.MASKED_7X7_GREY,
        AffineShape.MASKED_7X7_COLOURS,
        AffineShape.POINTWISE,
        AffineShape.CAUSAL_1,
        AffineShape.CAUSAL_512,
        AffineShape.WIDE_CAUSAL,
        AffineShape.VECTOR
    })
    public String shape = "";

    @Param("best")
    public String isa = "";

    @Param({"1", "2"})
    public int threads;

    private final Arena arena = Arena.ofConfined();
    private AffineShape sizes = AffineShape.of("t=1");
    private Context context;
    private NativeAffine affine;
    private NativeAffine transposed;
    private NativeMap x;
    private NativeMap y;
    private NativeMap dx;
    private NativeMap dy;
    private MemorySegment weightGradient;
    private MemorySegment biasGradient;
    private AffineLoops loops;

    /** Allocates, and fills in random numbers. */
    @Setup
    public void setUp() {
        sizes = AffineShape.of(shape);
        context = Context.of(Isa.valueOf(isa.toUpperCase(Locale.ROOT)), threads);
        int[] rows = sizes.rows();
        int taps = sizes.taps();
        long[] offsets = new long[taps];
        for (int tap = 0; tap < offsets.length; tap++) {
            offsets[tap] = tap;
        }
        NativeAffine.Layout layout = new NativeAffine.Layout((long) sizes.in() * taps, taps, offsets);
        SplittableRandom random = new SplittableRandom(1);
        MemorySegment parameter = Floats.random(arena, (long) sizes.out() * sizes.in() * taps, random);
        MemorySegment bias = Floats.random(arena, sizes.out(), random);
        affine = NativeAffine.forward(arena, sizes.in(), sizes.out(), rows, sizes.columns(), layout, 0, bias);
        affine.pack(context, parameter);
        transposed = NativeAffine.backward(arena, sizes.in(), sizes.out(), rows, sizes.columns(), layout);
        transposed.pack(context, parameter);
        x = map(sizes.in(), affine.halo(), random);
        y = map(sizes.out(), GridShape.Halo.NONE, random);
        dy = map(sizes.out(), transposed.halo(), random);
        dx = map(sizes.in(), GridShape.Halo.NONE, random);
        weightGradient = arena.allocate(affine.packedFloats() * Float.BYTES, 64);
        biasGradient = arena.allocate(sizes.out() * (long) Float.BYTES, 64);
        loops = new AffineLoops(sizes, random);
    }

    private NativeMap map(int features, GridShape.Halo halo, SplittableRandom random) {
        GridShape grid = new GridShape(sizes.n(), sizes.h(), sizes.t(), features, halo);
        NativeMap map = NativeMap.allocate(arena, grid);
        MemorySegment data = gatun_map.data(map.struct());
        long strideExample = gatun_map.stride_example(map.struct());
        long strideRow = gatun_map.stride_row(map.struct());
        long row = (long) sizes.t() * features;
        MemorySegment floats =
                data.reinterpret(((sizes.n() - 1) * strideExample + (sizes.h() - 1) * strideRow + row) * Float.BYTES);
        for (int n = 0; n < sizes.n(); n++) {
            for (int i = 0; i < sizes.h(); i++) {
                for (long j = 0; j < row; j++) {
                    floats.setAtIndex(ValueLayout.JAVA_FLOAT, n * strideExample + i * strideRow + j, (float)
                            random.nextDouble(-1, 1));
                }
            }
        }
        return map;
    }

    /** Gives the memory back. */
    @TearDown
    public void tearDown() {
        arena.close();
    }

    @Benchmark
    public void forward(Work work) {
        Kernels.affine(context, affine, x, y, false);
        work.add(sizes.n(), sizes.gigaFlops(), sizes.gigaBytes());
    }

    @Benchmark
    public void backwardData(Work work) {
        Kernels.affine(context, transposed, dy, dx, false);
        work.add(sizes.n(), sizes.gigaFlops(), sizes.gigaBytes());
    }

    @Benchmark
    public void gradient(Work work) {
        Kernels.affineGradient(context, affine, x, dy, weightGradient, biasGradient);
        work.add(sizes.n(), sizes.gigaFlops(), sizes.gigaBytes());
    }

    /** The scalar definition, on one thread: what {@link #forward} computes, to the bit. */
    @Benchmark
    public void definition(Work work) {
        Definitions.affine(affine, x, y);
        work.add(sizes.n(), sizes.gigaFlops(), sizes.gigaBytes());
    }

    /** The definition of {@link #gradient}, in double. */
    @Benchmark
    public void gradientDefinition(Work work) {
        Definitions.affineGradient(affine, x, dy, weightGradient, biasGradient);
        work.add(sizes.n(), sizes.gigaFlops(), sizes.gigaBytes());
    }

    /** The same sums in plain Java, on one thread: what the JVM's compiler makes of them. */
    @Benchmark
    public float[] javaLoops(Work work) {
        work.add(sizes.n(), sizes.gigaFlops(), sizes.gigaBytes());
        return loops.run();
    }
}
