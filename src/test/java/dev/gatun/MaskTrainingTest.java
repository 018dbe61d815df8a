package dev.gatun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.gatun.family.DataSpec;
import dev.gatun.family.DistributionSpec;
import dev.gatun.family.InputEncoding;
import dev.gatun.family.ModelConfig;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Masks that steps of training take: what they are by definition, and that each is a chain. */
class MaskTrainingTest {
    private static final int LENGTH = 4;
    private static final int[] FIRST = {0};

    private static Model model(int masks, List<Long> hidden) {
        return Model.create(
                new ModelConfig(
                        "made",
                        new DataSpec.Sequence(LENGTH, 2),
                        InputEncoding.RAW,
                        DistributionSpec.of(DistributionSpec.Type.BERNOULLI),
                        Map.of("hidden", hidden, "masks", (long) masks)),
                1,
                Device.cpu(1));
    }

    private static TrainingPass pass(Model model, MaskTraining masks) {
        return new TrainingPass(model, 3, new TrainingDraws(masks, 0, 5));
    }

    /** Example n has the bits of n. */
    private static Examples all() {
        int[] levels = new int[LENGTH << LENGTH];
        for (int i = 0; i < levels.length; i++) {
            levels[i] = i / LENGTH >> (i % LENGTH) & 1;
        }
        return Examples.ofLevels(1 << LENGTH, LENGTH, levels);
    }

    private static double loss(TrainingPass pass, int example, long step) {
        return pass.lossAndGradient(all(), Condition.none(), new int[] {example}, null, step);
    }

    @Test
    void aCycleTakesOneMaskAfterTheOther() {
        try (Model model = model(3, List.of(6L));
                TrainingPass cycle = pass(model, MaskTraining.CYCLE);
                TrainingPass average = pass(model, MaskTraining.AVERAGE)) {
            double[] ofMask = {loss(cycle, 6, 0), loss(cycle, 6, 1), loss(cycle, 6, 2)};
            double mixture = -Math.log((Math.exp(-ofMask[0]) + Math.exp(-ofMask[1]) + Math.exp(-ofMask[2])) / 3);

            assertThat(ofMask[0]).isNotEqualTo(ofMask[1]).isNotEqualTo(ofMask[2]);
            assertThat(loss(cycle, 6, 3)).isEqualTo(ofMask[0]);
            assertThat(loss(average, 6, 1)).isCloseTo(mixture, within(1e-6));
            assertThat(cycle.loss(all(), Condition.none(), new int[] {6})).isCloseTo(mixture, within(1e-6));
            assertThat(loss(cycle, 6, 4)).isEqualTo(ofMask[1]);
        }
    }

    @Test
    void whereNothingIsHiddenOnlyTheOrderIsDrawn() {
        try (Model model = model(2, List.of());
                TrainingPass cycle = pass(model, MaskTraining.CYCLE);
                TrainingPass resample = pass(model, MaskTraining.RESAMPLE);
                TrainingPass reorder = pass(model, MaskTraining.RESAMPLE_ORDERS)) {
            boolean drawn = false;
            for (int step = 0; step < 8; step++) {
                assertThat(loss(resample, 6, step)).isEqualTo(loss(cycle, 6, step));
                drawn |= loss(reorder, 6, step) != loss(cycle, 6, step);
            }
            assertThat(drawn).isTrue();
        }
    }

    @Test
    void aDrawnMaskDependsOnSeedAndStepAlone() {
        try (Model model = model(1, List.of(5L, 5L));
                TrainingPass pass = pass(model, MaskTraining.RESAMPLE);
                TrainingPass other = pass(model, MaskTraining.RESAMPLE);
                TrainingPass seeded = new TrainingPass(model, 3, new TrainingDraws(MaskTraining.RESAMPLE, 0, 6))) {
            double fifth = loss(pass, 6, 5);
            float[] gradient = pass.gradient("layers.1.weight");
            assertThat(loss(pass, 6, 4)).isNotEqualTo(fifth);
            assertThat(loss(other, 6, 5)).isEqualTo(fifth);
            assertThat(other.gradient("layers.1.weight")).containsExactly(gradient);
            assertThat(loss(seeded, 6, 5)).isNotEqualTo(fifth);
        }
    }

    @Test
    void whatIsDrawnIsADistribution() {
        for (MaskTraining masks : MaskTraining.values()) {
            try (Model model = model(2, List.of(6L, 5L));
                    TrainingPass pass = pass(model, masks)) {
                for (int step = 0; step < 6; step++) {
                    double sum = 0;
                    for (int example = 0; example < 1 << LENGTH; example++) {
                        sum += Math.exp(-loss(pass, example, step));
                    }
                    assertThat(sum).as("%s, step %d", masks, step).isCloseTo(1, within(1e-5));
                }
            }
        }
    }

    @Test
    void gradientsAreThoseOfTheDrawnMask() {
        try (Model model = model(1, List.of(6L));
                TrainingPass pass = pass(model, MaskTraining.RESAMPLE_ORDERS)) {
            loss(pass, 6, 2);
            float[] gradient = pass.gradient("layers.1.weight");
            MemorySegment weight = pass.parameters().get("layers.1.weight");
            double largest = 0;
            for (int i = 0; i < gradient.length; i++) {
                float value = weight.getAtIndex(ValueLayout.JAVA_FLOAT, i);
                weight.setAtIndex(ValueLayout.JAVA_FLOAT, i, value + 0.01f);
                double above = loss(pass, 6, 2);
                weight.setAtIndex(ValueLayout.JAVA_FLOAT, i, value - 0.01f);
                double below = loss(pass, 6, 2);
                weight.setAtIndex(ValueLayout.JAVA_FLOAT, i, value);
                assertThat(gradient[i]).isCloseTo((float) ((above - below) / 0.02), within(1e-3f));
                largest = Math.max(largest, Math.abs(gradient[i]));
            }
            assertThat(largest).isGreaterThan(0.05);
        }
    }

    @Test
    void otherFamiliesHaveNoMasks() {
        try (Model digits = Model.bundled("digits")) {
            assertThatThrownBy(() -> new TrainingPass(digits, 3, new TrainingDraws(MaskTraining.CYCLE, 0, 0)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("CYCLE")
                    .hasMessageContaining("causal_conv_arm");
            try (TrainingPass pass = new TrainingPass(digits, 3, TrainingDraws.NONE)) {
                assertThat(pass.loss(Examples.ofLevels(1, 64, new int[64]), Condition.none(), FIRST))
                        .isPositive();
            }
        }
    }
}
