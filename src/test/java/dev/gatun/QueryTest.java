package dev.gatun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.gatun.file.Safetensors;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers against the enumeration of all examples, and against what normal distributions have in closed form. */
class QueryTest {
    private static final int MOST_EXAMPLES = 21_000;
    private static final int SAMPLES = 2_000;

    private static Model model(String name) throws IOException, URISyntaxException {
        return Model.load(folder(name).resolve("model.safetensors"), Device.cpu(2));
    }

    private static Path folder(String name) throws URISyntaxException {
        return Path.of(Objects.requireNonNull(QueryTest.class.getResource("/golden/" + name))
                .toURI());
    }

    private static Condition condition(String name) throws IOException, URISyntaxException {
        try (Safetensors file = Safetensors.open(folder(name).resolve("case.safetensors"))) {
            return GoldenCase.condition(file).slice(0, 1);
        }
    }

    /** All examples that there are, in the order of positions, with their probabilities. */
    private record Everything(int levels, int length, int[] positions, double[] probabilities) {
        static Everything of(Model model, Condition condition, int length) {
            int levels = model.config().data().levels();
            int count = (int) Math.round(Math.pow(levels, length));
            assertThat(count).isLessThanOrEqualTo(MOST_EXAMPLES);
            int[] positions = new int[count * length];
            int[] layout = new int[count * length];
            for (int n = 0, rest = 0; n < count; rest = ++n) {
                for (int d = 0; d < length; d++, rest /= levels) {
                    positions[n * length + d] = rest % levels;
                }
                model.config().data().toLayout(positions, n * length, layout, n * length, length);
            }
            double[] nats = model.logLikelihood(Examples.ofLevels(count, length, layout), condition.repeated(count))
                    .nats();
            return new Everything(
                    levels,
                    length,
                    positions,
                    Arrays.stream(nats).map(one -> Math.exp(-one)).toArray());
        }

        /** The probability that positions have these values; negative ones are not asked for. */
        double probability(int[] values) {
            double sum = 0;
            for (int n = 0; n < probabilities.length; n++) {
                int at = n * length;
                if (IntStream.range(0, length).allMatch(d -> values[d] < 0 || positions[at + d] == values[d])) {
                    sum += probabilities[n];
                }
            }
            return sum;
        }
    }

    /** What is known in one of some ways: nothing, the first half, the last value, some; -1 elsewhere. */
    private static int[] values(Model model, int length, int kind) {
        int[] values = new int[length];
        Random random = new Random(kind);
        for (int place = 0; place < length; place++) {
            boolean known = switch (kind) {
                case 0 -> false;
                case 1 -> place < length / 2;
                case 2 -> place == length - 1;
                default -> random.nextInt(3) == 0;
            };
            int position = model.graph().order().position(place);
            values[position] = known ? random.nextInt(model.config().data().levels()) : -1;
        }
        return values;
    }

    private static Known known(Model model, int[] values) {
        int[] layout = new int[values.length];
        model.config().data().toLayout(values, 0, layout, 0, values.length);
        boolean[] marks = new boolean[values.length];
        for (int i = 0; i < marks.length; i++) {
            marks[i] = layout[i] >= 0;
            layout[i] = Math.max(0, layout[i]);
        }
        return Known.of(Examples.ofLevels(1, values.length, layout), marks);
    }

    private static int[] unknown(int[] values) {
        return IntStream.range(0, values.length).filter(d -> values[d] < 0).toArray();
    }

    /** Within five standard errors, which are themselves right: squared, differences are as large as they say. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "fvsbn-rgb",
                "nade-ordering",
                "mlp_arm-mixed-types",
                "pixelcnn-row",
                "gated_pixelcnn-column",
                "gated_pixelcnn-spatial",
                "row_lstm-column",
                "markov-text",
                "rnn_arm-tanh-text",
                "wavenet-one-sample"
            })
    void answersAreThoseOfEnumeration(String name) throws IOException, URISyntaxException {
        try (Model model = model(name)) {
            int length = model.config().data().length().orElse(4);
            Condition condition = condition(name);
            Everything all = Everything.of(model, condition, length);
            double squares = 0;
            int numbers = 0;
            for (int kind = 0; kind < 5; kind++) {
                int[] values = values(model, length, kind);
                int[] asked = unknown(values);
                Query query = new Query(model, length, known(model, values), condition);
                Answer answer = query.answer(SAMPLES, 7, _ -> {}, asked);
                double evidence = all.probability(values);
                assertThat(answer.knownNats())
                        .isCloseTo(-Math.log(evidence), within(5 * answer.knownNatsError() + 1e-5));
                assertThat(answer.effectiveSamples()).isBetween(1.0, answer.samples() + 1e-6);
                for (int i = 0; i < asked.length; i++) {
                    LevelMarginal found = (LevelMarginal) answer.marginals().get(i);
                    assertThat(found.position()).isEqualTo(asked[i]);
                    assertThat(Arrays.stream(found.probabilities()).sum()).isCloseTo(1, within(1e-9));
                    for (int level = 0; level < all.levels(); level++) {
                        int[] with = values.clone();
                        with[asked[i]] = level;
                        double expected = all.probability(with) / evidence;
                        double error = found.errors()[level];
                        double away = found.probabilities()[level] - expected;
                        assertThat(away)
                                .as("known %d, position %d, level %d", kind, asked[i], level)
                                .isCloseTo(0, within(5 * error + 2e-6));
                        assertThat(error).isLessThan(2 / Math.sqrt(answer.effectiveSamples()));
                        if (error > 1e-4) {
                            squares += away * away / (error * error);
                            numbers++;
                        }
                    }
                }
            }
            assertThat(squares / numbers).isBetween(0.3, 2.5);
        }
    }

    @Test
    void theFirstUnknownPositionIsExact() throws IOException, URISyntaxException {
        try (Model model = model("nade-ordering")) {
            int[] values = values(model, 12, 1);
            int next = model.graph().order().position(6);
            Query query = new Query(model, 12, known(model, values), Condition.none());
            assertThat(query.exact(next)).isTrue();
            assertThat(query.reach(next)).isEqualTo(7);

            Answer alone = query.answer(500, 1, _ -> {}, next);
            Answer among = query.answer(500, 2, _ -> {}, unknown(values));

            assertThat(alone.samples()).isEqualTo(1);
            assertThat(alone.effectiveSamples()).isEqualTo(1);
            assertThat(alone.knownNatsError()).isZero();
            LevelMarginal first = (LevelMarginal) alone.marginals().getFirst();
            assertThat(first.exact()).isTrue();
            assertThat(first.errors()).containsOnly(0);
            assertThat(among.samples()).isEqualTo(500);
            for (Marginal marginal : among.marginals()) {
                boolean exact = marginal.position() == next;
                assertThat(marginal.exact()).isEqualTo(exact);
                if (exact) {
                    assertThat(((LevelMarginal) marginal).probabilities()).isEqualTo(first.probabilities());
                    assertThat(((LevelMarginal) marginal).errors()).containsOnly(0);
                }
            }
            int last = model.graph().order().position(11);
            int[] behind = values.clone();
            behind[last] = 1;
            assertThat(new Query(model, 12, known(model, behind), Condition.none()).exact(next))
                    .isFalse();
        }
    }

    /** What is known behind weighs the samples that a sampler draws. */
    @Test
    void samplesAreThoseOfASampler() throws IOException, URISyntaxException {
        try (Model model = model("mlp_arm-mixed-types")) {
            int count = 300;
            int[] values = {-1, -1, 1, -1, 0, -1, 1};
            boolean[] marks = new boolean[7];
            int[] rows = new int[count * 7];
            for (int i = 0; i < rows.length; i++) {
                marks[i % 7] = values[i % 7] >= 0;
                rows[i] = Math.max(0, values[i % 7]);
            }
            Examples drawn;
            Known known = Known.of(Examples.ofLevels(count, 7, rows), marks);
            try (Sampler sampler = model.sampler(SampleOptions.count(count).withSeed(9), Condition.none(), known)) {
                drawn = sampler.draw();
            }
            float[] logits = model.outputs(drawn).values();
            double[] sums = new double[7];
            double all = 0;
            for (int n = 0; n < count; n++) {
                double weight = 1;
                for (int d = 0; d < 7; d++) {
                    double one = 1 / (1 + Math.exp(-logits[n * 7 + d]));
                    weight *= values[d] < 0 ? 1 : values[d] == 1 ? one : 1 - one;
                }
                all += weight;
                for (int d = 0; d < 7; d++) {
                    sums[d] += weight * drawn.levels()[n * 7 + d];
                }
            }

            Query query = new Query(model, 7, known(model, values), Condition.none());
            Answer answer = query.answer(count, 9, _ -> {}, unknown(values));

            for (Marginal marginal : answer.marginals()) {
                assertThat(((LevelMarginal) marginal).probabilities()[1])
                        .isCloseTo(sums[marginal.position()] / all, within(1e-6));
            }
            assertThat(answer.knownNats()).isCloseTo(-Math.log(all / count), within(1e-5));
        }
    }

    /** Mixtures over the pixels of colour images: a channel's distribution is given the pixel's channels before it. */
    @Test
    void threadsDoNotMatter() throws IOException, URISyntaxException {
        for (String name : new String[] {"gated_pixelcnn-rgb-mixture", "pixelcnn_pp-grey", "linear_ar-3"}) {
            Answer[] answers = new Answer[2];
            for (int threads = 1; threads <= 2; threads++) {
                try (Model model = Model.load(folder(name).resolve("model.safetensors"), Device.cpu(threads))) {
                    int length = model.config().data().length().orElse(9);
                    Query query = new Query(model, length, Known.nothing(), condition(name));
                    answers[threads - 1] = query.answer(70, 3, _ -> {}, 0, 1, 2, 8);
                }
            }
            for (int i = 0; i < 4; i++) {
                Marginal one = answers[0].marginals().get(i);
                Marginal two = answers[1].marginals().get(i);
                if (one instanceof LevelMarginal levels) {
                    assertThat(levels.probabilities()).isEqualTo(((LevelMarginal) two).probabilities());
                    assertThat(levels.errors()).isEqualTo(((LevelMarginal) two).errors());
                } else {
                    assertThat(((RealMarginal) one).mean()).isEqualTo(((RealMarginal) two).mean());
                    assertThat(((RealMarginal) one).quantile(0.3)).isEqualTo(((RealMarginal) two).quantile(0.3));
                }
            }
        }
    }

    /** The counts of many samples agree with the mean distributions of a few. */
    @Test
    void coloursAreCountedAndExpected() throws IOException, URISyntaxException {
        try (Model model = model("gated_pixelcnn-rgb-mixture");
                Sampler sampler = model.sampler(
                        SampleOptions.count(4000).withSeed(5),
                        condition("gated_pixelcnn-rgb-mixture").repeated(4000))) {
            int[] asked = {3, 4, 5, 22};
            int[] counts = new int[4 * 16];
            sampler.advance(sampler.length());
            for (int n = 0; n < 4000; n++) {
                for (int i = 0; i < asked.length; i++) {
                    counts[i * 16 + sampler.level(n, asked[i])]++;
                }
            }
            Query query = new Query(model, sampler.length(), Known.nothing(), condition("gated_pixelcnn-rgb-mixture"));
            Answer answer = query.answer(400, 6, _ -> {}, asked);
            for (int i = 0; i < asked.length; i++) {
                LevelMarginal found = (LevelMarginal) answer.marginals().get(i);
                for (int level = 0; level < 16; level++) {
                    double counted = counts[i * 16 + level] / 4000.0;
                    double error = Math.hypot(found.errors()[level], Math.sqrt(counted * (1 - counted) / 4000));
                    assertThat(found.probabilities()[level]).isCloseTo(counted, within(5 * error + 1e-3));
                }
            }
        }
    }

    /**
     * A linear model of normal values: all are normal together, with {@code L (x - m) = D z} for unit lower triangular L, found
     * from the model's own outputs.
     */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void realsAreThoseOfTheJointNormal(int kind) throws IOException, URISyntaxException {
        try (Model model = model("linear_ar-3")) {
            int length = 6;
            float[] probes = new float[(length + 1) * length];
            for (int d = 0; d < length; d++) {
                probes[(d + 1) * length + d] = 1;
            }
            float[] outputs =
                    model.outputs(Examples.ofReals(length + 1, length, probes)).values();
            double[][] covariance = new double[length][length];
            double[] mean = new double[length];
            double[][] noise = new double[length][length]; // x = mean + noise z
            for (int d = 0; d < length; d++) {
                mean[d] = outputs[d];
                noise[d][d] = Math.exp(outputs[length + d]);
                for (int before = 0; before < d; before++) {
                    double slope = (double) outputs[(before + 1) * 2 * length + d] - outputs[d];
                    mean[d] += slope * mean[before];
                    for (int z = 0; z < d; z++) {
                        noise[d][z] += slope * noise[before][z];
                    }
                }
                for (int other = 0; other <= d; other++) {
                    for (int z = 0; z < length; z++) {
                        covariance[d][other] += noise[d][z] * noise[other][z];
                    }
                    covariance[other][d] = covariance[d][other];
                }
            }
            // Known: nothing, or one value; the normal distribution given it.
            int at = kind == 1 ? 0 : 4;
            int asked = kind == 1 ? 3 : 2;
            float value = (float) (mean[at] + 0.7 * Math.sqrt(covariance[at][at]));
            double gain = kind == 0 ? 0 : covariance[asked][at] / covariance[at][at];
            double expected = mean[asked] + gain * (value - mean[at]);
            double deviation = Math.sqrt(covariance[asked][asked] - gain * covariance[asked][at]);
            boolean[] marks = new boolean[length];
            float[] row = new float[length];
            marks[at] = kind > 0;
            row[at] = value;
            Known known = kind == 0 ? Known.nothing() : Known.of(Examples.ofReals(1, length, row), marks);

            Query query = new Query(model, length, known, Condition.none());
            Answer answer = query.answer(4000, 11, _ -> {}, asked);

            RealMarginal found = (RealMarginal) answer.marginals().getFirst();
            assertThat(found.mean()).isCloseTo(expected, within(5 * found.meanError() + 1e-5));
            assertThat(found.deviation()).isCloseTo(deviation, within(5 * found.deviationError() + 1e-5));
            assertThat(found.meanError()).isBetween(1e-4 * deviation, 0.1 * deviation);
            double[] normal = {-1.6448536269514722, -0.6744897501960817, 0, 0.6744897501960817, 1.6448536269514722};
            double[] probabilities = {0.05, 0.25, 0.5, 0.75, 0.95};
            for (int i = 0; i < normal.length; i++) {
                double error = found.quantileError(probabilities[i]);
                assertThat(found.quantile(probabilities[i]))
                        .isCloseTo(expected + normal[i] * deviation, within(5 * error + 1e-5));
                assertThat(error).isBetween(1e-4 * deviation, 0.3 * deviation);
                assertThat(found.cumulative(found.quantile(probabilities[i])))
                        .isCloseTo(probabilities[i], within(2e-3));
            }
            double away = (value - mean[at]) / Math.sqrt(covariance[at][at]);
            double nats = away * away / 2 + Math.log(2 * Math.PI * covariance[at][at]) / 2;
            assertThat(answer.knownNats()).isCloseTo(kind == 0 ? 0 : nats, within(5 * answer.knownNatsError() + 1e-5));
        }
    }

    @Test
    void theNormalDistribution() {
        assertThat(RealMarginal.normal(0)).isEqualTo(0.5);
        assertThat(RealMarginal.normal(1.959963984540054)).isCloseTo(0.975, within(1e-14));
        assertThat(RealMarginal.normal(-3)).isCloseTo(0.0013498980316300933, within(1e-15));
        assertThat(RealMarginal.normal(-7.9)).isCloseTo(0, within(1e-14));
        assertThat(RealMarginal.normal(40)).isEqualTo(1);
    }

    @Test
    void weightsOfAnySize() {
        WeightSums sums = new WeightSums();
        double scaled = 0;
        for (double logWeight : new double[] {-5000, -4999, Double.NEGATIVE_INFINITY, -5001}) {
            scaled = scaled * sums.add(logWeight) + sums.last();
        }
        double sum = 1 + Math.exp(-1) + Math.exp(-2);
        assertThat(sums.sum()).isCloseTo(sum, within(1e-12));
        assertThat(scaled).isCloseTo(sum, within(1e-12));
        assertThat(sums.logMean()).isCloseTo(-4999 + Math.log(sum / 4), within(1e-9));
        double squares = 1 + Math.exp(-2) + Math.exp(-4);
        assertThat(sums.effective()).isCloseTo(sum * sum / squares, within(1e-12));
        double error = Math.sqrt((squares / 4 - sum * sum / 16) / 3) / (sum / 4);
        assertThat(sums.logMeanError()).isCloseTo(error, within(1e-12));
        assertThatThrownBy(() -> sums.add(Double.NaN)).hasMessageContaining("found ln p = NaN");
    }

    @Test
    void whatDoesNotFitIsRefused() throws IOException, URISyntaxException {
        try (Model model = Model.bundled("digits")) {
            boolean[] marks = new boolean[64];
            marks[3] = true;
            Known known = Known.of(Examples.ofLevels(1, 64, new int[64]), marks);
            Query query = new Query(model, 64, known, Condition.none());
            assertThatThrownBy(() -> query.answer(10, 0, _ -> {}, 3))
                    .hasMessageContaining("found position 3, which is known, expected an unknown one of 0..63");
            assertThatThrownBy(() -> query.answer(10, 0, _ -> {}, 64))
                    .hasMessageContaining("found position 64, expected");
            assertThatThrownBy(() -> query.answer(1, 0, _ -> {}, 5))
                    .hasMessageContaining("found 1 samples, expected at least 2");
            assertThatThrownBy(() -> new Query(model, 63, Known.nothing(), Condition.none()))
                    .hasMessageContaining("found 1 examples of 63 positions");
            Known two = Known.of(Examples.ofLevels(2, 64, new int[128]), marks);
            assertThatThrownBy(() -> new Query(model, 64, two, Condition.none()))
                    .hasMessageContaining("found 2 examples of 64 values, expected 1 of 64");
        }
        try (Model model = model("made-masks-direct")) {
            assertThatThrownBy(() -> new Query(model, 10, Known.nothing(), Condition.none()))
                    .hasMessageContaining("query: found an ensemble of");
        }
    }
}
