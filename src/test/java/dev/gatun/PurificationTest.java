package dev.gatun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatun.family.DataSpec;
import dev.gatun.family.DistributionSpec;
import dev.gatun.file.Safetensors;
import dev.gatun.score.Purification;
import java.io.IOException;
import java.net.URISyntaxException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Purification against its definition: a whole pass for each position, whose likeliest level within the distance is taken. */
class PurificationTest {
    static List<GoldenCase> cases() throws IOException, URISyntaxException {
        return GoldenCase.all().stream()
                .filter(PurificationTest::hasOrderedLevels)
                .toList();
    }

    private static boolean hasOrderedLevels(GoldenCase golden) {
        try (Model model = Model.load(golden.model(), Device.cpu(1))) {
            DataSpec data = model.config().data();
            return model.masks() == 1 && data.levels() > 0 && !(data instanceof DataSpec.Text);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void valuesAreTheLikeliestWithinTheDistance(GoldenCase golden) throws IOException {
        try (Model model = Model.load(golden.model(), Device.cpu(2));
                Safetensors file = golden.open()) {
            Examples examples = GoldenCase.examples(file, "x");
            Condition condition = GoldenCase.condition(file);
            for (int distance : new int[] {1, 3}) {
                AtomicInteger done = new AtomicInteger();
                Examples purified = new Purification(model, distance).of(examples, condition, done::set);
                assertThat(purified.levels()).containsExactly(defined(model, examples, condition, distance));
                assertThat(done).hasValue(examples.count() * examples.length());
            }
            assertThat(new Purification(model, 0)
                            .of(examples, condition, _ -> {})
                            .levels())
                    .containsExactly(examples.levels());
        }
    }

    /** A pass for each place of the chain. */
    private static int[] defined(Model model, Examples examples, Condition condition, int distance) {
        int length = examples.length();
        int[] layout = examples.levels().clone();
        for (int place = 0; place < length; place++) {
            int position = model.graph().order().position(place);
            Outputs outputs = model.outputs(Examples.ofLevels(examples.count(), length, layout.clone()), condition);
            for (int n = 0; n < examples.count(); n++) {
                int[] positions = new int[length];
                model.config().data().toPositions(layout, n * length, positions, 0, length);
                positions[position] = likeliest(model, outputs, examples.count(), n, position, positions, distance);
                model.config().data().toLayout(positions, 0, layout, n * length, length);
            }
        }
        return layout;
    }

    private static int likeliest(
            Model model, Outputs outputs, int count, int n, int position, int[] positions, int distance) {
        int length = positions.length;
        int width = model.distribution().outputs();
        boolean image = model.config().family().imageOnly();
        int channels = image ? model.config().data().channels() : 1;
        int places = length / channels;
        int all = outputs.values().length / (count * places);
        int channel = position % channels;
        int first = all == width ? 0 : channel * width;
        float[] found = new float[width];
        for (int p = 0; p < width; p++) {
            found[p] = outputs.values()[(n * all + first + p) * places + position / channels];
        }
        double[] weights = weights(model, found, channel, Arrays.copyOfRange(positions, position - channel, position));
        int given = positions[position];
        int best = given;
        for (int away = 1; away <= distance; away++) {
            for (int level : new int[] {given - away, given + away}) {
                if (level >= 0 && level < weights.length && weights[level] > weights[best]) {
                    best = level;
                }
            }
        }
        return best;
    }

    /** What grows with the probability of each level: logits where there are such, else the frequencies of the distribution. */
    private static double[] weights(Model model, float[] outputs, int channel, int[] earlier) {
        DistributionSpec.Type type = model.config().distribution().type();
        if (type == DistributionSpec.Type.BERNOULLI) {
            return new double[] {0, outputs[0]};
        }
        double[] weights = new double[model.config().data().levels()];
        if (type == DistributionSpec.Type.CATEGORICAL) {
            Arrays.setAll(weights, level -> outputs[level]);
            return weights;
        }
        LevelDistribution distribution = LevelDistribution.of(model.config());
        distribution.set(outputs, 0, channel, earlier);
        Arrays.setAll(weights, distribution::frequency);
        return weights;
    }

    /** Neither the others, nor how many fit side by side, nor threads have a say. */
    @Test
    void examplesArePurifiedAloneOrTogether() {
        try (Model one = Model.bundled("digits", Device.cpu(1));
                Model two = Model.bundled("digits", Device.cpu(2));
                Sampler sampler = one.sampler(SampleOptions.count(300).withTemperature(2))) {
            Examples noisy = sampler.draw();
            Purification purification = new Purification(one, 2);
            Examples together = purification.of(noisy, Condition.none(), _ -> {});
            assertThat(new Purification(two, 2)
                            .of(noisy, Condition.none(), _ -> {})
                            .levels())
                    .containsExactly(together.levels());
            for (int n : new int[] {0, 255, 256, 299}) {
                assertThat(purification
                                .of(noisy.range(n, n + 1), Condition.none(), _ -> {})
                                .levels())
                        .containsExactly(together.range(n, n + 1).levels());
            }
            for (int i = 0; i < noisy.levels().length; i++) {
                assertThat(Math.abs(noisy.levels()[i] - together.levels()[i])).isLessThanOrEqualTo(2);
            }
            assertThat(one.logLikelihood(together).meanNats())
                    .isLessThan(one.logLikelihood(noisy).meanNats() - 20);
        }
    }

    @Test
    void whatHasNoOrderedLevelsIsRefused() throws IOException, URISyntaxException {
        for (GoldenCase golden : GoldenCase.all()) {
            try (Model model = Model.load(golden.model(), Device.cpu(1))) {
                if (golden.toString().equals("linear_ar-3") || golden.toString().equals("markov-text")) {
                    assertThatThrownBy(() -> new Purification(model, 1))
                            .hasMessageContaining("found data of kind", "expected levels in an order");
                } else if (golden.toString().equals("made-masks-direct")) {
                    Examples examples = Examples.ofLevels(
                            1,
                            model.config().data().length().orElseThrow(),
                            new int[model.config().data().length().orElseThrow()]);
                    assertThatThrownBy(() -> new Purification(model, 1).of(examples, Condition.none(), _ -> {}))
                            .hasMessageContaining("an ensemble of");
                }
            }
        }
        try (Model model = Model.bundled("digits")) {
            assertThatThrownBy(() -> new Purification(model, -1)).hasMessageContaining("distance: found -1");
            Purification purification = new Purification(model, 1);
            int[] levels = new int[64];
            levels[9] = 17;
            assertThatThrownBy(() -> purification.of(Examples.ofLevels(1, 64, levels), Condition.none(), _ -> {}))
                    .hasMessageContaining("found level 17 at value 9 of example 0, expected 0..16");
            assertThatThrownBy(() -> purification.of(Examples.ofLevels(1, 63, new int[63]), Condition.none(), _ -> {}))
                    .hasMessageContaining("63 positions");
        }
    }
}
