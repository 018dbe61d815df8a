package dev.gatun.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.gatun.Device;
import dev.gatun.Examples;
import dev.gatun.Model;
import dev.gatun.TrainingPass;
import dev.gatun.family.DataSpec;
import dev.gatun.family.DistributionSpec;
import dev.gatun.family.InputEncoding;
import dev.gatun.family.ModelConfig;
import dev.gatun.train.TrainingResult.End;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Truncated back-propagation: windows follow each other as one pass would, and a resumed run has the bits of a whole one. */
class StreamObjectiveTest {
    private static final String VOCABULARY = "abcde";
    private static final int[] WINDOW = {0};

    @TempDir
    Path folder;

    static Stream<ModelConfig> configs() {
        return Stream.of(
                text("rnn_arm", InputEncoding.ONE_HOT, Map.of("cell", "lstm", "layers", 2L, "hidden", 9L)),
                text("rnn_arm", InputEncoding.SCALED, Map.of("cell", "gru", "layers", 1L, "hidden", 5L)),
                text("rnn_arm", InputEncoding.ONE_HOT, Map.of("cell", "tanh", "layers", 3L, "hidden", 4L)),
                text(
                        "causal_conv_arm",
                        InputEncoding.ONE_HOT,
                        Map.of("channels", List.of(6L), "kernel_size", 2L, "dilations", List.of(1L, 3L))),
                new ModelConfig(
                        "rnn_arm",
                        new DataSpec.Series(),
                        InputEncoding.RAW,
                        DistributionSpec.of(DistributionSpec.Type.GAUSSIAN),
                        Map.of("cell", "lstm", "layers", 1L, "hidden", 3L)));
    }

    private static ModelConfig text(String family, InputEncoding input, Map<String, Object> options) {
        return new ModelConfig(
                family,
                new DataSpec.Text(VOCABULARY),
                input,
                DistributionSpec.of(DistributionSpec.Type.CATEGORICAL),
                options);
    }

    private static Examples sequence(ModelConfig config, int length) {
        Random random = new Random(length);
        if (config.data().levels() == 0) {
            float[] reals = new float[length];
            for (int i = 0; i < length; i++) {
                reals[i] = (float) random.nextGaussian();
            }
            return Examples.ofReals(1, length, reals);
        }
        return Examples.ofLevels(
                1, length, random.ints(length, 0, VOCABULARY.length()).toArray());
    }

    @ParameterizedTest
    @MethodSource("configs")
    void windowsAreOnePass(ModelConfig config) {
        Examples whole = sequence(config, 40);
        try (Model model = Model.create(config, 2, Device.cpu(2));
                StreamObjective objective = new StreamObjective(model, whole, whole, 1, 8)) {
            double sum = 0;
            for (int step = 0; step < 5; step++) {
                sum += objective.lossAndGradient(WINDOW, step);
                // In between, which must not be noticed.
                assertThat(objective.validationLoss() * 5)
                        .isCloseTo(model.logLikelihood(whole).nats()[0], within(1e-9));
            }
            assertThat(sum).isCloseTo(model.logLikelihood(whole).nats()[0], within(1e-9));
            assertThat(objective.lossAndGradient(WINDOW, 5)).isEqualTo(objective.lossAndGradient(WINDOW, 0));
        }
    }

    @ParameterizedTest
    @MethodSource("configs")
    void theFirstWindowsGradientIsThatOfExamples(ModelConfig config) {
        Examples whole = sequence(config, 50);
        try (Model model = Model.create(config, 2, Device.cpu(2));
                StreamObjective objective = new StreamObjective(model, whole, null, 2, 9);
                TrainingPass pass = new TrainingPass(model, 2)) {
            Examples windows = config.data().levels() == 0
                    ? Examples.ofReals(2, 9, twoPieces(whole.reals()))
                    : Examples.ofLevels(2, 9, twoPieces(whole.levels()));
            assertThat(objective.lossAndGradient(WINDOW, 0)).isEqualTo(pass.lossAndGradient(windows, new int[] {0, 1}));
            assertThat(objective.gradient().toArray(ValueLayout.JAVA_INT))
                    .containsExactly(pass.gradient().toArray(ValueLayout.JAVA_INT));
        }
    }

    private static float[] twoPieces(float[] values) {
        float[] pieces = new float[18];
        System.arraycopy(values, 0, pieces, 0, 9);
        System.arraycopy(values, 25, pieces, 9, 9);
        return pieces;
    }

    private static int[] twoPieces(int[] values) {
        int[] pieces = new int[18];
        System.arraycopy(values, 0, pieces, 0, 9);
        System.arraycopy(values, 25, pieces, 9, 9);
        return pieces;
    }

    /** The slope of a later window's loss, its beginning held: what flows back stops there. */
    @Test
    void laterGradientsStopAtTheWindowsBeginning() {
        ModelConfig config = configs().toList().getFirst();
        Examples whole = sequence(config, 60);
        try (Model model = Model.create(config, 2, Device.cpu(1));
                StreamObjective objective = new StreamObjective(model, whole, null, 2, 7)) {
            objective.lossAndGradient(WINDOW, 0);
            objective.lossAndGradient(WINDOW, 1);
            MemorySegment carried = objective.carried().get("streams");
            float[] before = carried.toArray(ValueLayout.JAVA_FLOAT);
            objective.lossAndGradient(WINDOW, 2);
            float[] gradient = objective.gradient().toArray(ValueLayout.JAVA_FLOAT);
            MemorySegment values = objective.parameters().all();
            for (int i = 3; i < gradient.length; i += 97) {
                double[] loss = new double[2];
                float value = values.getAtIndex(ValueLayout.JAVA_FLOAT, i);
                for (int side = 0; side < 2; side++) {
                    values.setAtIndex(ValueLayout.JAVA_FLOAT, i, value + (side == 0 ? -0.01f : 0.01f));
                    MemorySegment.copy(before, 0, carried, ValueLayout.JAVA_FLOAT, 0, before.length);
                    loss[side] = objective.lossAndGradient(WINDOW, 2);
                }
                values.setAtIndex(ValueLayout.JAVA_FLOAT, i, value);
                double slope = (loss[1] - loss[0]) / 0.02;
                assertThat((double) gradient[i]).as("%d", i).isCloseTo(slope, within(1e-3 * (1 + Math.abs(slope))));
            }
        }
    }

    private int[] train(ModelConfig config, String name, boolean resume, int steps, End end) throws IOException {
        TrainerOptions options = TrainerOptions.builder()
                .batchSize(1)
                .epochs(2)
                .optimizer(Optimizer.Adam.of(0.01))
                .build();
        try (Model model = Model.create(config, 4, Device.cpu(2));
                StreamObjective objective =
                        new StreamObjective(model, sequence(config, 71), sequence(config, 30), 3, 5)) {
            Trainer trainer = new Trainer(objective, options, folder.resolve(name));
            ProgressListener stopper = new ProgressListener() {
                private int made;

                @Override
                public void stepEnded(int epoch, int batch, int batches, double nats) {
                    if (++made == steps) {
                        trainer.stop();
                    }
                }
            };
            TrainingResult result = resume ? trainer.resume(stopper) : trainer.run(stopper);
            assertThat(result.end()).isEqualTo(end);
            return objective.parameters().all().toArray(ValueLayout.JAVA_INT);
        }
    }

    @ParameterizedTest
    @MethodSource("configs")
    void aResumedRunHasTheBitsOfAWholeOne(ModelConfig config) throws IOException {
        int[] whole = train(config, "whole", false, -1, End.EPOCHS);
        for (int steps = 1; steps < 8; steps++) {
            train(config, "part" + steps, false, steps, End.STOPPED);
            assertThat(train(config, "part" + steps, true, -1, End.EPOCHS))
                    .as("stopped after %d steps", steps)
                    .containsExactly(whole);
        }
    }

    @Test
    void whatIsCarriedIsChecked() {
        ModelConfig config = configs().toList().getFirst();
        try (Model model = Model.create(config, 2, Device.cpu(1));
                StreamObjective objective = new StreamObjective(model, sequence(config, 60), null, 2, 7)) {
            objective.lossAndGradient(WINDOW, 0);
            objective.carried().get("streams").setAtIndex(ValueLayout.JAVA_FLOAT, 0, 5e8f);
            assertThatThrownBy(() -> objective.lossAndGradient(WINDOW, 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("expected a level, -1..4");
        }
    }

    @Test
    void whatDoesNotFitIsRefused() {
        ModelConfig config = configs().toList().getFirst();
        ModelConfig wide = text(
                "causal_conv_arm",
                InputEncoding.ONE_HOT,
                Map.of("channels", List.of(), "kernel_size", 2L, "dilations", List.of(30L)));
        try (Model model = Model.create(config, 2, Device.cpu(1));
                Model far = Model.create(wide, 2, Device.cpu(1))) {
            assertThatThrownBy(() -> new StreamObjective(model, sequence(config, 60), null, 7, 9))
                    .hasMessageContaining("found 60 positions, expected at least 7 streams of 9");
            assertThatThrownBy(() -> new StreamObjective(far, sequence(wide, 100), null, 2, 9))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("windows of 1 x 9 positions");
        }
    }
}
