package dev.gatun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatun.family.DataSpec;
import dev.gatun.file.Safetensors;
import java.io.IOException;
import java.net.URISyntaxException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Samples of which some values are known. */
class KnownTest {
    private static final int COUNT = 3;

    static List<GoldenCase> cases() throws IOException, URISyntaxException {
        return GoldenCase.all();
    }

    private static Condition condition(Safetensors recorded) throws IOException {
        return GoldenCase.condition(recorded).slice(0, 1).repeated(COUNT);
    }

    /** Marks of a kind: the first values, those on the left, some by chance; pixels whole. */
    private static boolean[] marks(DataSpec data, int length, int kind) {
        boolean[] marks = new boolean[length];
        int width = data instanceof DataSpec.Image image ? image.width() : length;
        int pixels = length / data.channels();
        Random random = new Random(kind);
        for (int pixel = 0; pixel < pixels; pixel++) {
            boolean known = switch (kind) {
                case 0 -> pixel < pixels / 2;
                case 1 -> pixel % width < (width + 1) / 2;
                default -> random.nextBoolean();
            };
            for (int c = 0; c < data.channels(); c++) {
                marks[c * pixels + pixel] = known;
            }
        }
        return marks;
    }

    /** Who is told what it would have drawn draws the rest as it would have. */
    @ParameterizedTest
    @MethodSource("cases")
    void whatIsKnownIsKeptAndTheRestDrawnGivenIt(GoldenCase golden) throws IOException {
        try (Model model = Model.load(golden.model());
                Safetensors recorded = golden.open()) {
            int length = model.config().data().length().orElse(9);
            for (SampleOptions.Method method : SampleOptions.Method.values()) {
                SampleOptions options = SampleOptions.count(COUNT)
                        .withSeed(11)
                        .withLength(length)
                        .withMethod(method);
                Condition condition = condition(recorded);
                if (model.masks() > 1) {
                    Known known = Known.of(draw(model, options, condition, Known.nothing()), new boolean[length]);
                    assertThatThrownBy(() -> model.sampler(options, condition, known))
                            .hasMessageContaining("expected one of one");
                    continue;
                }
                Examples free = draw(model, options, condition, Known.nothing());
                for (int kind = 0; kind < 3; kind++) {
                    boolean[] marks = marks(model.config().data(), length, kind);
                    Examples completed = draw(model, options, condition, Known.of(free, marks));
                    assertThat(bits(completed)).as("%s, marks %s", method, kind).isEqualTo(bits(free));
                }
            }
        }
    }

    /** Values that nobody would have drawn: all methods keep them, and draw the same given them. */
    @ParameterizedTest
    @MethodSource("cases")
    void methodsAgree(GoldenCase golden) throws IOException {
        try (Model model = Model.load(golden.model());
                Safetensors recorded = golden.open()) {
            if (model.masks() > 1) {
                return;
            }
            int length = model.config().data().length().orElse(9);
            SampleOptions options = SampleOptions.count(COUNT).withSeed(3).withLength(length);
            Condition condition = condition(recorded);
            Examples other = draw(model, options.withSeed(4), condition, Known.nothing());
            for (int kind = 0; kind < 3; kind++) {
                boolean[] marks = marks(model.config().data(), length, kind);
                Known known = Known.of(other, marks);
                int[] cached = bits(draw(model, options, condition, known));
                for (SampleOptions.Method method : SampleOptions.Method.values()) {
                    int[] found = bits(draw(model, options.withMethod(method), condition, known));
                    assertThat(found).as("%s, marks %s", method, kind).isEqualTo(cached);
                }
                int[] kept = bits(other);
                for (int i = 0; i < cached.length; i++) {
                    if (marks[i % length]) {
                        assertThat(cached[i]).isEqualTo(kept[i]);
                    }
                }
                int[] alone = bits(draw(model, options, condition, known, 2));
                assertThat(alone).isEqualTo(Arrays.copyOfRange(cached, 2 * length, 3 * length));
            }
        }
    }

    private static Examples draw(Model model, SampleOptions options, Condition condition, Known known, int sample) {
        SampleOptions one = new SampleOptions(1, options.seed(), sample, 1, false, options.length(), options.method());
        return draw(model, one, condition.slice(sample, sample + 1), known.slice(sample, sample + 1));
    }

    private static Examples draw(Model model, SampleOptions options, Condition condition, Known known) {
        try (Sampler sampler = model.sampler(options, condition, known)) {
            Examples first = sampler.draw();
            sampler.restart();
            assertThat(bits(sampler.draw())).isEqualTo(bits(first));
            return first;
        }
    }

    private static int[] bits(Examples examples) {
        if (!examples.real()) {
            return examples.levels();
        }
        int[] bits = new int[examples.reals().length];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = Float.floatToRawIntBits(examples.reals()[i]);
        }
        return bits;
    }

    @Test
    void whatDoesNotFitIsRefused() throws IOException, URISyntaxException {
        try (Model model = Model.bundled("digits")) {
            Examples two = Examples.ofLevels(2, 64, new int[128]);
            assertThatThrownBy(() -> Known.of(two, new boolean[63]))
                    .hasMessageContaining("found 63 marks, expected one for each of 64 values");
            assertThatThrownBy(() ->
                            model.sampler(SampleOptions.count(3), Condition.none(), Known.of(two, new boolean[64])))
                    .hasMessageContaining("found 2 examples of 64 values, expected 3 of 64");
            Examples high = Examples.ofLevels(1, 64, new int[64]);
            high.levels()[5] = 17;
            assertThatThrownBy(() ->
                            model.sampler(SampleOptions.count(1), Condition.none(), Known.of(high, new boolean[64])))
                    .hasMessageContaining("found level 17");
        }
        GoldenCase colours = cases().stream()
                .filter(golden -> golden.toString().equals("pixelcnn-rgb-mixture"))
                .findFirst()
                .orElseThrow();
        try (Model model = Model.load(colours.model())) {
            int length = model.config().data().length().orElseThrow();
            boolean[] marks = new boolean[length];
            marks[0] = true; // red alone
            Known known = Known.of(Examples.ofLevels(1, length, new int[length]), marks);
            assertThatThrownBy(() -> model.sampler(SampleOptions.count(1), Condition.none(), known))
                    .hasMessageContaining("found some channels of pixel 0 and not others");
        }
    }
}
