package dev.gatun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.gatun.family.DataSpec;
import dev.gatun.file.Safetensors;
import java.io.IOException;
import java.net.URISyntaxException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What walks hand out is what a forward pass computes, to the bit, and adds up to the likelihood. */
class ConditionalsTest {
    static List<GoldenCase> cases() throws IOException, URISyntaxException {
        return GoldenCase.all().stream().filter(ConditionalsTest::hasOneMask).toList();
    }

    private static boolean hasOneMask(GoldenCase golden) {
        try (Model model = Model.load(golden.model(), Device.cpu(1))) {
            return model.masks() == 1;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** A case's data in the order of positions, with the outputs of a forward pass. */
    record Given(Model model, Examples examples, Condition condition, Outputs outputs) {
        static Given of(Model model, GoldenCase golden) throws IOException {
            try (Safetensors file = golden.open()) {
                Examples examples = GoldenCase.examples(file, "x");
                Condition condition = GoldenCase.condition(file);
                return new Given(model, examples, condition, model.outputs(examples, condition));
            }
        }

        Conditionals walks() {
            return walks(model);
        }

        Conditionals walks(Model by) {
            return by.conditionals(examples.count(), examples.length(), condition);
        }

        int[] positions(int example) {
            int length = examples.length();
            int[] positions = new int[length];
            model.config().data().toPositions(examples.levels(), example * length, positions, 0, length);
            return positions;
        }

        /** The outputs of a position; of a pixel where they are its channels' together. */
        float[] outputs(int example, int position) {
            int width = model.distribution().outputs();
            int places = examples.length();
            int at = position;
            int first = 0;
            int all = width;
            if (model.config().data() instanceof DataSpec.Image image
                    && model.config().family().imageOnly()) {
                places /= image.channels();
                at /= image.channels();
                all = outputs.values().length / (examples.count() * places);
                first = all == width ? 0 : position % image.channels() * width;
            }
            float[] found = new float[width];
            for (int p = 0; p < width; p++) {
                found[p] = outputs.values()[(example * all + first + p) * places + at];
            }
            return found;
        }

        void take(Conditionals walks) {
            int position = walks.position();
            if (examples.real()) {
                float[] reals = new float[examples.count()];
                for (int n = 0; n < reals.length; n++) {
                    reals[n] = examples.reals()[n * examples.length() + position];
                }
                walks.take(reals);
                return;
            }
            int[] levels = new int[examples.count()];
            for (int n = 0; n < levels.length; n++) {
                levels[n] = positions(n)[position];
            }
            walks.take(levels);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void outputsHaveTheBitsOfAForwardPass(GoldenCase golden) throws IOException {
        for (int threads = 1; threads <= 2; threads++) {
            try (Model model = Model.load(golden.model(), Device.cpu(threads))) {
                Given given = Given.of(model, golden);
                try (Conditionals walks = given.walks()) {
                    float[] found = new float[walks.outputCount()];
                    while (walks.taken() < walks.length()) {
                        for (int n = 0; n < walks.count(); n++) {
                            walks.outputs(n, found, 0);
                            assertThat(found).containsExactly(given.outputs(n, walks.position()));
                        }
                        given.take(walks);
                    }
                    assertThatThrownBy(walks::position).hasMessageContaining("have been taken");
                }
            }
        }
    }

    /** Frequencies are made of the same likelihoods; they fill the total, and finding is their inverse. */
    @ParameterizedTest
    @MethodSource("cases")
    void frequenciesAreThoseOfTheLikelihood(GoldenCase golden) throws IOException {
        try (Model model = Model.load(golden.model(), Device.cpu(1))) {
            Given given = Given.of(model, golden);
            if (given.examples.real()) {
                return;
            }
            double[] nats = new double[given.examples.count()];
            try (Conditionals walks = given.walks()) {
                while (walks.taken() < walks.length()) {
                    for (int n = 0; n < walks.count(); n++) {
                        LevelDistribution distribution = walks.level(n);
                        checkTable(distribution);
                        nats[n] -= Math.log(distribution.probability(given.positions(n)[walks.position()]));
                    }
                    given.take(walks);
                }
            }
            double[] expected =
                    model.logLikelihood(given.examples, given.condition).nats();
            for (int n = 0; n < nats.length; n++) {
                assertThat(nats[n]).isLessThan(expected[n] * (1 + 1e-5) + 1e-4);
                if (model.config().distribution().components() == 0) {
                    assertThat(nats[n]).isCloseTo(expected[n], within(expected[n] * 1e-5 + 1e-4));
                } // else the likelihood has densities in place of masses far from narrow means: see the masses' own
                // test
            }
        }
    }

    private static void checkTable(LevelDistribution distribution) {
        int levels = distribution.levels();
        int step = Math.max(1, levels / 64);
        for (int level = 0; level < levels; level += step) {
            assertThat(distribution.frequency(level)).isPositive();
            assertThat(distribution.find(distribution.start(level))).isEqualTo(level);
            assertThat(distribution.find(distribution.start(level + 1) - 1)).isEqualTo(level);
        }
        assertThat(distribution.start(0)).isZero();
        assertThat(distribution.start(levels)).isEqualTo(distribution.total());
        assertThat(distribution.total()).isBetween(1L << 30, (1L << 32) - 1);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aForkGoesOnByItself(GoldenCase golden) throws IOException {
        try (Model model = Model.load(golden.model(), Device.cpu(1))) {
            Given given = Given.of(model, golden);
            try (Conditionals walks = given.walks()) {
                for (int i = 0; i < walks.length() / 2; i++) {
                    given.take(walks);
                }
                float[] before = new float[walks.outputCount()];
                walks.outputs(0, before, 0);
                try (Conditionals fork = walks.fork()) {
                    float[] found = new float[before.length];
                    fork.outputs(0, found, 0);
                    assertThat(found).containsExactly(before);
                    while (fork.taken() < fork.length()) {
                        if (given.examples.real()) {
                            fork.take(new float[fork.count()]);
                        } else {
                            fork.take(new int[fork.count()]);
                        }
                    }
                }
                float[] found = new float[walks.outputCount()];
                while (walks.taken() < walks.length()) {
                    walks.outputs(0, found, 0);
                    assertThat(found).containsExactly(given.outputs(0, walks.position()));
                    given.take(walks);
                }
            }
        }
    }

    /** Who closes first does not matter, and nor does who asks for outputs while they are shared. */
    @ParameterizedTest
    @MethodSource("cases")
    void forksOutliveWhatTheyAreOf(GoldenCase golden) throws IOException {
        try (Model model = Model.load(golden.model(), Device.cpu(1))) {
            Given given = Given.of(model, golden);
            Conditionals walks = given.walks();
            for (int i = 0; i < walks.length() / 3; i++) {
                given.take(walks);
            }
            Conditionals fork = walks.fork();
            Conditionals other = fork.fork();
            float[] found = new float[walks.outputCount()];
            fork.outputs(0, found, 0);
            assertThat(found).containsExactly(given.outputs(0, walks.position()));
            if (given.examples.real()) {
                walks.take(new float[walks.count()]);
            } else {
                walks.take(new int[walks.count()]);
            }
            assertThat(fork.taken()).isEqualTo(walks.length() / 3);
            walks.close();
            given.take(other);
            other.close();
            while (fork.taken() < fork.length()) {
                fork.outputs(0, found, 0);
                assertThat(found).containsExactly(given.outputs(0, fork.position()));
                given.take(fork);
            }
            assertThatThrownBy(other::fork).isInstanceOf(IllegalStateException.class);
            fork.close();
            fork.close();
        }
    }

    /** Two beams that were forked, and forked again, are what walks of the same values are. */
    @Test
    void forksOfForksGoTheirWays() {
        try (Model model = Model.bundled("digits");
                Conditionals walks = model.conditionals(2, 64, Condition.none())) {
            walks.take(3, 4);
            try (Conditionals left = walks.fork();
                    Conditionals right = left.fork();
                    Conditionals last = right.fork()) {
                left.take(5, 6);
                right.take(7, 8);
                right.take(9, 10);
                last.take(11, 12);
                left.take(13, 14);
                walks.take(15, 16);
                walks.take(0, 1);
                assertThat(after(left)).containsExactly(of(model, 3, 4, 5, 6, 13, 14));
                assertThat(after(right)).containsExactly(of(model, 3, 4, 7, 8, 9, 10));
                assertThat(after(walks)).containsExactly(of(model, 3, 4, 15, 16, 0, 1));
                assertThat(after(last)).containsExactly(of(model, 3, 4, 11, 12));
            }
        }
    }

    private static float[] after(Conditionals walks) {
        float[] outputs = new float[2 * walks.outputCount()];
        walks.outputs(0, outputs, 0);
        walks.outputs(1, outputs, walks.outputCount());
        return outputs;
    }

    private static float[] of(Model model, int... levels) {
        try (Conditionals walks = model.conditionals(2, 64, Condition.none())) {
            for (int i = 0; i < levels.length; i += 2) {
                walks.take(levels[i], levels[i + 1]);
            }
            return after(walks);
        }
    }

    @Test
    void whatIsNotGivenIsAsked() {
        try (Model model = Model.bundled("digits");
                Conditionals walks = model.conditionals(2, 64, Condition.none())) {
            assertThatThrownBy(() -> walks.take(1)).hasMessageContaining("found 1 levels, expected 2 levels");
            assertThatThrownBy(() -> walks.take(1, 17)).hasMessageContaining("found level 17, expected 0 to 16");
            assertThatThrownBy(() -> walks.take(1f, 2f)).hasMessageContaining("found 2 reals");
            assertThat(walks.taken()).isZero();
            walks.take(1, 16);
            assertThat(walks.taken()).isEqualTo(1);
            assertThatThrownBy(() -> model.conditionals(2, 63, Condition.none()))
                    .hasMessageContaining("found 2 examples of 63 positions");
        }
    }

    /** The exponential by which frequencies are made, against Java's. */
    @Test
    void theExponentialIsExact() {
        assertThat(LevelDistribution.exp(0)).isEqualTo(1);
        for (double x = -40; x <= 0; x += 0.00137) {
            assertThat(LevelDistribution.exp(x)).isCloseTo(Math.exp(x), within(Math.exp(x) * 1e-13));
        }
        assertThat(LevelDistribution.exp(-1e30)).isZero();
    }

    /** Masses of mixtures by their definition, differences of sigmoids, where those keep their digits. */
    @Test
    void massesOfMixtures() {
        float[] grey = {0.3f, -1, 0.2f, -0.4f, -1.5f, -2};
        MixtureLevels mixture = new MixtureLevels(16, 2);
        mixture.set(grey, 0, 0);
        double prior = Math.exp(0.3f) + Math.exp(-1);
        for (int level = 0; level < 16; level++) {
            double mass =
                    Math.exp(0.3f) / prior * mass(level, 0.2f, -1.5f) + Math.exp(-1) / prior * mass(level, -0.4f, -2);
            assertThat(mixture.probability(level)).isCloseTo(mass, within(1e-8));
        }
        float[] pixel = {
            0.3f, -1, 0.2f, -0.4f, -1.5f, -2, 0.5f, -0.5f, 0.1f, 0.6f, -1, -1.2f, 1, -2, -0.3f, 0.4f, -1, -0.7f, 0.2f,
            0.9f
        };
        int[] levels = {3, 12, 7};
        double found = 1;
        double expected = 0;
        for (int k = 0; k < 2; k++) {
            double r = 2.0 * levels[0] / 15 - 1;
            double g = 2.0 * levels[1] / 15 - 1;
            double green = pixel[8 + k] + Math.tanh(pixel[6 + k]) * r;
            double blue = pixel[14 + k] + Math.tanh(pixel[12 + k]) * r + Math.tanh(pixel[18 + k]) * g;
            expected += Math.exp(pixel[k])
                    / prior
                    * mass(levels[0], pixel[2 + k], pixel[4 + k])
                    * mass(levels[1], green, pixel[10 + k])
                    * mass(levels[2], blue, pixel[16 + k]);
        }
        PixelLevels colours = new PixelLevels(16, 2);
        for (int c = 0; c < 3; c++) {
            colours.set(pixel, 0, c, Arrays.copyOf(levels, c));
            found *= colours.probability(levels[c]);
        }
        assertThat(found).isCloseTo(expected, within(expected * 1e-6));
    }

    private static double mass(int level, double mean, double logScale) {
        double above = level == 15 ? 1 : sigmoid(((2.0 * level + 1) / 15 - 1 - mean) / Math.exp(logScale));
        double below = level == 0 ? 0 : sigmoid(((2.0 * level - 1) / 15 - 1 - mean) / Math.exp(logScale));
        return above - below;
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    @Test
    void frequenciesOfExtremeOutputs() {
        LevelDistribution two = new TwoLevels();
        for (float logit : new float[] {-1e38f, -50, -1e-30f, 0, 3, 1e38f}) {
            two.set(new float[] {logit}, 0, 0);
            checkTable(two);
        }
        LevelDistribution many = new SoftmaxLevels(70_000);
        float[] logits = new float[70_000];
        many.set(logits, 0, 0);
        checkTable(many);
        Arrays.fill(logits, -3e38f);
        logits[69_999] = 3e38f;
        many.set(logits, 0, 0);
        checkTable(many);
        LevelDistribution mixture = new MixtureLevels(256, 2);
        for (float mean : new float[] {-1e30f, -1, 0, 0.999f, 1e30f}) {
            mixture.set(new float[] {0, -200, mean, 0, -300, 300}, 0, 0);
            checkTable(mixture);
        }
        assertThatThrownBy(() -> two.set(new float[] {Float.NaN}, 0, 0)).hasMessageContaining("found NaN");
    }
}
