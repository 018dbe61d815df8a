package dev.gatun.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.gatun.Condition;
import dev.gatun.Device;
import dev.gatun.Examples;
import dev.gatun.LongSequence;
import dev.gatun.Model;
import dev.gatun.TrainingPass;
import dev.gatun.family.DataSpec;
import dev.gatun.family.DistributionSpec;
import dev.gatun.family.InputEncoding;
import dev.gatun.family.ModelConfig;
import dev.gatun.train.WindowSource.Size;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Windows of sequences: what is in them, what counts, and that losses are those of the whole sequences. */
class WindowSourceTest {
    private static final int WINDOW = 5;
    private static final List<LongSequence> SEQUENCES = List.of(sequence(23, 0), sequence(4, 100), sequence(10, 200));

    private static LongSequence sequence(int length, int first) {
        return LongSequence.of(IntStream.range(first, first + length).toArray());
    }

    @Test
    void validationIsEachPositionOnce() {
        WindowSource source = new WindowSource(SEQUENCES, Condition.ofClasses(7, 8, 9), new Size(WINDOW, 3, 1), 1);
        assertThat(source.count()).isEqualTo(5 + 1 + 2);

        BatchSource.Batch batch = source.fixed(IntStream.range(0, 8).toArray());

        List<Integer> scored = new ArrayList<>();
        for (int n = 0; n < 8; n++) {
            int[] window = example(batch.examples(), n);
            int from = batch.scored().from()[n];
            for (int d = 0; d < batch.scored().to()[n]; d++) {
                assertThat(window[d] - window[0]).isEqualTo(d); // neighbours of one sequence
                if (d >= from) {
                    scored.add(window[d]);
                }
            }
            boolean first = window[0] % 100 == 0;
            assertThat(from).isEqualTo(first ? (n == 0 || n == 5 || n == 6 ? 0 : 2) : 3);
        }
        assertThat(scored)
                .containsExactlyElementsOf(IntStream.concat(
                                IntStream.range(0, 23),
                                IntStream.concat(IntStream.range(100, 104), IntStream.range(200, 210)))
                        .boxed()
                        .toList());
        assertThat(batch.condition().fingerprint())
                .isEqualTo(Condition.ofClasses(7, 7, 7, 7, 7, 8, 9, 9).fingerprint());
    }

    @Test
    void stepsDrawWhereTheyBegin() {
        WindowSource source = new WindowSource(SEQUENCES, Condition.none(), new Size(WINDOW, 0, 1), 1);
        Set<Integer> begins = new HashSet<>();
        for (int step = 0; step < 400; step++) {
            BatchSource.Batch batch = source.batch(new int[] {2}, step);
            int[] window = example(batch.examples(), 0);
            assertThat(batch.scored().to()).containsExactly(WINDOW);
            assertThat(window)
                    .containsExactly(
                            IntStream.range(window[0], window[0] + WINDOW).toArray());
            begins.add(window[0]);
        }
        assertThat(begins)
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, 19).boxed().toList());
        assertThat(source.batch(new int[] {2, 4}, 3).examples().levels())
                .containsExactly(source.batch(new int[] {2, 4}, 3).examples().levels())
                .isNotEqualTo(new WindowSource(SEQUENCES, Condition.none(), new Size(WINDOW, 0, 1), 2)
                        .batch(new int[] {2, 4}, 3)
                        .examples()
                        .levels());
    }

    @Test
    void lossesAfterTheReceptiveFieldAreThoseOfTheSequence() {
        int[] levels = IntStream.range(0, 40).map(i -> i * i % 5).toArray();
        ModelConfig config = new ModelConfig(
                "causal_conv_arm",
                new DataSpec.Text("abcde"),
                InputEncoding.ONE_HOT,
                DistributionSpec.of(DistributionSpec.Type.CATEGORICAL),
                Map.of("channels", List.of(6L), "kernel_size", 2L, "dilations", List.of(1L, 2L)));
        try (Model model = Model.create(config, 3, Device.cpu(1));
                TrainingPass whole = new TrainingPass(model, 1);
                ModelObjective windows = new ModelObjective(model, source(levels, 4), source(levels, 4), 3);
                ModelObjective blind = new ModelObjective(model, source(levels, 0), source(levels, 0), 3)) {
            Examples all = Examples.ofLevels(1, 40, levels);
            double mean = whole.lossAndGradient(all, new int[] {0}) / 40;
            float[] gradient = whole.gradient("layers.0.weight");

            assertThat(windows.validationLoss()).isCloseTo(mean, within(1e-6));
            assertThat(blind.validationLoss()).isNotCloseTo(mean, within(1e-4));
            WindowSource fixed = source(levels, 4);
            BatchSource.Batch batch =
                    fixed.fixed(IntStream.range(0, fixed.count()).toArray());
            try (TrainingPass pass = new TrainingPass(model, 3)) {
                double loss =
                        pass.lossAndGradient(batch.examples(), batch.condition(), batch.chosen(), batch.scored(), 0);
                assertThat(loss).isCloseTo(mean, within(1e-6));
                float[] of = pass.gradient("layers.0.weight");
                for (int i = 0; i < of.length; i++) {
                    assertThat(of[i]).isCloseTo(gradient[i] / 40, within(1e-6f));
                }
            }
        }
    }

    /** Windows begin with a frame, whatever their places. */
    @Test
    void framesGoAlongWithTheirPositions() {
        int[] levels = IntStream.range(0, 40).map(i -> i * i % 5).toArray();
        Map<String, Object> options = new HashMap<>(Map.of(
                "residual_channels", 4L,
                "dilation_channels", 4L,
                "skip_channels", 4L,
                "head_channels", 4L,
                "kernel_size", 2L,
                "dilations", List.of(1L, 2L),
                "local_condition", Map.of("channels", 2L, "hop", 3L)));
        ModelConfig config = new ModelConfig(
                "wavenet",
                new DataSpec.Text("abcde"),
                InputEncoding.ONE_HOT,
                DistributionSpec.of(DistributionSpec.Type.CATEGORICAL),
                options);
        float[] features = new float[2 * 14];
        for (int i = 0; i < features.length; i++) {
            features[i] = i * 7 % 5 - 2;
        }
        Condition frames = Condition.ofFrames(features, 2, 14);
        try (Model model = Model.create(config, 3, Device.cpu(1));
                TrainingPass whole = new TrainingPass(model, 1)) {
            int context = model.graph().receptiveField().length();
            WindowSource source =
                    new WindowSource(List.of(LongSequence.of(levels)), frames, new Size(7, context, 3), 1);
            double mean = whole.loss(Examples.ofLevels(1, 40, levels), frames) / 40;
            try (ModelObjective windows = new ModelObjective(model, source, source, 4)) {
                assertThat(windows.validationLoss()).isCloseTo(mean, within(1e-6));
            }
            BatchSource.Batch drawn = source.batch(new int[] {0, 1, 2}, 5);
            assertThat(drawn.examples().length()).isEqualTo(7 + context + 2);
            Condition wrong = Condition.ofFrames(new float[features.length], 2, 14);
            assertThat(whole.loss(Examples.ofLevels(1, 40, levels), wrong) / 40).isNotCloseTo(mean, within(1e-4));
        }
    }

    private static WindowSource source(int[] levels, int context) {
        return new WindowSource(List.of(LongSequence.of(levels)), Condition.none(), new Size(7, context, 1), 1);
    }

    @Test
    void whatIsNoWindowIsRefused() {
        assertThatThrownBy(() -> new WindowSource(SEQUENCES, Condition.none(), new Size(0, 3, 1), 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("found 0 positions after 3");
        assertThatThrownBy(() -> new WindowSource(SEQUENCES, Condition.ofClasses(1), new Size(5, 3, 1), 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("found 1 rows, expected one for each of 3 sequences");
        assertThatThrownBy(() -> new WindowSource(List.of(sequence(0, 0)), Condition.none(), new Size(5, 3, 1), 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("found 0 of 5 positions");
    }

    @Test
    void aFingerprintTellsDataAndWindowsApart() {
        assertThat(Set.of(
                        source(new int[] {1, 2}, 0).fingerprint(),
                        source(new int[] {1, 3}, 0).fingerprint(),
                        source(new int[] {1, 2}, 1).fingerprint()))
                .hasSize(3);
        assertThat(source(new int[] {1, 2}, 0).fingerprint())
                .isEqualTo(source(new int[] {1, 2}, 0).fingerprint());
    }

    private static int[] example(Examples examples, int n) {
        int[] levels = new int[examples.length()];
        examples.copyLevels(n, levels, 0);
        return levels;
    }
}
