package dev.gatun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.gatun.file.Safetensors;
import dev.gatun.tensor.Precision;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.URISyntaxException;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Full passes on a device: the emulated one, or the first of the library that tests are started with. */
@ExtendWith(EmulatedDevice.class)
class CudaPassTest {
    private static final Device DEVICE = EmulatedDevice.DEVICE;
    private static final List<SampleOptions.Method> FORECASTS =
            List.of(SampleOptions.Method.PREDICTIVE, SampleOptions.Method.JACOBI, SampleOptions.Method.GS_JACOBI);

    static List<GoldenCase> cases() throws IOException, URISyntaxException {
        return GoldenCase.all();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void outputsHaveTheProcessorsBits(GoldenCase golden) throws IOException {
        try (Model here = Model.load(golden.model(), Device.cpu(1));
                Model there = Model.load(golden.model(), DEVICE);
                Safetensors recorded = golden.open()) {
            Examples x = GoldenCase.examples(recorded, "x");
            Condition condition = GoldenCase.condition(recorded);
            Outputs outputs = there.outputs(x, condition);
            assertThat(outputs.shape())
                    .containsExactly(here.outputs(x, condition).shape());
            assertThat(outputs.values())
                    .containsExactly(here.outputs(x, condition).values());
        }
    }

    /** Rounded weights are those of the processor, and so are the outputs. */
    @ParameterizedTest
    @EnumSource(value = Precision.class, names = "INT8_DYNAMIC", mode = EnumSource.Mode.EXCLUDE)
    void roundedWeightsAreTheSame(Precision precision) throws IOException, URISyntaxException {
        for (String name :
                List.of("wavenet-conditions", "gated_pixelcnn-plain", "pixelcnn_pp-grey", "rnn_arm-lstm-stacked")) {
            GoldenCase golden = named(name);
            try (Model here = Model.load(golden.model(), Device.cpu(1), precision);
                    Model there = Model.load(golden.model(), DEVICE, precision);
                    Safetensors recorded = golden.open()) {
                Examples x = GoldenCase.examples(recorded, "x");
                Condition condition = GoldenCase.condition(recorded);
                assertThat(there.outputs(x, condition).values())
                        .as(name)
                        .containsExactly(here.outputs(x, condition).values());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void likelihoodsHaveTheProcessorsBits(GoldenCase golden) throws IOException {
        try (Model here = Model.load(golden.model(), Device.cpu(1));
                Model there = Model.load(golden.model(), DEVICE);
                Safetensors recorded = golden.open()) {
            Examples x = GoldenCase.examples(recorded, "x");
            Condition condition = GoldenCase.condition(recorded);
            assertThat(there.logLikelihood(x, condition).nats())
                    .containsExactly(here.logLikelihood(x, condition).nats());
            if (here.masks() == 1) {
                assertThat(there.likelihoodMap(x, condition).nats())
                        .containsExactly(here.likelihoodMap(x, condition).nats());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void gradientsAreThoseOfTheDefinition(GoldenCase golden) throws IOException {
        try (Model there = Model.load(golden.model(), DEVICE);
                Safetensors recorded = golden.open();
                TrainingPass pass = new TrainingPass(there, 2)) {
            Examples x = GoldenCase.examples(recorded, "x");
            int[] all = IntStream.range(0, x.count()).toArray();
            // Twice: what the first left must not be in the second.
            pass.lossAndGradient(x, GoldenCase.condition(recorded), all);
            pass.lossAndGradient(x, GoldenCase.condition(recorded), all);
            for (String name : there.parameterNames()) {
                float[] expected = recorded.floats("grad." + name);
                float[] found = pass.gradient(name);
                double largest = IntStream.range(0, expected.length)
                        .mapToDouble(i -> Math.abs(expected[i]))
                        .max()
                        .orElse(0);
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
    void aStepIsSeenByTheNext(GoldenCase golden) throws IOException {
        try (Model here = Model.load(golden.model(), Device.cpu(1));
                Model there = Model.load(golden.model(), DEVICE);
                Safetensors recorded = golden.open();
                TrainingPass expected = new TrainingPass(here, 2);
                TrainingPass found = new TrainingPass(there, 2)) {
            Examples x = GoldenCase.examples(recorded, "x");
            Condition condition = GoldenCase.condition(recorded);
            int[] all = IntStream.range(0, x.count()).toArray();
            for (TrainingPass pass : List.of(expected, found)) {
                pass.lossAndGradient(x, condition, all);
                descend(pass, expected.gradient());
            }
            assertThat(found.loss(x, condition, all)).isEqualTo(expected.loss(x, condition, all));
        }
    }

    /** The same step for both. */
    private static void descend(TrainingPass pass, MemorySegment gradient) {
        MemorySegment parameters = pass.parameters().all();
        for (long i = 0; i < parameters.byteSize() / Float.BYTES; i++) {
            float step = 0.05f * gradient.getAtIndex(ValueLayout.JAVA_FLOAT, i);
            parameters.setAtIndex(ValueLayout.JAVA_FLOAT, i, parameters.getAtIndex(ValueLayout.JAVA_FLOAT, i) - step);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void samplesByFullPassesAreTheProcessors(GoldenCase golden) throws IOException {
        try (Model here = Model.load(golden.model(), Device.cpu(1));
                Model there = Model.load(golden.model(), DEVICE);
                Safetensors recorded = golden.open()) {
            int length = here.config().data().length().orElse(9);
            Condition condition = GoldenCase.condition(recorded).slice(0, 1).repeated(3);
            SampleOptions options =
                    SampleOptions.count(3).withSeed(5).withLength(length).withMethod(SampleOptions.Method.FULL);
            try (Sampler expected = here.sampler(options, condition);
                    Sampler found = there.sampler(options, condition)) {
                int steps = Math.min(length, 12);
                expected.advance(steps);
                found.advance(steps);
                int order = 0;
                for (int n = 0; n < 3; n++) {
                    for (int d = 0; d < steps; d++) {
                        if (here.graph().order().isNatural()) {
                            order++;
                            if (here.config().data().levels() == 0) {
                                assertThat(found.real(n, d)).isEqualTo(expected.real(n, d));
                            } else {
                                assertThat(found.level(n, d)).isEqualTo(expected.level(n, d));
                            }
                        }
                    }
                }
                assertThat(order == 0).isEqualTo(!here.graph().order().isNatural());
            }
        }
    }

    /** By passes over forecasts, too. */
    @ParameterizedTest
    @MethodSource("cases")
    void samplesByForecastsAreTheProcessors(GoldenCase golden) throws IOException {
        try (Model here = Model.load(golden.model(), Device.cpu(1));
                Model there = Model.load(golden.model(), DEVICE);
                Safetensors recorded = golden.open()) {
            int length = here.config().data().length().orElse(9);
            Condition condition = GoldenCase.condition(recorded).slice(0, 1).repeated(3);
            SampleOptions options = SampleOptions.count(3).withSeed(5).withLength(length);
            try (Sampler cached = here.sampler(options, condition)) {
                Examples expected = cached.draw();
                for (SampleOptions.Method method : FORECASTS) {
                    try (Sampler found = there.sampler(options.withMethod(method), condition)) {
                        Examples drawn = found.draw();
                        if (expected.real()) {
                            assertThat(drawn.reals()).as("%s", method).containsExactly(expected.reals());
                        } else {
                            assertThat(drawn.levels()).as("%s", method).containsExactly(expected.levels());
                        }
                    }
                }
            }
        }
    }

    @Test
    void whatADeviceDoesNotDoIsRefusedAndNotDoneByTheProcessor() throws IOException, URISyntaxException {
        GoldenCase images = named("pixelcnn_pp-grey");
        try (Model model = Model.load(images.model(), DEVICE);
                Safetensors recorded = images.open()) {
            Examples x = GoldenCase.examples(recorded, "x");
            assertThatThrownBy(() -> model.profile(1, x.length(), 1, Condition.none()))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessage("profiles on cuda:0: the processor alone does that; use the CPU");
        }
        assertThatThrownBy(() -> Model.load(images.model(), DEVICE, Precision.INT8_DYNAMIC))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessage("precision int8-dynamic on cuda:0: the processor alone does that; use the CPU");
    }

    /** By gradients of the data, and by outputs of other levels where there are none. */
    @ParameterizedTest
    @MethodSource("dev.gatun.SensitivityTest#cases")
    void outputsChangeWithWhatTheyDoOnTheProcessor(GoldenCase golden) throws IOException {
        try (Model here = Model.load(golden.model(), Device.cpu(1));
                Model there = Model.load(golden.model(), DEVICE)) {
            int length = here.config().data().length().orElse(12);
            Sensitivity expected = here.sensitivity(length, length - 1, 3, 1);
            Sensitivity found = there.sensitivity(length, length - 1, 3, 1);
            assertThat(found.gradients()).isEqualTo(expected.gradients());
            assertThat(found.found()).containsExactly(expected.found());
            assertThat(found.magnitudes()).containsExactly(expected.magnitudes(), within(1e-5f));
        }
    }

    @Test
    void valuesComputedAgainAndPositionsThatDoNotCountAreTheProcessors() throws IOException, URISyntaxException {
        GoldenCase images = named("pixelcnn_pp-rgb");
        try (Model here = Model.load(images.model(), Device.cpu(1));
                Model there = Model.load(images.model(), DEVICE);
                Safetensors recorded = images.open();
                TrainingPass expected = new TrainingPass(here, 2, TrainingDraws.NONE);
                TrainingPass found = new TrainingPass(there, 2, TrainingDraws.NONE, true)) {
            Examples x = GoldenCase.examples(recorded, "x");
            int[] all = IntStream.range(0, x.count()).toArray();
            Condition condition = GoldenCase.condition(recorded);
            found.lossAndGradient(x, condition, all);
            assertThat(found.lossAndGradient(x, condition, all)).isEqualTo(expected.lossAndGradient(x, condition, all));
            assertSameGradients(here, expected, found);
        }
        GoldenCase text = named("rnn_arm-tanh-text");
        try (Model here = Model.load(text.model(), Device.cpu(1));
                Model there = Model.load(text.model(), DEVICE);
                Safetensors recorded = text.open();
                TrainingPass expected = new TrainingPass(here, 2);
                TrainingPass found = new TrainingPass(there, 2)) {
            Examples x = GoldenCase.examples(recorded, "x");
            int[] all = IntStream.range(0, x.count()).toArray();
            Scored scored = new Scored(filled(x.count(), 1), filled(x.count(), x.length() - 1));
            assertThat(found.lossAndGradient(x, Condition.none(), all, scored, 0))
                    .isEqualTo(expected.lossAndGradient(x, Condition.none(), all, scored, 0));
            assertSameGradients(here, expected, found);
        }
    }

    @Test
    void whatStepsDropIsTheProcessors() throws IOException, URISyntaxException {
        for (String name : List.of("pixelcnn_pp-grey", "rnn_arm-lstm-stacked")) {
            GoldenCase golden = named(name);
            TrainingDraws dropout = new TrainingDraws(MaskTraining.AVERAGE, 0.4, 1);
            try (Model here = Model.load(golden.model(), Device.cpu(1));
                    Model there = Model.load(golden.model(), DEVICE);
                    Safetensors recorded = golden.open();
                    TrainingPass expected = new TrainingPass(here, 2, dropout);
                    TrainingPass found = new TrainingPass(there, 2, dropout)) {
                Examples x = GoldenCase.examples(recorded, "x");
                int[] all = IntStream.range(0, x.count()).toArray();
                Condition none = GoldenCase.condition(recorded);
                double plain = expected.loss(x, none, all);
                for (long step : new long[] {3, 4}) {
                    double loss = expected.lossAndGradient(x, none, all, null, step);
                    assertThat(loss).isNotEqualTo(plain);
                    assertThat(found.lossAndGradient(x, none, all, null, step)).isEqualTo(loss);
                    assertSameGradients(here, expected, found);
                    assertThat(found.loss(x, none, all)).isEqualTo(plain);
                }
            }
        }
    }

    private static int[] filled(int count, int value) {
        return IntStream.generate(() -> value).limit(count).toArray();
    }

    private static void assertSameGradients(Model model, TrainingPass expected, TrainingPass found) {
        for (String name : model.parameterNames()) {
            float[] wanted = expected.gradient(name);
            double largest = IntStream.range(0, wanted.length)
                    .mapToDouble(i -> Math.abs(wanted[i]))
                    .max()
                    .orElse(0);
            float[] gradient = found.gradient(name);
            for (int i = 0; i < wanted.length; i++) {
                assertThat((double) gradient[i])
                        .as("%s[%d]", name, i)
                        .isCloseTo(wanted[i], within(1e-5 * Math.max(largest, 1e-7)));
            }
        }
    }

    private static GoldenCase named(String name) throws IOException, URISyntaxException {
        return GoldenCase.all().stream()
                .filter(golden -> golden.toString().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
