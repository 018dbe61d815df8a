package dev.gatun.foreign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Operations as Java calls them: what plain loops of Java in double find, and what is refused before it reaches memory. */
class KernelsTest {
    private static final int EXAMPLES = 3;
    private static final int ROWS = 4;
    private static final int COLUMNS = 5;
    private static final int FEATURES = 6;
    private static final double STEP = 1e-5;
    private static final GridShape.Halo HALO = new GridShape.Halo(1, 0, 2, 1);

    private final Arena arena = Arena.ofConfined();
    private final SplittableRandom random = new SplittableRandom(7);

    @AfterEach
    void giveBack() {
        arena.close();
    }

    /** Every level that the machine has, with one thread and with two. */
    static Stream<Context> contexts() {
        return Stream.of(Isa.values())
                .flatMap(isa -> Stream.of(1, 2).flatMap(threads -> {
                    try {
                        return Stream.of(Context.of(isa, threads));
                    } catch (NativeException e) {
                        return Stream.empty();
                    }
                }));
    }

    @ParameterizedTest
    @MethodSource("contexts")
    void affineIsASumOverTaps(Context context) {
        int[] rows = {-1, -1, 0, 0};
        int[] columns = {0, 1, -2, 0};
        int outputs = 7;
        NativeAffine.Layout layout = new NativeAffine.Layout((long) FEATURES * 4, 4, new long[] {0, 1, 2, 3});
        MemorySegment weights = floats(outputs * FEATURES * 4);
        MemorySegment bias = floats(outputs);
        NativeAffine affine = NativeAffine.forward(arena, FEATURES, outputs, rows, columns, layout, 0, bias);
        NativeMap x = map(FEATURES, HALO);
        NativeMap y = map(outputs, GridShape.Halo.NONE);
        double[][][][] in = values(x);
        double[][][][] before = values(y);
        try (context) {
            affine.pack(context, weights);
            Kernels.affine(context, affine, x, y, true);
        }
        double[][][][] found = values(y);
        each((n, i, j) -> {
            for (int o = 0; o < outputs; o++) {
                double sum = bias.getAtIndex(ValueLayout.JAVA_FLOAT, o);
                for (int k = 0; k < 4; k++) {
                    int row = i + rows[k];
                    int column = j + columns[k];
                    if (row < 0 || column < 0 || column >= COLUMNS) {
                        continue;
                    }
                    for (int c = 0; c < FEATURES; c++) {
                        float weight = weights.getAtIndex(ValueLayout.JAVA_FLOAT, ((long) o * FEATURES + c) * 4 + k);
                        sum += weight * in[n][row][column][c];
                    }
                }
                assertThat(found[n][i][j][o]).isCloseTo(before[n][i][j][o] + sum, within(1e-5));
            }
        });
    }

    @ParameterizedTest
    @EnumSource(ActivationKind.class)
    void activations(ActivationKind kind) {
        DoubleUnaryOperator f = definition(kind);
        NativeMap x = map(FEATURES, GridShape.Halo.NONE);
        NativeMap y = map(FEATURES, HALO);
        NativeMap dy = map(FEATURES, GridShape.Halo.NONE);
        NativeMap dx = map(FEATURES, GridShape.Halo.NONE);
        contexts().forEach(context -> {
            try (context) {
                Kernels.activation(context, kind, x, y);
                Kernels.activationGradient(context, kind, y, dy, dx, false);
            }
            double[][][][] in = values(x);
            each((n, i, j) -> {
                for (int c = 0; c < FEATURES; c++) {
                    double at = in[n][i][j][c];
                    assertThat(values(y)[n][i][j][c]).isCloseTo(f.applyAsDouble(at), within(1e-6));
                    double slope = (f.applyAsDouble(at + STEP) - f.applyAsDouble(at - STEP)) / (2 * STEP);
                    assertThat(values(dx)[n][i][j][c]).isCloseTo(slope * values(dy)[n][i][j][c], within(1e-4));
                }
            });
        });
    }

    private static DoubleUnaryOperator definition(ActivationKind kind) {
        return switch (kind) {
            case RELU -> x -> Math.max(x, 0);
            case LEAKY_RELU -> x -> x < 0 ? 0.01 * x : x;
            case TANH -> Math::tanh;
            case SIGMOID -> x -> 1 / (1 + Math.exp(-x));
            case ELU -> x -> x < 0 ? Math.expm1(x) : x;
        };
    }

    @ParameterizedTest
    @MethodSource("contexts")
    void gates(Context context) {
        int half = FEATURES / 2;
        NativeMap x = map(FEATURES, HALO);
        NativeMap dy = map(half, GridShape.Halo.NONE);
        NativeMap gated = map(half, GridShape.Halo.NONE);
        NativeMap linear = map(half, GridShape.Halo.NONE);
        NativeMap dx = map(FEATURES, GridShape.Halo.NONE);
        NativeMap dxLinear = map(FEATURES, GridShape.Halo.NONE);
        try (context) {
            Kernels.gate(context, x, gated);
            Kernels.linearGate(context, x, linear);
            Kernels.gateGradient(context, x, dy, dx, false);
            Kernels.linearGateGradient(context, x, dy, dxLinear, false);
        }
        double[][][][] in = values(x);
        each((n, i, j) -> {
            for (int c = 0; c < half; c++) {
                double a = in[n][i][j][c];
                double s = 1 / (1 + Math.exp(-in[n][i][j][half + c]));
                double d = values(dy)[n][i][j][c];
                double t = Math.tanh(a);
                assertThat(values(gated)[n][i][j][c]).isCloseTo(t * s, within(1e-6));
                assertThat(values(linear)[n][i][j][c]).isCloseTo(a * s, within(1e-6));
                assertThat(values(dx)[n][i][j][c]).isCloseTo(d * (1 - t * t) * s, within(1e-5));
                assertThat(values(dx)[n][i][j][half + c]).isCloseTo(d * t * s * (1 - s), within(1e-5));
                assertThat(values(dxLinear)[n][i][j][c]).isCloseTo(d * s, within(1e-5));
                assertThat(values(dxLinear)[n][i][j][half + c]).isCloseTo(d * a * s * (1 - s), within(1e-5));
            }
        });
    }

    @ParameterizedTest
    @MethodSource("contexts")
    void sumsWhoseValuesStandForSeveralPlaces(Context context) {
        NativeMap coarse =
                NativeMap.allocate(arena, new GridShape(EXAMPLES, ROWS / 2, 3, FEATURES, GridShape.Halo.NONE));
        fill(coarse);
        NativeMap y = map(FEATURES, HALO);
        double[][][][] before = values(y);
        double[][][][] values = values(coarse);
        try (context) {
            Kernels.sum(context, coarse, 2, 0.5f, y, true);
        }
        each((n, i, j) -> {
            for (int c = 0; c < FEATURES; c++) {
                double wanted = 0.5 * (before[n][i][j][c] + values[n][i / 2][j / 2][c]);
                assertThat(values(y)[n][i][j][c]).isCloseTo(wanted, within(1e-6));
            }
        });
    }

    @Test
    void gridsThatDoNotFitAreRefusedBeforeMemoryIsTouched() {
        NativeMap x = map(FEATURES, GridShape.Halo.NONE);
        NativeMap y = map(FEATURES, GridShape.Halo.NONE);
        NativeMap half = map(FEATURES / 2, GridShape.Halo.NONE);
        NativeMap longer =
                NativeMap.allocate(arena, new GridShape(EXAMPLES, ROWS, COLUMNS + 1, FEATURES, GridShape.Halo.NONE));
        NativeAffine.Layout layout = new NativeAffine.Layout(FEATURES, 1, new long[] {0});
        NativeAffine left =
                NativeAffine.forward(arena, FEATURES, FEATURES, new int[] {0}, new int[] {-1}, layout, 0, null);
        try (Context context = Context.of(Isa.BEST, 1)) {
            assertRefused(() -> Kernels.affine(context, left, x, y, false), "a halo of");
            assertRefused(() -> Kernels.affine(context, left, half, y, false), "x: found 3 features, expected 6");
            assertRefused(() -> Kernels.activation(context, ActivationKind.TANH, longer, y), "x 4 x 6 and 3 x 4 x 5");
            assertRefused(() -> Kernels.gate(context, x, y), "x: found 6 features, expected 12");
            assertRefused(() -> Kernels.concatElu(context, x, y), "y: found 6 features, expected 12");
            assertRefused(() -> Kernels.sum(context, longer, 1, 1, y, false), "each for 1 rows and columns");
            assertRefused(() -> Kernels.sum(context, x, 0, 1, y, false), "each for 0 rows and columns");
            assertRefused(() -> Kernels.broadcast(context, arena.allocate(8), y), "vector");
            assertRefused(() -> Kernels.scaleExamples(context, arena.allocate(8), y), "factors");
            assertRefused(() -> Kernels.copyInto(context, x, y, 1), "");
        }
    }

    private static void assertRefused(Runnable call, String words) {
        assertThatThrownBy(call::run)
                .isInstanceOfAny(IllegalArgumentException.class, IndexOutOfBoundsException.class)
                .hasMessageContaining(words);
    }

    private interface Place {
        void at(int example, int row, int column);
    }

    private static void each(Place place) {
        for (int n = 0; n < EXAMPLES; n++) {
            for (int i = 0; i < ROWS; i++) {
                for (int j = 0; j < COLUMNS; j++) {
                    place.at(n, i, j);
                }
            }
        }
    }

    private MemorySegment floats(int count) {
        MemorySegment values = arena.allocate((long) count * Float.BYTES, 64);
        for (int i = 0; i < count; i++) {
            values.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextDouble(-1, 1));
        }
        return values;
    }

    /** Random numbers, none of them near the bend of an activation; the halo is zeros. */
    private NativeMap map(int features, GridShape.Halo halo) {
        NativeMap map = NativeMap.allocate(arena, new GridShape(EXAMPLES, ROWS, COLUMNS, features, halo));
        fill(map);
        return map;
    }

    private void fill(NativeMap map) {
        GridShape shape = map.shape();
        float[] row = new float[shape.columns() * shape.features()];
        for (int n = 0; n < shape.examples(); n++) {
            for (int i = 0; i < shape.rows(); i++) {
                for (int k = 0; k < row.length; k++) {
                    row[k] = (float) ((random.nextBoolean() ? 1 : -1) * random.nextDouble(0.01, 3));
                }
                map.writeRow(n, i, row, 0, row.length);
            }
        }
    }

    private static double[][][][] values(NativeMap map) {
        GridShape shape = map.shape();
        double[][][][] all = new double[shape.examples()][shape.rows()][shape.columns()][shape.features()];
        float[] place = new float[shape.features()];
        for (int n = 0; n < shape.examples(); n++) {
            for (int i = 0; i < shape.rows(); i++) {
                for (int j = 0; j < shape.columns(); j++) {
                    map.read(n, i, j, place, 0);
                    for (int c = 0; c < place.length; c++) {
                        all[n][i][j][c] = place[c];
                    }
                }
            }
        }
        return all;
    }
}
