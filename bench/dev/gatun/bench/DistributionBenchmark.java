package dev.gatun.bench;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.GridShape;
import dev.gatun.foreign.Isa;
import dev.gatun.foreign.NativeDistribution;
import dev.gatun.foreign.NativeDistribution.Noise;
import dev.gatun.foreign.NativeDistribution.Values;
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
 * What outputs mean, at 1,024 places: log-probabilities, their gradient, and draws, place by place as passes have them.
 * Scores are calls a second, of draws rounds over all places; {@code examples} is places a second. Exponentials and
 * logarithms are no FLOPs: bytes alone are counted.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class DistributionBenchmark {
    private static final int EXAMPLES = 16;
    private static final int COLUMNS = 64;

    /** Kinds of outputs, each of a size that models have. */
    public enum Kind {
        BERNOULLI(NativeDistribution.Type.BERNOULLI, 2, 0, 1),
        CATEGORICAL_17(NativeDistribution.Type.CATEGORICAL, 17, 0, 1),
        CATEGORICAL_256(NativeDistribution.Type.CATEGORICAL, 256, 0, 1),
        GAUSSIAN(NativeDistribution.Type.GAUSSIAN, 0, 0, 1),
        MIXTURE(NativeDistribution.Type.LOGISTIC_MIXTURE, 256, 10, 1),
        COLOUR_MIXTURE(NativeDistribution.Type.LOGISTIC_MIXTURE, 256, 10, 3);

        private final NativeDistribution.Type type;
        private final int levels;
        private final int components;
        private final int channels;

        Kind(NativeDistribution.Type type, int levels, int components, int channels) {
            this.type = type;
            this.levels = levels;
            this.components = components;
            this.channels = channels;
        }

        NativeDistribution in(Arena arena) {
            return new NativeDistribution(arena, type, levels, components, channels);
        }
    }

    @Param
    public Kind distribution = Kind.BERNOULLI;

    @Param("best")
    public String isa = "";

    @Param({"1", "2"})
    public int threads;

    private final Arena arena = Arena.ofConfined();
    private Context context;
    private NativeDistribution meaning;
    private NativeMap outputs;
    private NativeMap gradient;
    private NativeMap place;
    private Values values;
    private Values drawn;
    private Noise noise;
    private MemorySegment logProb;
    private double gigaBytes;
    private double valueBytes;

    /** Fills in random outputs and values. */
    @Setup
    public void setUp() {
        context = Context.of(Isa.valueOf(isa.toUpperCase(Locale.ROOT)), threads);
        meaning = distribution.in(arena);
        SplittableRandom random = new SplittableRandom(1);
        GridShape shape = new GridShape(EXAMPLES, 1, COLUMNS, meaning.outputs(), GridShape.Halo.NONE);
        outputs = NativeMap.allocate(arena, shape);
        Floats.fill(outputs.memory(), random, 1);
        gradient = NativeMap.allocate(arena, shape);
        place = outputs.columnView(arena);
        int positions = COLUMNS * meaning.channels();
        values = new Values(arena, meaning.real(), EXAMPLES, positions);
        drawn = new Values(arena, meaning.real(), EXAMPLES, positions);
        noise = new Noise(arena, 1, 0, 1, false);
        logProb = arena.allocate((long) EXAMPLES * positions * Float.BYTES, 64);
        fill(random);
        gigaBytes = 1e-9 * outputs.memory().byteSize();
        valueBytes = 1e-9 * values.data().byteSize();
    }

    private void fill(SplittableRandom random) {
        if (meaning.real()) {
            Floats.fill(values.data(), random, 2);
            return;
        }
        for (long i = 0; i < values.data().byteSize() / Integer.BYTES; i++) {
            values.data().setAtIndex(ValueLayout.JAVA_INT, i, random.nextInt(meaning.levels()));
        }
    }

    /** Gives the memory back. */
    @TearDown
    public void tearDown() {
        context.close();
        arena.close();
    }

    /** Outputs and values are read, log-probabilities written. */
    @Benchmark
    public void logProbabilities(Work work) {
        meaning.logProb(context, outputs, values, logProb);
        work.add(EXAMPLES * COLUMNS, 0, gigaBytes + 2 * valueBytes);
    }

    /** The scalar definition of log-probabilities, in double with the C library's functions, on one thread. */
    @Benchmark
    public void definition(Work work) {
        Definitions.logProb(meaning, outputs, values, logProb);
        work.add(EXAMPLES * COLUMNS, 0, gigaBytes + 2 * valueBytes);
    }

    /** Outputs and values are read, as many gradients written. */
    @Benchmark
    public void gradient(Work work) {
        meaning.gradient(context, outputs, values, 1, gradient);
        work.add(EXAMPLES * COLUMNS, 0, 2 * gigaBytes + valueBytes);
    }

    /** A value of each position. */
    @Benchmark
    public void draws(Work work) {
        for (int n = 0; n < EXAMPLES; n++) {
            noise.firstSample(n);
            for (int column = 0; column < COLUMNS; column++) {
                place.moveTo(n, column);
                draw(n, column);
            }
        }
        work.add(EXAMPLES * COLUMNS, 0, gigaBytes + valueBytes);
    }

    private void draw(int example, int column) {
        for (int channel = 0; channel < meaning.channels(); channel++) {
            meaning.draw(context, noise, place, column * meaning.channels() + channel, drawn, example);
        }
    }
}
