package dev.gatun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.gatun.file.Safetensors;
import dev.gatun.score.Surprise;
import java.io.IOException;
import java.net.URISyntaxException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Nats of values as they arrive are those of a whole pass. */
class SurpriseTest {
    /** Sequences: those whose positions are in the data's own order, and each of which has a distribution of its own. */
    static List<GoldenCase> cases() throws IOException, URISyntaxException {
        List<String> families = List.of("markov", "linear_ar", "mlp_arm", "causal_conv_arm", "wavenet", "rnn_arm");
        return GoldenCase.all().stream()
                .filter(golden -> families.contains(golden.toString().split("-", 2)[0]))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void natsAreThoseOfTheLikelihood(GoldenCase golden) throws IOException {
        try (Model model = Model.load(golden.model(), Device.cpu(1));
                Safetensors file = golden.open()) {
            Examples all = GoldenCase.examples(file, "x");
            Condition condition = GoldenCase.condition(file);
            Condition row = condition.rows() == 0 ? condition : condition.slice(0, 1);
            Examples one = all.range(0, 1);
            float[] expected = new float[one.length()];
            float[] layout = model.likelihoodMap(one, row).nats();
            model.config().data().toPositions(layout, 0, expected, 0, expected.length);
            boolean mixture = model.config().distribution().components() > 0;
            int[] positions = new int[one.length()];
            if (!one.real()) {
                model.config().data().toPositions(one.levels(), 0, positions, 0, positions.length);
            }
            try (Surprise surprise = new Surprise(model, one.length(), row)) {
                for (int d = 0; d < expected.length; d++) {
                    double nats = one.real() ? surprise.arrive(one.reals()[d]) : surprise.arrive(positions[d]);
                    if (!mixture || expected[d] < 8) { // farther out the likelihood has densities in place of masses
                        assertThat(nats).isCloseTo((double) expected[d], within(1e-4 * (1 + Math.abs(expected[d]))));
                    }
                    assertThat(surprise.arrived()).isEqualTo(d + 1);
                }
                assertThatThrownBy(() -> {
                            if (one.real()) {
                                surprise.arrive(0f);
                            } else {
                                surprise.arrive(0);
                            }
                        })
                        .isInstanceOf(IllegalStateException.class);
            }
        }
    }

    @Test
    void whatIsNoValueIsRefused() {
        try (Model model = Model.bundled("digits");
                Surprise surprise = new Surprise(model, 64, Condition.none())) {
            assertThatThrownBy(() -> surprise.arrive(17)).hasMessage("value: found level 17, expected 0 to 16");
            assertThatThrownBy(() -> surprise.arrive(-1)).hasMessage("value: found level -1, expected 0 to 16");
            assertThatThrownBy(() -> surprise.arrive(0.5f)).hasMessage("value: found 0.5, expected a level");
            assertThat(surprise.arrived()).isZero();
        }
    }
}
