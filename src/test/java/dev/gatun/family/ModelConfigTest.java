package dev.gatun.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import dev.gatun.file.Json;
import dev.gatun.file.JsonException;
import dev.gatun.file.Safetensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ModelConfigTest {
    private static final String MLP =
            "{'format':1,'architecture':'mlp_arm','data':{'kind':'sequence','length':6,'levels':3},"
                    + "'distribution':{'type':'categorical'},'context':2,'hidden':[4,5]}";
    private static final String PIXELCNN =
            "{'format':1,'architecture':'pixelcnn','data':{'kind':'image','height':4,'width':4,'channels':3,'levels':4},"
                    + "'distribution':{'type':'categorical'},'features':12,'blocks':2,'head_features':6}";
    private static final String GATED =
            "{'format':1,'architecture':'gated_pixelcnn','data':{'kind':'image','height':4,'width':4,'channels':3,'levels':4},"
                    + "'distribution':{'type':'categorical'},'features':12,'layers':2,'head_features':6,"
                    + "'condition':{'type':'class','classes':3}}";
    private static final String WAVENET =
            "{'format':1,'architecture':'wavenet','data':{'kind':'audio','sample_rate':16000,'levels':256,'companding':'mu-law'},"
                    + "'distribution':{'type':'categorical'},'residual_channels':3,'dilation_channels':4,'skip_channels':5,"
                    + "'head_channels':6,'kernel_size':2,'dilations':[1,2],'local_condition':{'channels':3,'hop':5}}";

    static List<Path> cases() {
        return Golden.cases();
    }

    private static Object json(String text) {
        return Objects.requireNonNull(Json.parse(text.replace('\'', '"')));
    }

    private static ModelConfig parse(String text) {
        return ModelConfig.parse(json(text));
    }

    @Test
    void fillsInDefaults() {
        ModelConfig config = parse(MLP);
        assertThat(config.input()).isEqualTo(InputEncoding.RAW);
        assertThat(config.activation()).isEqualTo(Activation.RELU);
        assertThat(config.integers("hidden")).containsExactly(4, 5);
        assertThat(config.integer("context")).isEqualTo(2);
        ModelConfig wavenet = parse(WAVENET);
        assertThat(wavenet.number("residual_scale")).isEqualTo(1.0);
        assertThat(wavenet.object("global_condition")).isNull();
        assertThat(wavenet.integer("local_condition.hop")).isEqualTo(5);
        assertThat(parse(PIXELCNN).integer("first_kernel_size")).isEqualTo(7);
    }

    @Test
    void countsInputsAndOutputs() {
        ModelConfig pixels = parse(PIXELCNN);
        assertThat(pixels.outputs()).isEqualTo(12);
        assertThat(pixels.encoded()).isEqualTo(1);
        assertThat(pixels.groups()).isEqualTo(3);
        ModelConfig mixture = parse(PIXELCNN.replace("'categorical'", "'discretized_logistic_mixture','components':5")
                .replace("'features':12", "'features':10,'input':'one_hot'"));
        assertThat(mixture.outputs()).isEqualTo(50);
        assertThat(mixture.encoded()).isEqualTo(4);
        assertThat(mixture.groups()).isEqualTo(1);
        assertThat(parse(MLP).outputs()).isEqualTo(3);
        String asPositions =
                MLP.replace("'kind':'sequence','length':6", "'kind':'image','height':2,'width':2,'channels':3");
        assertThat(parse(asPositions.replace("'categorical'", "'discretized_logistic_mixture','components':5"))
                        .outputs())
                .isEqualTo(15);
    }

    @Test
    void isMadeWithoutJsonToo() {
        ModelConfig config = new ModelConfig(
                "mlp_arm",
                new DataSpec.Sequence(6, 3),
                InputEncoding.RAW,
                DistributionSpec.of(DistributionSpec.Type.CATEGORICAL),
                Map.of("context", 2, "hidden", List.of(4, 5)));
        assertThat(config).isEqualTo(parse(MLP));
        assertThatThrownBy(() -> config.integer("order"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("order: not an option of mlp_arm, which has [context, hidden, activation]");
        assertThatThrownBy(() -> config.integer("hidden")).hasMessageContaining("hidden: is a list");
    }

    /** Files of models that do without what came later are what they were. */
    @Test
    void whatIsNotGivenIsNotWritten() {
        assertThat(Json.write(parse(GATED).toJson())).doesNotContain("stem", "dilations", "head_activation");
    }

    @ParameterizedTest
    @MethodSource("cases")
    void isWrittenAsItIsRead(Path golden) throws IOException {
        try (Safetensors file = Safetensors.open(golden.resolve("model.safetensors"))) {
            Map<?, ?> given = (Map<?, ?>) Json.parse(file.metadata().get("gatun"));
            ModelConfig config = ModelConfig.parse(given);
            Map<?, ?> written = (Map<?, ?>) Json.parse(Json.write(config.toJson()));
            assertThat(ModelConfig.parse(written)).isEqualTo(config);
            given.forEach(
                    (key, value) -> assertThat(written.get(key)).as("%s", key).isEqualTo(value));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "MLP | 'levels':3 | 'levels':1 | data.levels: found 1, expected a whole number >= 2",
                "MLP | 'levels':3 | 'levels':2.0 | data.levels: found 2.0, expected a whole number >= 2",
                "MLP | 'levels':3 | 'levels':true | data.levels: found true, expected a whole number >= 2",
                "MLP | 'levels':3 | 'levels':'3' | data.levels: found \"3\", expected a whole number >= 2",
                "MLP | 'levels':3 | 'levels':3000000000 | data.levels: found 3000000000, expected a whole number <="
                        + " 2147483647",
                "MLP | ,'levels':3 | `` | data.levels: missing, expected a whole number >= 2",
                "MLP | 'context':2 | 'context':null | context: found null, expected a whole number >= 1",
                "MLP | 'format':1 | 'format':1.0 | format: found 1.0, expected 1",
                "MLP | 'format':1 | 'format':true | format: found true, expected 1",
                "MLP | 'format':1, | `` | format: missing, expected 1",
                "MLP | 'mlp_arm' | 3 | architecture: found 3, expected one of",
                "MLP | 'hidden':[4,5] | 'hidden':[4,0] | hidden[1]: found 0, expected a whole number >= 1",
                "MLP | 'hidden':[4,5] | 'hidden':4 | hidden: found 4, expected a list of whole numbers >= 1",
                "MLP | 'kind':'sequence' | 'kind':'video' | data.kind: found \"video\", expected one of",
                "MLP | 'context':2 | 'context':2,'input':null | input: found null, expected one of",
                "MLP | {'type':'categorical'} | 'categorical' | distribution: found \"categorical\", expected an"
                        + " object",
                "MLP | {'type':'categorical'} | {} | distribution.type: missing, expected one of",
                "MLP | 'categorical' | 'discretized_logistic_mixture' | distribution.components: missing, expected a"
                        + " whole number >= 1",
                "PIXELCNN | 'features':12 | 'features':9 | features: found 9, expected a multiple of 6",
                "PIXELCNN | 'head_features':6 | 'head_features':7 | head_features: found 7, expected a multiple of 3",
                "PIXELCNN | 'blocks':2 | 'blocks':2,'kernel_size':4 | kernel_size: found 4, expected an odd whole"
                        + " number",
                "PIXELCNN | 'blocks':2 | 'blocks':2000000000 | tensor too many",
                "PIXELCNN | 'channels':3 | 'channels':3.0 | data.channels: found 3.0, expected 1 or 3",
                "GATED | 'layers':2 | 'layers':2,'skip_features':4 | skip_features: found 4, expected a multiple of 3",
                "GATED | 'classes':3 | 'size':3 | condition.size: unknown key, expected one of [type, classes]",
                "GATED | ,'classes':3 | `` | condition.classes: missing, expected a whole number >= 1",
                "GATED | 'classes':3 | 'classes':0 | condition.classes: found 0, expected a whole number >= 1",
                "GATED | {'type':'class','classes':3} | 'class' | condition: found \"class\", expected an object",
                "GATED | 'layers':2 | 'layers':2,'dilations':[1] | dilations: found 1 values, expected 2, one a layer",
                "GATED | 'layers':2 | 'layers':2,'dilations':[1,0] | dilations[1]: found 0, expected a whole number"
                        + " >= 1",
                "GATED | 'layers':2 | 'layers':2,'dilations':[1,99999] | dilations: found 99999, expected at most 65536",
                "GATED | 'layers':2 | 'layers':2,'stem':'gated' | stem: found \"gated\", expected \"plain\"",
                "GATED | 'layers':2 | 'layers':2,'stem':'plain','first_kernel_size':1 | first_kernel_size: found 1,"
                        + " expected at least 3 with a stem",
                "GATED | 'layers':2 | 'layers':2,'head_activation':'swish' | head_activation: found \"swish\", expected"
                        + " one of",
                "GATED | 'head_features':6 | 'head_features':-1 | head_features: found -1, expected a whole number >= 0",
                "PIXELCNN | 'head_features':6 | 'head_features':0 | head_features: found 0, expected a whole number"
                        + " >= 1",
                "WAVENET | [1,2] | [] | dilations: found an empty list, expected one value a layer",
                "WAVENET | 'kernel_size':2 | 'kernel_size':2,'residual_scale':'1' | residual_scale: found \"1\","
                        + " expected a finite number",
                "WAVENET | 'hop':5 | 'hop':5,'x':1 | local_condition.x: unknown key, expected one of [channels, hop]",
                "WAVENET | 'hop':5 | 'hop':0.5 | local_condition.hop: found 0.5, expected a whole number >= 1",
                "WAVENET | 'mu-law' | 'a-law' | data.companding: found \"a-law\", expected one of \"linear\","
                        + " \"mu-law\"",
            })
    void namesTheKeyAndWhatItFound(String base, String part, String instead, String message) {
        String text = switch (base) {
            case "MLP" -> MLP;
            case "PIXELCNN" -> PIXELCNN;
            case "GATED" -> GATED;
            default -> WAVENET;
        };
        assertThat(text).contains(part);
        assertThatThrownBy(() -> parse(text.replace(part, instead)))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining(message);
    }

    @Test
    void refusesWhatDoesNotGoTogether() {
        refused(
                "causal_conv_arm",
                "'channels':[3],'kernel_size':2,'dilations':[1]",
                "dilations: found 1 values, expected 2");
        refused("markov", "'input':'unit'", "input: found \"unit\", expected \"raw\" for markov");
        refused(
                "linear_ar",
                "'order':2",
                "distribution.type: found \"categorical\", expected \"gaussian\" for linear_ar");
        refused("rnn_arm", "'cell':'elman','layers':1,'hidden':2", "cell: found \"elman\", expected one of");
        refused("nade", "'hidden':2", "distribution.type: found \"categorical\", expected \"bernoulli\" for nade");
        refused("made", "'hidden':[2],'direct':1", "direct: found 1, expected true or false");
        refused("made", "'hidden':[2],'masks':0", "masks: found 0, expected a whole number >= 1");
        assertThatThrownBy(() -> parse(MLP.replace("'architecture':'mlp_arm'", "'architecture':'made'")
                        .replace("'context':2,", "")
                        .replace("'kind':'sequence','length':6,'levels':3", "'kind':'text','vocabulary':'abc'")))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageStartingWith("data.kind: found \"text\", expected data of a fixed length");
    }

    private static void refused(String architecture, String options, String message) {
        String text = MLP.replace("mlp_arm", architecture).replace("'context':2,'hidden':[4,5]", options);
        assertThatThrownBy(() -> parse(text))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining(message);
    }

    /** Random changes of valid configurations are read or refused, and what is read can be written and read again. */
    @Test
    void neverFailsInAnotherWay() throws IOException {
        long seed = 20240607;
        SplittableRandom random = new SplittableRandom(seed);
        List<String> configurations = new ArrayList<>();
        for (Path golden : Golden.cases()) {
            try (Safetensors file = Safetensors.open(golden.resolve("model.safetensors"))) {
                configurations.add(Objects.requireNonNull(file.metadata().get("gatun")));
            }
        }
        int refused = 0;
        int rounds = 8_000;
        for (int round = 0; round < rounds; round++) {
            Object changed = Json.parse(configurations.get(random.nextInt(configurations.size())));
            for (int k = 0; k <= random.nextInt(3); k++) {
                changed = change(changed, random);
            }
            try {
                ModelConfig config = ModelConfig.parse(changed);
                assertThat(ModelConfig.parse(Json.parse(Json.write(config.toJson()))))
                        .isEqualTo(config);
            } catch (InvalidModelException e) {
                refused++;
                assertThat(e.getMessage()).contains(":").doesNotContain("null,null");
            } catch (RuntimeException | Error e) {
                fail("seed " + seed + ", round " + round + ": " + Json.write(changed), e);
            }
        }
        assertThat(refused).isBetween(rounds / 4, rounds - rounds / 100);
    }

    private static final List<Object> VALUES = Arrays.asList(
            null,
            true,
            0L,
            1L,
            2L,
            3L,
            4L,
            6L,
            7L,
            -1L,
            2.0,
            1e300,
            Long.MAX_VALUE,
            Long.MIN_VALUE,
            2147483647L,
            65536L,
            2147483648L,
            "",
            "raw",
            "one_hot",
            "bernoulli",
            "image",
            "series",
            "made",
            List.of(),
            List.of(2L, 2L),
            List.of(List.of()),
            Map.of(),
            Map.of("type", "class", "classes", 2147483647L));

    private static Object change(Object json, SplittableRandom random) {
        if (json instanceof Map<?, ?> map && !map.isEmpty()) {
            Map<String, Object> copy = new LinkedHashMap<>();
            map.forEach((key, value) -> copy.put((String) key, value));
            List<String> keys = List.copyOf(copy.keySet());
            String key = keys.get(random.nextInt(keys.size()));
            switch (random.nextInt(5)) {
                case 0 -> copy.remove(key);
                case 1 -> copy.put(key + (char) random.nextInt(97, 123), copy.remove(key));
                case 2 -> copy.put(key, VALUES.get(random.nextInt(VALUES.size())));
                default -> copy.put(key, change(copy.get(key), random));
            }
            return copy;
        }
        if (json instanceof List<?> list && !list.isEmpty()) {
            List<Object> copy = new ArrayList<>(list);
            int i = random.nextInt(copy.size());
            copy.set(i, change(copy.get(i), random));
            return copy;
        }
        return VALUES.get(random.nextInt(VALUES.size()));
    }

    @Test
    void numbersThatNoLongHoldsAreRefusedByTheJsonReader() {
        assertThatThrownBy(() -> parse(MLP.replace("'context':2", "'context':99999999999999999999")))
                .isInstanceOf(JsonException.class);
    }
}
