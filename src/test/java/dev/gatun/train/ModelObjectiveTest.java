package dev.gatun.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.gatun.Device;
import dev.gatun.Examples;
import dev.gatun.Model;
import dev.gatun.family.DataSpec;
import dev.gatun.family.DistributionSpec;
import dev.gatun.family.InputEncoding;
import dev.gatun.family.ModelConfig;
import dev.gatun.file.FormatException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models under the trainer: they learn, and a resumed run reaches the bits of an uninterrupted one. */
class ModelObjectiveTest {
    private static final ModelConfig CONFIG = new ModelConfig(
            "causal_conv_arm",
            new DataSpec.Sequence(12, 5),
            InputEncoding.ONE_HOT,
            DistributionSpec.of(DistributionSpec.Type.CATEGORICAL),
            Map.of("channels", List.of(20L), "kernel_size", 3L, "dilations", List.of(1L, 2L)));
    private static final int STEPS_BEFORE_THE_STOP = 6;

    @TempDir
    private Path folder;

    /** A rule with an exception now and then: something to learn, and something left. */
    private static Examples examples() {
        int[] levels = new int[150 * 12];
        for (int i = 1; i < levels.length; i++) {
            levels[i] = i % 7 == 0 ? i / 7 % 5 : (levels[i - 1] + 2) % 5;
        }
        return Examples.ofLevels(150, 12, levels);
    }

    private static TrainerOptions.Builder options() {
        return TrainerOptions.builder()
                .optimizer(Optimizer.Adamax.of(1e-2))
                .batchSize(40)
                .epochs(4)
                .emaDecay(0.5);
    }

    /** Trains, or goes on with other initial weights, as a new process may have them. */
    private float[] train(Device device, TrainerOptions options, int batch, Path state, boolean resume)
            throws IOException {
        try (Model model = Model.create(CONFIG, resume ? 2 : 1, device);
                ModelObjective objective =
                        new ModelObjective(model, examples(), examples().range(0, 30), batch)) {
            double before = objective.validationLoss();
            Trainer trainer = new Trainer(objective, options, state);
            TrainingResult result = resume ? trainer.resume() : trainer.run();
            try (Model trained = objective.trained()) {
                double after = trained.logLikelihood(examples().range(0, 30)).meanNats();
                assertThat(after).isLessThan(before);
                assertThat(result.bestNats()).isCloseTo(after, within(1e-9));
                return trained.parameter("layers.1.weight");
            }
        }
    }

    @Test
    void aResumedRunReachesTheSameBitsOnOtherThreads() throws IOException {
        float[] whole = train(Device.cpu(1), options().build(), 40, folder.resolve("whole"), false);
        Path state = folder.resolve("part");
        train(Device.cpu(2), options().maxSteps(STEPS_BEFORE_THE_STOP).build(), 40, state, false);
        assertThat(train(Device.cpu(3), options().build(), 40, state, true)).containsExactly(whole);
    }

    @Test
    void aRunIsNotResumedInOtherParts() throws IOException {
        Path state = folder.resolve("part");
        train(Device.cpu(1), options().maxSteps(STEPS_BEFORE_THE_STOP).build(), 40, state, false);
        assertThatThrownBy(() -> train(Device.cpu(1), options().build(), 17, state, true))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("identity examples at once")
                .hasMessageContaining("made with 40, now it is 17");
    }
}
