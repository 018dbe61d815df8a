package dev.gatun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatun.family.DataSpec;
import dev.gatun.family.DistributionSpec;
import dev.gatun.family.InputEncoding;
import dev.gatun.family.ModelConfig;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Long sequences by windows: the bits of one pass, whatever the window. */
class LongLikelihoodTest {
    private static final int COUNT = 3;

    static Stream<ModelConfig> configs() {
        Map<String, Object> wavenet = new HashMap<>(Map.of(
                "residual_channels", 3L,
                "dilation_channels", 4L,
                "skip_channels", 5L,
                "head_channels", 6L,
                "kernel_size", 2L,
                "dilations", List.of(1L, 4L),
                "global_condition", Map.of("classes", 3L, "channels", 2L)));
        return Stream.of(
                text("rnn_arm", Map.of("cell", "lstm", "layers", 2L, "hidden", 17L)),
                text("rnn_arm", Map.of("cell", "gru", "layers", 2L, "hidden", 5L)),
                text("rnn_arm", Map.of("cell", "tanh", "layers", 1L, "hidden", 4L)),
                text("wavenet", wavenet),
                new ModelConfig(
                        "linear_ar",
                        new DataSpec.Series(),
                        InputEncoding.RAW,
                        DistributionSpec.of(DistributionSpec.Type.GAUSSIAN),
                        Map.of("order", 3L)));
    }

    private static ModelConfig text(String family, Map<String, Object> options) {
        return new ModelConfig(
                family,
                new DataSpec.Text("abcde"),
                InputEncoding.ONE_HOT,
                DistributionSpec.of(DistributionSpec.Type.CATEGORICAL),
                options);
    }

    private static Examples examples(ModelConfig config, int length) {
        Random random = new Random(3);
        if (config.data().levels() > 0) {
            return Examples.ofLevels(
                    COUNT, length, random.ints((long) COUNT * length, 0, 5).toArray());
        }
        float[] reals = new float[COUNT * length];
        for (int i = 0; i < reals.length; i++) {
            reals[i] = (float) random.nextGaussian();
        }
        return Examples.ofReals(COUNT, length, reals);
    }

    private static Condition condition(Model model) {
        return model.config().architecture().equals("wavenet")
                ? Condition.ofClasses(new int[] {2, 0, 1})
                : Condition.none();
    }

    @ParameterizedTest
    @MethodSource("configs")
    void windowsHaveTheBitsOfOnePass(ModelConfig config) {
        try (Model model = Model.create(config, 5, Device.cpu(2))) {
            Examples x = examples(config, 61);
            Condition condition = condition(model);
            try (Evaluation whole = new Evaluation(model, x, condition)) {
                double[] expected = whole.likelihood().nats();
                float[] byPosition = whole.map().nats();
                for (int window : new int[] {4, 7, 30, 60, 61, 100}) {
                    try (LongLikelihood windows = new LongLikelihood(model, x, condition, window)) {
                        assertThat(windows.likelihood().nats())
                                .as("window %d", window)
                                .containsExactly(expected);
                        assertThat(windows.map().nats()).containsExactly(byPosition);
                        // And again: nothing is left of the sequences before.
                        assertThat(windows.likelihood().nats()).containsExactly(expected);
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("configs")
    void longSequencesAreTakenByWindows(ModelConfig config) {
        try (Model model = Model.create(config, 5, Device.cpu(2))) {
            int length = 1 << 24;
            int window = LongLikelihood.window(model, length);
            assertThat(window).isBetween(1024, length / 2);
            assertThat(LongLikelihood.window(model, window)).isEqualTo(window);
            assertThat(LongLikelihood.window(model, 100)).isEqualTo(100);
        }
    }

    @Test
    void aModelTakesThemByItself() {
        ModelConfig config = configs().toList().getFirst();
        try (Model model = Model.create(config, 5, Device.cpu(2))) {
            int window = LongLikelihood.window(model, 1 << 20);
            Examples x = examples(config, 2 * window + 5);
            try (Evaluation whole = new Evaluation(model, x, Condition.none())) {
                assertThat(model.logLikelihood(x).nats())
                        .containsExactly(whole.likelihood().nats());
            }
        }
    }

    @Test
    void wrongLevelsAreRefused() {
        ModelConfig config = configs().toList().getFirst();
        int[] levels = new int[1 << 16];
        Arrays.fill(levels, 1);
        levels[50_000] = 5;
        try (Model model = Model.create(config, 5, Device.cpu(1))) {
            assertThatThrownBy(() -> model.logLikelihood(Examples.ofLevels(1, levels.length, levels)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("found level 5 at value 50000 of example 0, expected 0..4");
        }
    }
}
