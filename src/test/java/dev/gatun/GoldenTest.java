package dev.gatun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.gatun.file.Safetensors;
import java.io.IOException;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every family that is computed, against what the definition gives. */
class GoldenTest {
    static List<GoldenCase> cases() throws IOException, URISyntaxException {
        return GoldenCase.all();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void outputsAreThoseOfTheDefinition(GoldenCase golden) throws IOException {
        try (Model model = Model.load(golden.model());
                Safetensors recorded = golden.open()) {
            Outputs outputs = model.outputs(GoldenCase.examples(recorded, "x"), GoldenCase.condition(recorded));
            assertThat(outputs.shape()).containsExactly(shape(recorded, "outputs"));
            assertClose(outputs.values(), recorded.floats("outputs"), 1e-5);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void likelihoodsAreThoseOfTheDefinition(GoldenCase golden) throws IOException {
        try (Model model = Model.load(golden.model());
                Safetensors recorded = golden.open()) {
            double[] nats = model.logLikelihood(GoldenCase.examples(recorded, "x"), GoldenCase.condition(recorded))
                    .nats();
            float[] expected = recorded.floats("nats");
            assertThat(nats).hasSameSizeAs(expected);
            for (int i = 0; i < nats.length; i++) {
                assertThat(nats[i]).isCloseTo(expected[i], within(1e-5 * Math.max(1, Math.abs(expected[i]))));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void gradientsAreThoseOfTheDefinition(GoldenCase golden) throws IOException {
        try (Model model = Model.load(golden.model());
                Safetensors recorded = golden.open();
                TrainingPass pass = new TrainingPass(model, 2)) {
            Examples x = GoldenCase.examples(recorded, "x");
            int[] all = java.util.stream.IntStream.range(0, x.count()).toArray();
            double loss = pass.lossAndGradient(x, GoldenCase.condition(recorded), all);
            assertThat(loss).isCloseTo(mean(recorded.floats("nats")), within(1e-5 * Math.max(1, Math.abs(loss))));
            for (String name : model.parameterNames()) {
                float[] expected = recorded.floats("grad." + name);
                float[] found = pass.gradient(name);
                assertThat(found).hasSameSizeAs(expected);
                double largest = largest(expected);
                for (int i = 0; i < found.length; i++) {
                    assertThat((double) found[i])
                            .as("%s[%d]", name, i)
                            .isCloseTo(expected[i], within(1e-4 * Math.max(largest, 1e-7)));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void samplesAreThoseOfTheDefinition(GoldenCase golden) throws IOException {
        try (Model model = Model.load(golden.model());
                Safetensors recorded = golden.open()) {
            long seed = Long.parseUnsignedLong(
                    Objects.requireNonNull(recorded.metadata().get("seed")));
            float temperature =
                    Float.parseFloat(Objects.requireNonNull(recorded.metadata().get("temperature")));
            Examples expected = GoldenCase.examples(recorded, "samples");
            Condition condition = GoldenCase.condition(recorded);
            assertDrawn(model, seed, temperature, false, condition, expected);
            if (recorded.tensors().containsKey("mode")) {
                assertDrawn(model, seed, temperature, true, condition, GoldenCase.examples(recorded, "mode"));
            }
        }
    }

    private static void assertDrawn(
            Model model, long seed, float temperature, boolean mode, Condition condition, Examples expected) {
        for (SampleOptions.Method method : SampleOptions.Method.values()) {
            SampleOptions options = SampleOptions.count(expected.count())
                    .withSeed(seed)
                    .withTemperature(temperature)
                    .withMode(mode)
                    .withLength(expected.length())
                    .withMethod(method);
            try (Sampler sampler = model.sampler(options, condition.slice(0, expected.count()))) {
                Examples drawn = sampler.draw();
                if (expected.real()) {
                    assertClose(drawn.reals(), expected.reals(), 1e-4);
                } else {
                    assertThat(drawn.levels()).containsExactly(expected.levels());
                }
            }
        }
    }

    private static int[] shape(Safetensors file, String name) {
        long[] shape = Objects.requireNonNull(file.tensors().get(name)).shape();
        return java.util.Arrays.stream(shape).mapToInt(Math::toIntExact).toArray();
    }

    private static void assertClose(float[] found, float[] expected, double tolerance) {
        assertThat(found).hasSameSizeAs(expected);
        for (int i = 0; i < found.length; i++) {
            assertThat((double) found[i])
                    .as("value %d", i)
                    .isCloseTo(expected[i], within(tolerance * Math.max(1, Math.abs(expected[i]))));
        }
    }

    private static double mean(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += value;
        }
        return sum / values.length;
    }

    private static double largest(float[] values) {
        double largest = 0;
        for (float value : values) {
            largest = Math.max(largest, Math.abs(value));
        }
        return largest;
    }
}
