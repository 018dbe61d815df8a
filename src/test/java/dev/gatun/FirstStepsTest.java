package dev.gatun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.gatun.family.Families;
import dev.gatun.file.Json;
import dev.gatun.file.JsonException;
import dev.gatun.file.Safetensors;
import dev.gatun.train.ExampleSet;
import dev.gatun.train.ModelObjective;
import dev.gatun.train.Optimizer;
import dev.gatun.train.ProgressListener;
import dev.gatun.train.Trainer;
import dev.gatun.train.TrainerOptions;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** From the same weights, batches and settings, the losses of the first 20 steps are PyTorch's. */
class FirstStepsTest {
    private static final double TOLERANCE = 1e-4;

    private static List<GoldenCase> all() throws IOException, URISyntaxException {
        URL url = Objects.requireNonNull(FirstStepsTest.class.getResource("/training/README.md"));
        Path folder = Objects.requireNonNull(Path.of(url.toURI()).getParent());
        try (Stream<Path> folders = Files.list(folder)) {
            return folders.filter(Files::isDirectory)
                    .sorted()
                    .map(GoldenCase::new)
                    .toList();
        }
    }

    private static String family(GoldenCase recorded) {
        return recorded.toString().split("-", 2)[0];
    }

    static List<GoldenCase> cases() throws IOException, URISyntaxException {
        List<String> computed = Model.computed();
        return all().stream()
                .filter(recorded -> computed.contains(family(recorded)))
                .toList();
    }

    @Test
    void everyFamilyHasACase() throws IOException, URISyntaxException {
        assertThat(all().stream().map(FirstStepsTest::family).collect(Collectors.toSet()))
                .containsExactlyInAnyOrderElementsOf(Families.names());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void lossesArePyTorchs(GoldenCase recorded) throws IOException, JsonException {
        try (Model model = Model.load(recorded.model(), Device.cpu(1));
                Safetensors file = recorded.open()) {
            ExampleSet data = new ExampleSet(GoldenCase.examples(file, "x"), GoldenCase.condition(file));
            float[] expected = file.floats("losses.double");
            int[][] batches = batches(file, expected.length);
            List<Double> found = new ArrayList<>();
            try (ModelObjective objective = new ModelObjective(model, data, null, batches[0].length)) {
                TrainerOptions options = options(file, batches[0].length, batches.length);
                new Trainer(new Fixed(objective, batches), options).run(new ProgressListener() {
                    @Override
                    public void stepEnded(int epoch, int batch, int count, double nats) {
                        found.add(nats);
                    }
                });
            }
            assertThat(found).hasSize(expected.length);
            for (int step = 0; step < expected.length; step++) {
                assertThat(found.get(step))
                        .as("step %d", step + 1)
                        .isCloseTo((double) expected[step], within(TOLERANCE * Math.max(1, Math.abs(expected[step]))));
            }
        }
    }

    private static int[][] batches(Safetensors file, int steps) throws IOException {
        long[] all = file.longs("batches");
        int size = all.length / steps;
        int[][] batches = new int[steps][size];
        for (int i = 0; i < all.length; i++) {
            batches[i / size][i % size] = Math.toIntExact(all[i]);
        }
        return batches;
    }

    private static TrainerOptions options(Safetensors file, int batch, int steps) throws JsonException {
        String text = Objects.requireNonNull(file.metadata().get("settings"));
        Map<?, ?> settings = (Map<?, ?>) Objects.requireNonNull(Json.parse(text));
        return TrainerOptions.builder()
                .optimizer(optimizer(settings))
                .batchSize(batch)
                .maxSteps(steps)
                .gradientClip(number(settings, "gradient_clip"))
                .build();
    }

    private static Optimizer optimizer(Map<?, ?> settings) {
        double rate = number(settings, "learning_rate");
        double decay = number(settings, "weight_decay");
        double momentum = number(settings, "momentum");
        double beta1 = number(settings, "beta1");
        double beta2 = number(settings, "beta2");
        double epsilon = number(settings, "epsilon");
        String name = String.valueOf(settings.get("optimizer"));
        return switch (name) {
            case "sgd" -> new Optimizer.Sgd(rate, momentum, settings.containsKey("nesterov"), decay);
            case "rmsprop" -> new Optimizer.RmsProp(rate, number(settings, "alpha"), epsilon, momentum, decay);
            case "adam" -> new Optimizer.Adam(rate, beta1, beta2, epsilon, decay, settings.containsKey("decoupled"));
            case "adamax" -> new Optimizer.Adamax(rate, beta1, beta2, epsilon, decay);
            default -> throw new IllegalArgumentException("no optimiser " + name);
        };
    }

    private static double number(Map<?, ?> settings, String key) {
        return settings.get(key) instanceof Number value ? value.doubleValue() : 0;
    }

    /** An objective whose batches are those of a table, whatever the trainer chooses. */
    private static final class Fixed extends Travelling {
        private final int[][] batches;

        Fixed(ModelObjective of, int[][] batches) {
            super(of);
            this.batches = batches;
        }

        @Override
        public int validationExamples() {
            return 0;
        }

        @Override
        public double lossAndGradient(int[] examples, long step) {
            return super.lossAndGradient(batches[Math.toIntExact(step)], step);
        }

        @Override
        public double validationLoss() {
            throw new IllegalStateException("nothing to validate " + Arrays.toString(batches[0]));
        }
    }
}
