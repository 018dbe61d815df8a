package dev.gatun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The models that come with the library. */
class BundledTest {
    private static final int COUNT = 8;

    /** The lower, the likelier are samples to the model than to one that knows nothing. */
    private static double nats(Model model, Condition condition) {
        SampleOptions options = SampleOptions.count(COUNT).withSeed(3);
        try (Sampler sampler = model.sampler(options, condition)) {
            Examples drawn = sampler.draw();
            double nats = model.logLikelihood(drawn, condition).meanNats();
            assertThat(IntStream.of(drawn.levels()).distinct().count()).isEqualTo(2);
            return nats;
        }
    }

    @Test
    void namesAreThoseOfTheFiles() {
        assertThat(Model.bundledNames()).containsExactly("digits", "mnist", "mnist-classes");
        assertThatThrownBy(() -> Model.bundled("letters"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no model 'letters' is bundled; there are [digits, mnist, mnist-classes]");
    }

    @Test
    void mnistDrawsWhatItHoldsForLikely() {
        try (Model model = Model.bundled("mnist")) {
            assertThat(model.config().architecture()).isEqualTo("pixelcnn");
            assertThat(nats(model, Condition.none())).isBetween(30.0, 784 * Math.log(2) / 4);
        }
    }

    @Test
    void classesDiffer() {
        try (Model model = Model.bundled("mnist-classes")) {
            int[] ones = new int[COUNT];
            Arrays.fill(ones, 1);
            double one = nats(model, Condition.ofClasses(ones));
            double zero = nats(model, Condition.ofClasses(new int[COUNT]));
            assertThat(one).isBetween(10.0, zero); // a stroke says less than a ring
            assertThat(zero).isLessThan(784 * Math.log(2) / 4);
        }
    }
}
