package dev.gatun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.gatun.SampleOptions.Method;
import dev.gatun.family.DataSpec;
import dev.gatun.family.Initialization;
import dev.gatun.family.ModelConfig;
import dev.gatun.file.Json;
import dev.gatun.file.Safetensors;
import dev.gatun.graph.WindowPass;
import dev.gatun.tensor.Parameters;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.URISyntaxException;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Windows of forecasts on a device: the emulated one, or the first of the library that tests are started with. */
@ExtendWith(EmulatedDevice.class)
class CudaForecastTest {
    private static final Device DEVICE = EmulatedDevice.DEVICE;
    private static final Set<Method> FORECASTS =
            EnumSet.of(Method.PREDICTIVE, Method.JACOBI, Method.GS_JACOBI, Method.AUTO);
    private static final int LENGTH = 24 * 8;
    private static final Set<String> WITHOUT_HEADS = Set.of("made", "nade", "fvsbn");

    static List<GoldenCase> cases() throws IOException, URISyntaxException {
        return GoldenCase.all();
    }

    /** Of what is no grid the emulated device has no steps, which are tried beside forecasts. */
    private static Set<Method> methods(Model model) {
        boolean grid = model.config().data() instanceof DataSpec.Image image
                && image.height() == model.graph().grid().rows()
                && WindowPass.suits(model.bounds().getFirst());
        return grid ? FORECASTS : EnumSet.complementOf(EnumSet.of(Method.CACHED, Method.FULL, Method.AUTO));
    }

    private static int[] draw(Model model, SampleOptions options, Known known) {
        try (Sampler sampler = model.sampler(options, Condition.none(), known)) {
            return sampler.draw().levels();
        }
    }

    /** Also the second time, with what was written down the first, and bit by bit. */
    @ParameterizedTest
    @MethodSource("cases")
    void samplesAreTheProcessorsHoweverTheyAreAskedFor(GoldenCase golden) throws IOException {
        try (Model here = Model.load(golden.model(), Device.cpu(1));
                Model there = Model.load(golden.model(), DEVICE);
                Safetensors recorded = golden.open()) {
            int length = here.config().data().length().orElse(9);
            Condition condition = GoldenCase.condition(recorded).slice(0, 1).repeated(2);
            SampleOptions options = SampleOptions.count(2).withSeed(6).withLength(length);
            try (Sampler cached = here.sampler(options, condition)) {
                Examples expected = cached.draw();
                for (Method method : methods(here)) {
                    try (Sampler found = there.sampler(options.withMethod(method), condition)) {
                        assertSame(found.draw(), expected);
                        found.restart();
                        found.advance(length / 2);
                        found.advance(0);
                        assertSame(found.draw(), expected);
                    }
                }
                assertKnown(here, there, options, condition, expected);
            }
        }
    }

    private static void assertKnown(
            Model here, Model there, SampleOptions options, Condition condition, Examples values) {
        if (here.masks() > 1) {
            return;
        }
        boolean[] marks = new boolean[values.length()];
        // Channels of a pixel alike.
        int channels = here.config().data() instanceof DataSpec.Image image ? image.channels() : 1;
        int pixels = marks.length / channels;
        IntStream.range(0, marks.length).forEach(d -> marks[d] = d % pixels < 2 || d % pixels % 3 == 1);
        Known known = Known.of(values, marks);
        SampleOptions other = options.withSeed(7);
        try (Sampler cached = here.sampler(other, condition, known);
                Sampler found = there.sampler(other.withMethod(Method.GS_JACOBI), condition, known)) {
            assertSame(found.draw(), cached.draw());
        }
    }

    private static void assertSame(Examples found, Examples expected) {
        if (expected.real()) {
            assertThat(found.reals()).containsExactly(expected.reals());
        } else {
            assertThat(found.levels()).containsExactly(expected.levels());
        }
    }

    /** Of images of 24 rows, of which a full batch has windows of four; values depend much on those before. */
    private static Model images(Device device) {
        ModelConfig config = ModelConfig.parse(Json.parse("""
                {"format": 1, "architecture": "gated_pixelcnn",
                 "data": {"kind": "image", "height": 24, "width": 8, "channels": 1, "levels": 3},
                 "distribution": {"type": "categorical"}, "features": 4, "layers": 2, "head_features": 4,
                 "input": "one_hot"}"""));
        try (Arena arena = Arena.ofConfined()) {
            Parameters parameters = config.family().layout(config).allocate(arena);
            Initialization.initialise(config, parameters, 5);
            MemorySegment all = parameters.all();
            for (long i = 0; i < all.byteSize() / Float.BYTES; i++) {
                all.setAtIndex(ValueLayout.JAVA_FLOAT, i, 4 * all.getAtIndex(ValueLayout.JAVA_FLOAT, i));
            }
            return Model.of(config, parameters, device);
        }
    }

    /** More samples than a batch has, of which the last one is short. */
    @ParameterizedTest
    @EnumSource(
            value = Method.class,
            names = {"PREDICTIVE", "JACOBI", "GS_JACOBI"})
    void batchesGoOneAfterTheOther(Method method) {
        try (Model here = images(Device.cpu(2));
                Model there = images(DEVICE)) {
            SampleOptions options = SampleOptions.count(270).withSeed(4);
            int[] expected = draw(here, options, Known.nothing());
            try (Sampler sampler = there.sampler(options.withMethod(method))) {
                // Both batches, again and again: each time the other's maps are there.
                for (int done : new int[] {9, 20, 80}) {
                    sampler.advance(done - sampler.position());
                    for (int d = 0; d < done; d++) {
                        assertThat(sampler.level(269, d)).isEqualTo(expected[269 * LENGTH + d]);
                        assertThat(sampler.level(0, d)).isEqualTo(expected[d]);
                    }
                }
                assertThat(sampler.draw().levels()).containsExactly(expected);
            }
        }
    }

    /** Whatever is known, at the beginning, in the middle, or all of it. */
    @ParameterizedTest
    @EnumSource(
            value = Method.class,
            names = {"PREDICTIVE", "JACOBI", "GS_JACOBI", "AUTO"})
    void whatIsKnownIsKept(Method method) {
        try (Model here = images(Device.cpu(1));
                Model there = images(DEVICE)) {
            SampleOptions options = SampleOptions.count(70).withSeed(2);
            Examples examples = Examples.ofLevels(
                    70,
                    LENGTH,
                    IntStream.range(0, 70 * LENGTH).map(d -> d % 7 / 3).toArray());
            for (int from : new int[] {0, 20}) {
                for (int to : new int[] {21, 130, LENGTH}) {
                    boolean[] marks = new boolean[LENGTH];
                    IntStream.range(from, to).forEach(d -> marks[d] = true);
                    Known known = Known.of(examples, marks);
                    assertThat(draw(there, options.withMethod(method), known))
                            .as("known %d..%d", from, to)
                            .containsExactly(draw(here, options, known));
                }
            }
        }
    }

    /** Windows compute what is new, and the window itself again: much less than as many whole passes. */
    @ParameterizedTest
    @CsvSource({"GS_JACOBI, 64, 0.1", "PREDICTIVE, 64, 0.75", "PREDICTIVE, 250, 0.25", "JACOBI, 250, 0.99"})
    void windowsComputeLessThanWholePasses(Method method, int count, double share) {
        try (Model here = images(Device.cpu(1));
                Model there = images(DEVICE)) {
            SampleOptions options = SampleOptions.count(count).withSeed(3);
            int[] expected = draw(here, options, Known.nothing());
            try (Sampler sampler = there.sampler(options.withMethod(method))) {
                assertThat(sampler.draw().levels()).containsExactly(expected);
                long passes = sampler.passes();
                double work = sampler.wholePasses();
                assertThat(work).isGreaterThan(count).isLessThan(share * passes);
                sampler.restart();
                assertThat(sampler.draw().levels()).containsExactly(expected);
                assertThat(sampler.passes()).isEqualTo(2 * passes);
                assertThat(sampler.wholePasses()).isCloseTo(2 * work, within(1e-6));
            }
        }
    }

    /** Of sequences, stretches of 64 places where layers go place after place, or the samples are many. */
    @Test
    void longSequencesHaveWindowsToo() throws IOException, URISyntaxException {
        for (String name : List.of("rnn_arm-tanh-text", "rnn_arm-lstm-stacked")) {
            GoldenCase golden = named(name);
            try (Model here = Model.load(golden.model(), Device.cpu(1));
                    Model there = Model.load(golden.model(), DEVICE);
                    Safetensors recorded = golden.open()) {
                Condition condition = GoldenCase.condition(recorded).slice(0, 1).repeated(2);
                int length = here.config().data().length().orElse(150);
                SampleOptions options = SampleOptions.count(2).withSeed(6).withLength(length);
                try (Sampler cached = here.sampler(options, condition)) {
                    Examples expected = cached.draw();
                    for (Method method : methods(here)) {
                        try (Sampler found = there.sampler(options.withMethod(method), condition)) {
                            assertSame(found.draw(), expected);
                        }
                    }
                }
            }
        }
    }

    @Test
    void manySequencesHaveWindowsToo() {
        ModelConfig config = ModelConfig.parse(Json.parse("""
                {"format": 1, "architecture": "markov", "data": {"kind": "sequence", "length": 200, "levels": 5},
                 "distribution": {"type": "categorical"}}"""));
        try (Arena arena = Arena.ofConfined()) {
            Parameters parameters = config.family().layout(config).allocate(arena);
            MemorySegment transitions = parameters.get("transition_logits");
            for (int level = 0; level < 5; level++) {
                transitions.setAtIndex(ValueLayout.JAVA_FLOAT, level * 5 + (level + 1) % 5, 2f);
            }
            try (Model here = Model.of(config, parameters, Device.cpu(1));
                    Model there = Model.of(config, parameters, DEVICE)) {
                SampleOptions options = SampleOptions.count(130).withSeed(3);
                int[] expected = draw(here, options, Known.nothing());
                for (Method method : List.of(Method.PREDICTIVE, Method.GS_JACOBI)) {
                    try (Sampler sampler = there.sampler(options.withMethod(method))) {
                        assertThat(sampler.draw().levels()).containsExactly(expected);
                        assertThat(sampler.wholePasses()).isLessThan(0.5 * sampler.passes());
                    }
                }
            }
        }
    }

    /** Heads read the features that the device has computed; they save passes and change no sample. */
    @ParameterizedTest
    @MethodSource("cases")
    void learnedForecastsChangeNoSample(GoldenCase golden) throws IOException {
        try (Model here = Model.load(golden.model(), Device.cpu(1));
                Model there = Model.load(golden.model(), DEVICE);
                Safetensors recorded = golden.open()) {
            String family = golden.toString().split("-", 2)[0];
            String distribution = here.config().distribution().type().jsonName();
            if (WITHOUT_HEADS.contains(family)
                    || !Set.of("bernoulli", "categorical").contains(distribution)) {
                return;
            }
            Forecast forecast = Forecast.create(here, 3, 8, 5);
            int length = here.config().data().length().orElse(9);
            Condition condition = GoldenCase.condition(recorded).slice(0, 1).repeated(3);
            SampleOptions options = SampleOptions.count(3).withSeed(5).withLength(length);
            try (Sampler cached = here.sampler(options, condition)) {
                Examples expected = cached.draw();
                for (Method method : List.of(Method.GS_JACOBI, Method.PREDICTIVE)) {
                    try (Sampler found =
                            there.sampler(options.withMethod(method), condition, Known.nothing(), forecast)) {
                        assertSame(found.draw(), expected);
                    }
                }
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
