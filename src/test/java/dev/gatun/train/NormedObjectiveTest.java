package dev.gatun.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.gatun.Examples;
import dev.gatun.Model;
import dev.gatun.family.DataSpec;
import dev.gatun.family.DistributionSpec;
import dev.gatun.family.InputEncoding;
import dev.gatun.family.ModelConfig;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Weight normalisation: the same function, its gradient, a beginning that the data ask for, runs that can be resumed. */
class NormedObjectiveTest {
    private static final int COUNT = 12;
    private static final int BATCH = 6;
    private static final int PIXELS = 8 * 4;

    @TempDir
    Path folder;

    private static Model model(String architecture) {
        DataSpec.Image image = new DataSpec.Image(8, 4, 1, 16);
        ModelConfig config = architecture.equals("pixelcnn_pp")
                ? new ModelConfig(
                        architecture,
                        image,
                        InputEncoding.SCALED,
                        DistributionSpec.mixture(2),
                        Map.of("features", 6L, "resnet_blocks", 1L))
                : new ModelConfig(
                        architecture,
                        image,
                        InputEncoding.SCALED,
                        DistributionSpec.of(DistributionSpec.Type.CATEGORICAL),
                        Map.of("features", 6L, "blocks", 1L, "head_features", 8L));
        return Model.create(config, 5);
    }

    private static Examples examples() {
        Random random = new Random(7);
        int[] levels = new int[COUNT * PIXELS];
        for (int i = 0; i < levels.length; i++) {
            levels[i] = Math.clamp((int) Math.round(8 + 4 * random.nextGaussian()), 0, 15);
        }
        return Examples.ofLevels(COUNT, PIXELS, levels);
    }

    private static int[] all() {
        return java.util.stream.IntStream.range(0, COUNT).toArray();
    }

    private static ModelObjective plain(Model model) {
        return new ModelObjective(model, examples(), examples(), BATCH);
    }

    /** Along the gradient the loss grows as fast as the gradient is long. */
    @ParameterizedTest
    @ValueSource(strings = {"pixelcnn_pp", "pixelcnn"})
    void gradientIsThatOfFiniteDifferences(String architecture) {
        try (Model model = model(architecture);
                NormedObjective objective = new NormedObjective(plain(model))) {
            objective.initialise(BATCH, 1);
            MemorySegment parameters = objective.parameters().all();
            float[] start = parameters.toArray(ValueLayout.JAVA_FLOAT);
            objective.lossAndGradient(all(), 0);
            float[] gradient = objective.gradient().toArray(ValueLayout.JAVA_FLOAT);
            for (boolean scales : new boolean[] {false, true}) {
                float[] direction = part(objective, gradient, scales);
                double length = length(direction);
                double step = 2e-3;
                double up = lossAt(objective, start, direction, step / length);
                double down = lossAt(objective, start, direction, -step / length);
                assertThat((up - down) / (2 * step)).as("scales %s", scales).isCloseTo(length, within(0.01 * length));
            }
        }
    }

    /** Of a gradient the scales' part, or all other. */
    private static float[] part(NormedObjective objective, float[] gradient, boolean scales) {
        float[] part = new float[gradient.length];
        for (String name : objective.parameters().names()) {
            int first = Math.toIntExact(objective.parameters().offset(name));
            int count = Math.toIntExact(objective.parameters().get(name).byteSize() / Float.BYTES);
            if (name.endsWith("_g") == scales) {
                System.arraycopy(gradient, first, part, first, count);
            }
        }
        return part;
    }

    private static double length(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += (double) value * value;
        }
        return Math.sqrt(sum);
    }

    private static double lossAt(NormedObjective objective, float[] start, float[] direction, double by) {
        MemorySegment parameters = objective.parameters().all();
        for (int i = 0; i < start.length; i++) {
            parameters.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) (start[i] + by * direction[i]));
        }
        return objective.validationLoss();
    }

    @Test
    void theFunctionStaysTheSame() {
        try (Model model = model("pixelcnn_pp");
                NormedObjective objective = new NormedObjective(plain(model));
                ModelObjective other = plain(model)) {
            assertThat(objective.validationLoss()).isCloseTo(other.validationLoss(), within(1e-4));
        }
    }

    /** The head is behind all other layers. */
    @Test
    void outputsOfTheFirstBatchHaveMeanZeroAndDeviationOne() {
        try (Model model = model("pixelcnn_pp");
                NormedObjective objective = new NormedObjective(plain(model))) {
            objective.initialise(BATCH, 1);
            int[] first = java.util.Arrays.copyOf(Shuffle.order(COUNT, 1, 0), BATCH);
            try (Model made = objective.trained()) {
                int width = made.config().outputs();
                double[] sums = new double[width];
                double[] squares = new double[width];
                for (int example : first) {
                    float[] outputs =
                            made.outputs(examples().range(example, example + 1)).values();
                    for (int i = 0; i < outputs.length; i++) {
                        sums[i / PIXELS] += outputs[i];
                        squares[i / PIXELS] += outputs[i] * outputs[i];
                    }
                }
                for (int o = 0; o < width; o++) {
                    double mean = sums[o] / (BATCH * PIXELS);
                    assertThat(mean).isCloseTo(0, within(1e-4));
                    assertThat(squares[o] / (BATCH * PIXELS) - mean * mean).isCloseTo(1, within(1e-3));
                }
            }
        }
    }

    @Test
    void aResumedRunEndsWithTheSameBits() throws IOException {
        float[] whole = trained("whole", false, 7);
        trained("cut", false, 4);
        assertThat(trained("cut", true, 7)).containsExactly(whole);
    }

    private float[] trained(String name, boolean resume, long steps) throws IOException {
        try (Model model = model("pixelcnn_pp");
                NormedObjective objective = new NormedObjective(plain(model))) {
            if (!resume) {
                objective.initialise(BATCH, 3);
            }
            TrainerOptions options = TrainerOptions.builder()
                    .batchSize(4)
                    .maxSteps(steps)
                    .optimizer(Optimizer.Adam.of(1e-3))
                    .emaDecay(0.9)
                    .seed(3)
                    .build();
            Trainer trainer = new Trainer(objective, options, folder.resolve(name + ".state"));
            TrainingResult result = resume ? trainer.resume() : trainer.run();
            assertThat(result.steps()).isEqualTo(steps);
            return objective.parameters().all().toArray(ValueLayout.JAVA_FLOAT);
        }
    }

    @Test
    void aPlainRunIsNotResumedNormalised() throws IOException {
        TrainerOptions options =
                TrainerOptions.builder().batchSize(4).maxSteps(1).build();
        Path state = folder.resolve("state");
        try (Model model = model("pixelcnn_pp");
                ModelObjective objective = plain(model)) {
            new Trainer(objective, options, state).run();
        }
        try (Model model = model("pixelcnn_pp");
                NormedObjective objective = new NormedObjective(plain(model))) {
            Trainer trainer = new Trainer(objective, options, state);
            assertThatThrownBy(trainer::resume)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("cannot be resumed with another identity weights");
        }
    }
}
