package dev.gatun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.gatun.family.DataSpec;
import dev.gatun.family.DistributionSpec;
import dev.gatun.family.InputEncoding;
import dev.gatun.family.ModelConfig;
import dev.gatun.foreign.Context;
import dev.gatun.foreign.GridShape;
import dev.gatun.foreign.NativeMap;
import dev.gatun.op.Dropout;
import dev.gatun.op.Kernel;
import dev.gatun.tensor.Parameters;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Dropout: what is drawn, when, and the gradient of what was. */
class DropoutTest {
    private static final int[] ALL = {0, 1, 2};

    private static Model model() {
        return Model.create(
                new ModelConfig(
                        "rnn_arm",
                        new DataSpec.Text("abcd"),
                        InputEncoding.ONE_HOT,
                        DistributionSpec.of(DistributionSpec.Type.CATEGORICAL),
                        Map.of("cell", "lstm", "hidden", 7L, "layers", 2L)),
                1,
                Device.cpu(1));
    }

    private static Examples examples() {
        int[] levels = new int[3 * 12];
        Arrays.setAll(levels, i -> i * i % 4);
        return Examples.ofLevels(3, 12, levels);
    }

    private static TrainingPass pass(Model model, int batch, double rate, long seed) {
        return new TrainingPass(model, batch, new TrainingDraws(MaskTraining.AVERAGE, rate, seed));
    }

    private static double loss(TrainingPass pass, long step) {
        return pass.lossAndGradient(examples(), Condition.none(), ALL, null, step);
    }

    @Test
    void drawsDependOnSeedAndStepAndStopOutsideOfSteps() {
        try (Model model = model();
                TrainingPass plain = new TrainingPass(model, 3);
                TrainingPass pass = pass(model, 3, 0.4, 1);
                TrainingPass other = pass(model, 3, 0.4, 2);
                TrainingPass parts = pass(model, 1, 0.4, 1)) {
            double fifth = loss(pass, 5);
            assertThat(loss(pass, 6)).isNotEqualTo(fifth);
            assertThat(loss(other, 5)).isNotEqualTo(fifth);
            assertThat(pass.loss(examples())).isEqualTo(plain.loss(examples()));
            assertThat(loss(pass, 5)).isEqualTo(fifth);

            Examples alike = Examples.ofLevels(3, 12, new int[36]);
            double one = parts.lossAndGradient(alike, Condition.none(), new int[] {0}, null, 5);
            double two = parts.lossAndGradient(alike, Condition.none(), new int[] {0, 1}, null, 5);
            assertThat(two).isNotEqualTo(one);
        }
    }

    @Test
    void gradientsAreThoseOfWhatWasDrawn() {
        try (Model model = model();
                TrainingPass pass = pass(model, 3, 0.4, 1)) {
            loss(pass, 9);
            for (String name : List.of("rnn.weight_hh_l0", "rnn.weight_ih_l1", "output.weight")) {
                float[] gradient = pass.gradient(name);
                MemorySegment values = pass.parameters().get(name);
                for (int i = 0; i < gradient.length; i += 5) {
                    float value = values.getAtIndex(ValueLayout.JAVA_FLOAT, i);
                    values.setAtIndex(ValueLayout.JAVA_FLOAT, i, value + 0.01f);
                    double above = loss(pass, 9);
                    values.setAtIndex(ValueLayout.JAVA_FLOAT, i, value - 0.01f);
                    double below = loss(pass, 9);
                    values.setAtIndex(ValueLayout.JAVA_FLOAT, i, value);
                    assertThat((double) gradient[i])
                            .as("%s[%d]", name, i)
                            .isCloseTo((above - below) / 0.02, within(2e-3));
                }
            }
        }
    }

    @Test
    void asManyAreDroppedAsTheRateSaysAndTheMeanStays() {
        int columns = 400;
        int features = 37;
        try (Arena arena = Arena.ofConfined();
                Context context = Device.cpu(1).context()) {
            GridShape shape = new GridShape(2, 1, columns, features, GridShape.Halo.NONE);
            NativeMap ones = NativeMap.allocate(arena, shape);
            NativeMap dropped = NativeMap.allocate(arena, shape);
            float[] row = new float[features];
            Arrays.fill(row, 1);
            for (int j = 0; j < 2 * columns; j++) {
                ones.write(j / columns, 0, j % columns, row, 0);
            }
            Kernel kernel =
                    new Dropout(features, 0.3, 2).bind(new Parameters(new LinkedHashMap<>(), arena), arena, true);
            kernel.draw(4, 8);
            kernel.run(context, List.of(ones), dropped);

            int zeros = 0;
            double sum = 0;
            for (int j = 0; j < 2 * columns; j++) {
                dropped.read(j / columns, 0, j % columns, row, 0);
                for (float value : row) {
                    assertThat(value == 0 || Math.abs(value - 1 / 0.7) < 1e-4).isTrue();
                    zeros += value == 0 ? 1 : 0;
                    sum += value;
                }
            }
            int all = 2 * columns * features;
            assertThat(zeros / (double) all).isCloseTo(0.3, within(0.01));
            assertThat(sum / all).isCloseTo(1, within(0.015));
        }
    }

    @Test
    void whereThereIsNoPlaceOrNoProbabilityItIsRefused() {
        try (Model digits = Model.bundled("digits")) {
            assertThatThrownBy(() -> pass(digits, 3, 0.5, 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("'causal_conv_arm' has no place for dropout");
        }
        assertThatThrownBy(() -> new TrainingDraws(MaskTraining.AVERAGE, 1, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("dropout: found 1.0, expected 0 to below 1");
    }
}
