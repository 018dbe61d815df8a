package dev.gatun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.gatun.SampleOptions.Method;
import dev.gatun.family.ModelConfig;
import dev.gatun.file.FormatException;
import dev.gatun.file.Json;
import dev.gatun.file.Safetensors;
import dev.gatun.tensor.Parameters;
import dev.gatun.train.ExampleSet;
import dev.gatun.train.ExampleSource;
import dev.gatun.train.ForecastObjective;
import dev.gatun.train.Optimizer;
import dev.gatun.train.Trainer;
import dev.gatun.train.TrainerOptions;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Forecasting heads: they learn, they save passes, and samples stay what they are. */
class LearnedForecastTest {
    private static final int LENGTH = 40;
    private static final int LEVELS = 5;
    private static final Set<String> REFUSED = Set.of("made", "nade", "fvsbn");

    @TempDir
    private Path folder;

    static List<GoldenCase> cases() throws IOException, URISyntaxException {
        return GoldenCase.all();
    }

    private static ModelConfig config() {
        return ModelConfig.parse(Json.parse("""
                {"format": 1, "architecture": "markov", "data": {"kind": "sequence", "length": 40, "levels": 5},
                 "distribution": {"type": "categorical"}}"""));
    }

    /** A chain whose next value is surely the one before it and one more, but the first, which is any. */
    private static Model chain() {
        try (Arena arena = Arena.ofConfined()) {
            Parameters parameters = config().family().layout(config()).allocate(arena);
            MemorySegment transitions = parameters.get("transition_logits");
            for (int level = 0; level < LEVELS; level++) {
                transitions.setAtIndex(ValueLayout.JAVA_FLOAT, level * LEVELS + (level + 1) % LEVELS, 12f);
            }
            return Model.of(config(), parameters, Device.cpu(1));
        }
    }

    private static Forecast trained(Model model, Examples examples, int horizon) throws IOException {
        Forecast start = Forecast.create(model, horizon, 16, 1);
        TrainerOptions options = TrainerOptions.builder()
                .optimizer(Optimizer.Adam.of(0.02))
                .batchSize(16)
                .epochs(15)
                .build();
        try (ForecastObjective objective =
                new ForecastObjective(model, start, ExampleSource.of(ExampleSet.of(examples)), null, 16, LENGTH)) {
            new Trainer(objective, options).run();
            return objective.trained();
        }
    }

    private static SampleOptions options(int count) {
        return SampleOptions.count(count).withSeed(3).withMethod(Method.PREDICTIVE);
    }

    private static Sampler sampler(Model model, SampleOptions options, Forecast forecast) {
        return model.sampler(options, Condition.none(), Known.nothing(), forecast);
    }

    /** Fixed-point forecasts win about one position of such a chain a pass; heads that know its rule win what they see ahead. */
    @Test
    void learnedForecastsTakeFewerPassesToTheSameSamples() throws IOException {
        try (Model model = chain();
                Sampler cached = model.sampler(options(8).withMethod(Method.CACHED));
                Sampler other = model.sampler(options(64).withSeed(7).withMethod(Method.CACHED));
                Sampler fixed = model.sampler(options(8))) {
            Forecast forecast = trained(model, other.draw(), 6);
            Examples expected = cached.draw();
            assertThat(fixed.draw().levels()).containsExactly(expected.levels());
            try (Sampler learned = sampler(model, options(8), forecast);
                    Sampler naive = sampler(model, options(8), Forecast.create(model, 6, 16, 1))) {
                assertThat(learned.draw().levels()).containsExactly(expected.levels());
                assertThat(naive.draw().levels()).containsExactly(expected.levels());
                assertThat(fixed.passes()).isGreaterThan(8L * LENGTH / 2);
                assertThat(learned.passes()).isLessThan(fixed.passes() / 3);
                assertThat(learned.passes()).isLessThan(naive.passes() / 3);
            }
        }
    }

    /** Whatever heads forecast, all families draw the same bytes; those without forecasts say so. */
    @ParameterizedTest
    @MethodSource("cases")
    void samplesStayWhatTheyAre(GoldenCase golden) throws IOException {
        try (Model model = Model.load(golden.model());
                Safetensors recorded = golden.open()) {
            String family = golden.toString().split("-", 2)[0];
            String distribution = model.config().distribution().type().jsonName();
            if (REFUSED.contains(family) || !Set.of("bernoulli", "categorical").contains(distribution)) {
                assertThatThrownBy(() -> Forecast.create(model, 3, 8, 0))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining(REFUSED.contains(family) ? family : distribution);
                return;
            }
            Examples expected = GoldenCase.examples(recorded, "samples");
            Condition condition = GoldenCase.condition(recorded);
            Forecast forecast = Forecast.create(model, 3, 8, 5);
            SampleOptions options = SampleOptions.count(expected.count())
                    .withSeed(Long.parseUnsignedLong(recorded.metadata().get("seed")))
                    .withTemperature(Float.parseFloat(recorded.metadata().get("temperature")))
                    .withLength(expected.length())
                    .withMethod(Method.PREDICTIVE);
            Condition rows = condition.slice(0, expected.count());
            try (Sampler sampler = model.sampler(options, rows, Known.nothing(), forecast)) {
                assertThat(sampler.draw().levels()).containsExactly(expected.levels());
            }
        }
    }

    /** The gradient is that of the loss, at weights of both layers. */
    @Test
    void gradientsAreThoseOfTheLoss() {
        try (Model model = Model.bundled("mnist")) {
            Examples examples = Examples.ofLevels(
                    3, 784, IntStream.range(0, 3 * 784).map(i -> i * 7 % 11 / 8).toArray());
            int[] chosen = {0, 2, 1};
            try (ForecastPass pass = new ForecastPass(model, Forecast.create(model, 4, 8, 2), 2, 784)) {
                double loss = pass.lossAndGradient(examples, Condition.none(), chosen);
                assertThat(loss).isEqualTo(pass.loss(examples, Condition.none(), chosen));
                for (String name : pass.parameters().names()) {
                    check(pass, examples, chosen, name, 1);
                    check(pass, examples, chosen, name, 3);
                }
            }
        }
    }

    private static void check(ForecastPass pass, Examples examples, int[] chosen, String name, int index) {
        MemorySegment values = pass.parameters().get(name);
        long at = pass.parameters().offset(name) + index;
        double expected = pass.gradient().getAtIndex(ValueLayout.JAVA_FLOAT, at);
        float value = values.getAtIndex(ValueLayout.JAVA_FLOAT, index);
        float step = 0.02f;
        values.setAtIndex(ValueLayout.JAVA_FLOAT, index, value + step);
        double above = pass.loss(examples, Condition.none(), chosen);
        values.setAtIndex(ValueLayout.JAVA_FLOAT, index, value - step);
        double below = pass.loss(examples, Condition.none(), chosen);
        values.setAtIndex(ValueLayout.JAVA_FLOAT, index, value);
        assertThat((above - below) / (2 * step)).as(name).isCloseTo(expected, within(0.05 + Math.abs(expected) * 0.02));
    }

    @Test
    void filesBelongToTheirModel() throws IOException {
        Path file = folder.resolve("heads.safetensors");
        try (Model model = chain();
                Model digits = Model.bundled("digits")) {
            Forecast.create(model, 6, 16, 1).save(file);
            Forecast loaded = Forecast.load(file, model);
            assertThat(loaded.horizon()).isEqualTo(6);
            assertThat(loaded.parameters()
                            .all()
                            .mismatch(Forecast.create(model, 6, 16, 1)
                                    .parameters()
                                    .all()))
                    .isEqualTo(-1);
            assertThatThrownBy(() -> Forecast.load(file, digits))
                    .isInstanceOf(FormatException.class)
                    .hasMessageContaining("expected this model's fingerprint");
            assertThatThrownBy(() -> sampler(digits, options(1), loaded))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("another model");
            assertThatThrownBy(() -> sampler(model, options(1).withMethod(Method.CACHED), loaded))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("cached");
            Path other = folder.resolve("model.safetensors");
            model.save(other);
            assertThatThrownBy(() -> Forecast.load(other, model))
                    .isInstanceOf(FormatException.class)
                    .hasMessageContaining("gatun.forecast: missing");
            assertThatThrownBy(() -> Forecast.create(model, 0, 8, 0)).hasMessageContaining("horizon");
        }
    }
}
