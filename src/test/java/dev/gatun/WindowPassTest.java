package dev.gatun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatun.file.Safetensors;
import dev.gatun.foreign.NativeMap;
import dev.gatun.graph.BoundGraph;
import dev.gatun.graph.Pass;
import dev.gatun.graph.PassKind;
import dev.gatun.graph.WindowPass;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Outputs of windows have the bits of those of a pass over all positions, for every family that is computed in parts. */
class WindowPassTest {
    private static final Set<String> WHOLE = Set.of("made", "nade", "fvsbn");
    private static final int RUNS = 12;

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
            String family = golden.toString().split("-", 2)[0];
            assertThat(WindowPass.suits(bound)).as(family).isEqualTo(!WHOLE.contains(family));
            if (WindowPass.suits(bound)) {
                new Windows(model, bound, arena, GoldenCase.examples(recorded, "x"), GoldenCase.condition(recorded))
                        .check();
            }
        }
    }

    /** Two examples, changed in turns from random places on, each computed up to random places. */
    private static final class Windows {
        private final Model model;
        private final Random random = new Random(5);
        private final int length;
        private final int together;
        private final WindowPass windows;
        private final Pass whole;
        private final int[][] levels;
        private final float[][] reals;
        private final boolean real;

        Windows(Model model, BoundGraph bound, Arena arena, Examples examples, Condition condition) {
            this.model = model;
            length = examples.length();
            real = examples.real();
            together = bound.graph().valuesAtPosition();
            windows = new WindowPass(bound, arena, 2, length);
            whole = new Pass(bound, arena, 1, length, PassKind.VALUES);
            for (int n = 0; n < 2; n++) {
                windows.maps().condition(n, condition.label(0), condition.frames(), condition.frameOffset(0));
            }
            whole.condition(0, condition.label(0), condition.frames(), condition.frameOffset(0));
            levels = new int[2][length];
            reals = new float[2][length];
        }

        void check() {
            double most = 0;
            for (int run = 0; run < RUNS; run++) {
                int n = run % 2;
                int from = run < 2 ? 0 : random.nextInt(length);
                change(n, from);
                int positions = (length + together - 1) / together;
                int end = run == RUNS - 1 ? positions : windows.end(1 + random.nextInt(positions));
                windows.run(model.context(), n, from / together, windows.end(end));
                whole.run(model.context());
                compare(n, end);
                most += (double) end / positions;
            }
            // Less is computed than all that was asked for, where there is anything to keep.
            assertThat(windows.passes()).isPositive().isLessThan(most + 1);
        }

        private void change(int n, int from) {
            for (int d = from; d < length; d++) {
                reals[n][d] = (float) random.nextGaussian();
                levels[n][d] = real ? 0 : random.nextInt(model.config().data().levels());
            }
            if (real) {
                windows.maps().reals(n, reals[n], 0);
                whole.reals(0, reals[n], 0);
            } else {
                windows.maps().levels(n, levels[n], 0);
                whole.levels(0, levels[n], 0);
            }
        }

        private void compare(int n, int end) {
            NativeMap found = windows.outputs();
            NativeMap expected = whole.outputs();
            int columns = expected.shape().columns();
            int perPosition = Math.max(1, columns / ((length + together - 1) / together));
            float[] a = new float[expected.shape().features()];
            float[] b = new float[a.length];
            for (int place = 0; place < Math.min(columns, end * perPosition); place++) {
                found.read(n, 0, place, a, 0);
                expected.read(0, 0, place, b, 0);
                assertThat(a)
                        .as("outputs of place %d, a window up to %d", place, end)
                        .containsExactly(b);
            }
        }
    }

    /** In a gated PixelCNN a row that is computed again and again costs less than a row each time: what lies above is kept. */
    @Test
    void keptRowsAreNotComputedAgain() {
        try (Model model = Model.bundled("mnist");
                Arena arena = Arena.ofConfined()) {
            WindowPass windows = new WindowPass(model.bound(), arena, 1, 784);
            windows.maps().levels(0, new int[784], 0);
            assertThat(windows.end(1)).isEqualTo(28);
            windows.run(model.context(), 0, 0, 280);
            double before = windows.passes();
            assertThat(before).isLessThan(11.0 / 28);
            windows.run(model.context(), 0, 280, 280);
            assertThat(windows.passes()).isEqualTo(before);
            windows.run(model.context(), 0, 266, 280);
            assertThat(windows.passes()).isGreaterThan(before).isLessThan(before + 0.5 / 28 + 1e-3);
            assertThatThrownBy(() -> windows.run(model.context(), 0, 0, 281))
                    .isInstanceOf(IllegalArgumentException.class);
            List<Integer> ends = List.of(windows.end(0), windows.end(29), windows.end(784));
            assertThat(ends).containsExactly(0, 56, 784);
        }
    }
}
