package dev.gatun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatun.file.Safetensors;
import dev.gatun.foreign.NativeMap;
import dev.gatun.graph.BatchWindows;
import dev.gatun.graph.BoundGraph;
import dev.gatun.graph.Pass;
import dev.gatun.graph.PassKind;
import dev.gatun.graph.WindowPass;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.net.URISyntaxException;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Outputs of windows of a whole batch have the bits of those of a pass over all positions, for every family that has such. */
class BatchWindowsTest {
    private static final int EXAMPLES = 3;
    private static final int RUNS = 10;

    static Stream<GoldenCase> cases() throws IOException, URISyntaxException {
        return GoldenCase.all().stream();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void outputsAreThoseOfAPassOverAll(GoldenCase golden) throws IOException {
        try (Model model = Model.load(golden.model());
                Safetensors recorded = golden.open();
                Arena arena = Arena.ofConfined()) {
            BoundGraph bound = model.bounds().getFirst();
            int length = GoldenCase.examples(recorded, "x").length();
            if (WindowPass.suits(bound)) {
                new Batch(model, bound, arena, length, GoldenCase.condition(recorded)).check();
            } else {
                assertThatThrownBy(() -> new BatchWindows(bound, arena, EXAMPLES, length))
                        .isInstanceOf(IllegalArgumentException.class);
            }
        }
    }

    /** Examples that are changed together, each from a random place on, and computed up to random places. */
    private static final class Batch {
        private final Model model;
        private final Random random = new Random(7);
        private final int length;
        private final int together;
        private final BatchWindows windows;
        private final Pass whole;
        private final int[][] levels;
        private final float[][] reals;
        private final boolean real;

        Batch(Model model, BoundGraph bound, Arena arena, int length, Condition condition) {
            this.model = model;
            this.length = length;
            real = model.config().data().levels() == 0;
            together = bound.graph().valuesAtPosition();
            windows = new BatchWindows(bound, arena, EXAMPLES, length);
            whole = new Pass(bound, arena, EXAMPLES, length, PassKind.VALUES);
            for (int n = 0; n < EXAMPLES; n++) {
                windows.maps().condition(n, condition.label(0), condition.frames(), condition.frameOffset(0));
                whole.condition(n, condition.label(0), condition.frames(), condition.frameOffset(0));
            }
            levels = new int[EXAMPLES][length];
            reals = new float[EXAMPLES][length];
        }

        void check() {
            int positions = (length + together - 1) / together;
            double most = 0;
            double computed = 0;
            for (int run = 0; run < RUNS; run++) {
                if (run == RUNS / 2) {
                    windows.begin();
                }
                int changed = length;
                for (int n = 0; n < EXAMPLES; n++) {
                    int from = run % (RUNS / 2) == 0 ? 0 : random.nextInt(length);
                    change(n, from);
                    changed = Math.min(changed, from);
                }
                int end = windows.end(run == RUNS - 1 ? positions : 1 + random.nextInt(positions));
                BatchWindows.Part part = windows.next(changed / together, end);
                windows.run(model.context(), part);
                whole.run(model.context());
                for (int n = 0; n < EXAMPLES; n++) {
                    compare(n, end);
                }
                most += (double) end / positions;
                computed += part.share();
            }
            assertThat(computed).isPositive().isLessThan(most + 1);
        }

        private void change(int n, int from) {
            for (int d = from; d < length; d++) {
                reals[n][d] = (float) random.nextGaussian();
                levels[n][d] = real ? 0 : random.nextInt(model.config().data().levels());
            }
            for (Pass pass : new Pass[] {windows.maps(), whole}) {
                if (real) {
                    pass.reals(n, reals[n], 0);
                } else {
                    pass.levels(n, levels[n], 0);
                }
            }
        }

        private void compare(int n, int end) {
            NativeMap found = windows.maps().outputs();
            NativeMap expected = whole.outputs();
            int columns = expected.shape().columns();
            int perPosition = Math.max(1, columns / ((length + together - 1) / together));
            float[] a = new float[expected.shape().features()];
            float[] b = new float[a.length];
            for (int place = 0; place < Math.min(columns, end * perPosition); place++) {
                found.read(n, 0, place, a, 0);
                expected.read(n, 0, place, b, 0);
                assertThat(a)
                        .as("outputs of place %d of example %d, a window up to %d", place, n, end)
                        .containsExactly(b);
            }
        }
    }

    /** Windows one after the other, again and again, are few parts: a first and another one of each. */
    @Test
    void partsAreTheSameAgain() {
        try (Model model = Model.bundled("mnist");
                Arena arena = Arena.ofConfined()) {
            BatchWindows windows = new BatchWindows(model.bound(), arena, EXAMPLES, 784);
            Set<BatchWindows.Part> parts = new HashSet<>();
            for (int round = 0; round < 2; round++) {
                windows.begin();
                for (int end = 56; end <= 784; end += 56) {
                    parts.add(windows.next(end == 56 ? 0 : end - 57, end));
                    parts.add(windows.next(end - 56, end));
                    parts.add(windows.next(end - 56, end));
                }
            }
            assertThat(parts).hasSize(28);
            double all = parts.stream().mapToDouble(BatchWindows.Part::share).sum();
            assertThat(all).isGreaterThan(1).isLessThan(2.1);
            assertThat(windows.next(784, 784)).isNotIn(parts).isNotEqualTo("a part");
            assertThat(windows.next(784, 784).share()).isZero();
            assertThatThrownBy(() -> windows.next(0, 57)).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
