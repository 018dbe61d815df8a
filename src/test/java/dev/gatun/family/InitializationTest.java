package dev.gatun.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.gatun.file.Json;
import dev.gatun.tensor.Parameters;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class InitializationTest {
    static List<Path> cases() {
        return Golden.cases();
    }

    private static ModelConfig config(String json) {
        return ModelConfig.parse(Json.parse(json.replace('\'', '"')));
    }

    private static ModelConfig mlp(int context, int hidden) {
        return config("{'format':1,'architecture':'mlp_arm','data':{'kind':'sequence','length':6,'levels':3},"
                + "'distribution':{'type':'categorical'},'context':" + context + ",'hidden':[" + hidden + "]}");
    }

    private static ModelConfig made(int length, String hidden, int masks) {
        return config("{'format':1,'architecture':'made','data':{'kind':'sequence','length':" + length
                + ",'levels':2},'distribution':{'type':'bernoulli'},'hidden':" + hidden + ",'masks':" + masks + "}");
    }

    private static Parameters initialised(ModelConfig config, long seed, Arena arena) {
        Parameters parameters = config.family().layout(config).allocate(arena);
        Initialization.initialise(config, parameters, seed);
        return parameters;
    }

    /** Every family's values are valid, inside their bounds, zero where masked, and a function of the seed. */
    @ParameterizedTest
    @MethodSource("cases")
    void fillsEveryTensorInsideItsBounds(Path golden) throws IOException {
        ModelConfig config = ModelFile.readConfig(golden.resolve("model.safetensors"));
        ParameterLayout layout = config.family().layout(config);
        try (Arena arena = Arena.ofConfined()) {
            Parameters parameters = initialised(config, 5, arena);
            config.family().checkIntegers(config, parameters.integers());
            for (String name : parameters.names()) {
                ParameterSpec spec = layout.spec(name);
                Mask.Entries entries = layout.entries(name, parameters.integers());
                float[] values = parameters.get(name).toArray(ValueLayout.JAVA_FLOAT);
                double bound = 1 / Math.sqrt(spec.fanIn());
                for (int i = 0; i < values.length; i++) {
                    boolean counts = entries == null || entries.counts(i);
                    boolean right = switch (spec.start()) {
                        case ZERO -> values[i] == 0;
                        case UNIFORM -> counts ? values[i] != 0 && Math.abs(values[i]) <= bound : values[i] == 0;
                        case NORMAL -> Math.abs(values[i]) < 6;
                    };
                    assertThat(right).as("%s at %d: %s", name, i, values[i]).isTrue();
                }
            }
            assertThat(initialised(config, 5, arena).all().mismatch(parameters.all()))
                    .isEqualTo(-1);
            boolean drawn = layout.specs().stream()
                    .anyMatch(spec -> !spec.integer() && spec.start() != ParameterSpec.Start.ZERO);
            assertThat(initialised(config, 6, arena).all().mismatch(parameters.all()) >= 0)
                    .isEqualTo(drawn);
        }
    }

    @Test
    void uniformValuesFillTheirInterval() {
        try (Arena arena = Arena.ofConfined()) {
            Parameters parameters = initialised(mlp(64, 2000), 3, arena);
            float[] values = parameters.get("layers.0.weight").toArray(ValueLayout.JAVA_FLOAT);
            double bound = 1 / 8.0;
            assertThat(mean(values)).isCloseTo(0, within(4 * bound / Math.sqrt(3.0 * values.length)));
            assertThat(meanSquare(values)).isCloseTo(bound * bound / 3, within(0.01 * bound * bound / 3));
            assertThat(largest(values)).isBetween((float) (0.999 * bound), (float) bound);
            float[] biases = parameters.get("layers.0.bias").toArray(ValueLayout.JAVA_FLOAT);
            assertThat(largest(biases)).isBetween((float) (0.98 * bound), (float) bound);
            float[] outputs = parameters.get("layers.1.weight").toArray(ValueLayout.JAVA_FLOAT);
            assertThat(largest(outputs)).isBetween((float) (0.98 / Math.sqrt(2000)), (float) (1 / Math.sqrt(2000)));
        }
    }

    @Test
    void tensorsDoNotRepeatEachOther() {
        try (Arena arena = Arena.ofConfined()) {
            Parameters parameters = initialised(
                    config("{'format':1,'architecture':'rnn_arm','data':{'kind':'series'},"
                            + "'distribution':{'type':'gaussian'},'cell':'lstm','layers':2,'hidden':8}"),
                    3,
                    arena);
            assertThat(parameters.get("rnn.weight_hh_l0").toArray(ValueLayout.JAVA_FLOAT))
                    .isNotEqualTo(parameters.get("rnn.weight_hh_l1").toArray(ValueLayout.JAVA_FLOAT));
            assertThat(largest(parameters.get("rnn.weight_ih_l0").toArray(ValueLayout.JAVA_FLOAT)))
                    .as("bounded by the hidden size, whatever the inputs")
                    .isBetween((float) (0.8 / Math.sqrt(8)), (float) (1 / Math.sqrt(8)));
        }
    }

    @Test
    void embeddingsAreNormal() {
        try (Arena arena = Arena.ofConfined()) {
            Parameters parameters = initialised(
                    config("{'format':1,'architecture':'wavenet','data':{'kind':'series'},"
                            + "'distribution':{'type':'gaussian'},'residual_channels':2,'dilation_channels':2,'skip_channels':2,"
                            + "'head_channels':2,'kernel_size':2,'dilations':[1],"
                            + "'global_condition':{'classes':1000,'channels':100}}"),
                    3,
                    arena);
            float[] values = parameters.get("global.weight").toArray(ValueLayout.JAVA_FLOAT);
            assertThat(mean(values)).isCloseTo(0, within(4 / Math.sqrt(values.length)));
            assertThat(meanSquare(values)).isCloseTo(1, within(0.02));
            long inside = 0;
            for (float value : values) {
                inside += Math.abs(value) < 1 ? 1 : 0;
            }
            assertThat((double) inside / values.length).isCloseTo(0.6827, within(0.006));
        }
    }

    @Test
    void transposedConvolutionsCountInputsAsPyTorchDoes() {
        ModelConfig config = config(
                "{'format':1,'architecture':'pixelcnn_pp',"
                        + "'data':{'kind':'image','height':4,'width':4,'channels':1,'levels':4},'input':'scaled',"
                        + "'distribution':{'type':'discretized_logistic_mixture','components':2},'features':5,'resnet_blocks':1}");
        ParameterLayout layout = config.family().layout(config);
        assertThat(layout.spec("grow.0.vertical.weight").fanIn()).isEqualTo(5 * 2 * 3);
        assertThat(layout.spec("grow.0.vertical.bias").fanIn()).isEqualTo(5 * 2 * 3);
        assertThat(layout.spec("up.0.0.horizontal.conv_out.weight").fanIn()).isEqualTo(10 * 2 * 2);
    }

    @Test
    void oneMaskKeepsTheOrderOfTheDataAndSpreadsDegrees() {
        try (Arena arena = Arena.ofConfined()) {
            Map<String, long[]> integers =
                    initialised(made(5, "[8,3]", 1), 1, arena).integers();
            assertThat(integers.get("masks.0.degrees.0")).containsExactly(1, 2, 3, 4, 5);
            assertThat(integers.get("masks.0.degrees.1")).containsExactly(1, 1, 2, 2, 3, 3, 4, 4);
            assertThat(integers.get("masks.0.degrees.2")).containsExactly(1, 2, 3);
        }
    }

    @Test
    void moreMasksAreDrawnEachItsOwn() {
        try (Arena arena = Arena.ofConfined()) {
            ModelConfig config = made(20, "[40,30]", 4);
            Map<String, long[]> integers = initialised(config, 1, arena).integers();
            config.family().checkIntegers(config, integers);
            for (int m = 0; m < 4; m++) {
                long[] first = integers.get("masks." + m + ".degrees.1");
                long[] second = integers.get("masks." + m + ".degrees.2");
                assertThat(Arrays.stream(first).min().orElseThrow()).isPositive();
                assertThat(Arrays.stream(first).max().orElseThrow()).isLessThan(20);
                assertThat(Arrays.stream(first).distinct().count()).isGreaterThan(10);
                assertThat(Arrays.stream(second).min().orElseThrow())
                        .isGreaterThanOrEqualTo(Arrays.stream(first).min().orElseThrow());
            }
            assertThat(integers.get("masks.0.degrees.0")).isNotEqualTo(integers.get("masks.1.degrees.0"));
            assertThat(initialised(config, 2, arena).integers().get("masks.0.degrees.0"))
                    .isNotEqualTo(integers.get("masks.0.degrees.0"));
        }
    }

    @Test
    void onePositionHasDegreesToo() {
        try (Arena arena = Arena.ofConfined()) {
            Map<String, long[]> integers =
                    initialised(made(1, "[2]", 2), 1, arena).integers();
            assertThat(integers.get("masks.1.degrees.0")).containsExactly(1);
            assertThat(integers.get("masks.1.degrees.1")).containsExactly(1, 1);
        }
    }

    private static double mean(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += value;
        }
        return sum / values.length;
    }

    private static double meanSquare(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += (double) value * value;
        }
        return sum / values.length;
    }

    private static float largest(float[] values) {
        float largest = 0;
        for (float value : values) {
            largest = Math.max(largest, Math.abs(value));
        }
        return largest;
    }
}
