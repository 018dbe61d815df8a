package dev.gatun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatun.family.DataSpec;
import dev.gatun.family.DistributionSpec;
import dev.gatun.family.InputEncoding;
import dev.gatun.family.ModelConfig;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Training passes: what they keep, who owns them, what they refuse. */
class TrainingPassTest {
    private static Model model() {
        return Model.create(
                new ModelConfig(
                        "linear_ar",
                        new DataSpec.Series(),
                        InputEncoding.RAW,
                        DistributionSpec.of(DistributionSpec.Type.GAUSSIAN),
                        Map.of("order", 2L)),
                1,
                Device.cpu(1));
    }

    private static Examples examples(int length) {
        float[] reals = new float[3 * length];
        for (int i = 0; i < reals.length; i++) {
            reals[i] = (float) Math.sin(i);
        }
        return Examples.ofReals(3, length, reals);
    }

    @Test
    void mapsAreKeptForTheTwoLastLengths() {
        int[] all = {0, 1, 2};
        try (Model model = model();
                TrainingPass pass = new TrainingPass(model, 2)) {
            for (int length : new int[] {3, 4, 3, 5, 3, 4, 6}) {
                double expected;
                float[] gradient;
                try (TrainingPass fresh = new TrainingPass(model, 2)) {
                    expected = fresh.lossAndGradient(examples(length), all);
                    gradient = fresh.gradient("weight");
                }
                assertThat(pass.lossAndGradient(examples(length), all)).isEqualTo(expected);
                assertThat(pass.gradient("weight")).containsExactly(gradient);
            }
            assertThat(pass.keptLengths()).containsExactlyInAnyOrder(4, 6);
        }
    }

    @Test
    void examplesThatAreNotThereAreRefused() {
        try (Model model = model();
                TrainingPass pass = new TrainingPass(model, 2)) {
            for (int wrong : new int[] {-1, 3, Integer.MAX_VALUE}) {
                assertThatThrownBy(() -> pass.lossAndGradient(examples(4), new int[] {0, wrong}))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining(
                                "chosen: found example " + wrong + " at 1, expected numbers from 0 below 3");
            }
            assertThatThrownBy(() -> pass.lossAndGradient(examples(4), new int[0]))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void aPassBelongsToItsThreadUntilItIsClosed() throws InterruptedException {
        try (Model model = model()) {
            TrainingPass pass = new TrainingPass(model, 2);
            List<Runnable> calls = List.of(
                    () -> pass.lossAndGradient(examples(4), new int[] {0}),
                    () -> pass.loss(examples(4)),
                    pass::parameters,
                    pass::gradient,
                    () -> pass.model(Device.cpu(1)).close());
            for (Runnable call : calls) {
                assertOtherThreadIsRefused(call);
            }
            assertOtherThreadIsRefused(pass::close);
            pass.close();
            pass.close();
            for (Runnable call : calls) {
                assertThatThrownBy(call::run)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("the training pass is closed")
                        .hasStackTraceContaining("closed here");
            }
        }
    }

    private static void assertOtherThreadIsRefused(Runnable call) throws InterruptedException {
        AtomicReference<Throwable> seen = new AtomicReference<>();
        Thread other = new Thread(call);
        other.setUncaughtExceptionHandler((_, failure) -> seen.set(failure));
        other.start();
        other.join();
        assertThat(seen.get())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("a training pass of thread")
                .hasMessageContaining("each thread makes its own");
    }
}
