package dev.gatun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.gatun.family.DataSpec;
import dev.gatun.family.DistributionSpec;
import dev.gatun.family.InputEncoding;
import dev.gatun.family.ModelConfig;
import dev.gatun.file.Safetensors;
import dev.gatun.train.BatchSource;
import dev.gatun.train.EpochReport;
import dev.gatun.train.ExampleSet;
import dev.gatun.train.ExampleSource;
import dev.gatun.train.ModelObjective;
import dev.gatun.train.NormedObjective;
import dev.gatun.train.Objective;
import dev.gatun.train.Optimizer;
import dev.gatun.train.ProgressListener;
import dev.gatun.train.Schedule;
import dev.gatun.train.Schedule.Unit;
import dev.gatun.train.Trainer;
import dev.gatun.train.TrainerOptions;
import dev.gatun.train.TrainingResult;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Training whose vectors stay on a device from step to step, against the same gradients with the processor's steps: the same bits,
 * in the model, in reports and in checkpoints.
 */
@ExtendWith(EmulatedDevice.class)
class CudaTrainingTest {
    private static final Device DEVICE = EmulatedDevice.DEVICE;
    private static final ModelConfig CONFIG = new ModelConfig(
            "causal_conv_arm",
            new DataSpec.Sequence(12, 5),
            InputEncoding.ONE_HOT,
            DistributionSpec.of(DistributionSpec.Type.CATEGORICAL),
            Map.of("channels", List.of(20L), "kernel_size", 3L, "dilations", List.of(1L, 2L)));
    /** Of maps that are worth tensor cores. */
    private static final ModelConfig WIDE = new ModelConfig(
            "causal_conv_arm",
            new DataSpec.Sequence(12, 5),
            InputEncoding.ONE_HOT,
            DistributionSpec.of(DistributionSpec.Type.CATEGORICAL),
            Map.of("channels", List.of(40L, 40L), "kernel_size", 3L, "dilations", List.of(1L, 2L, 1L)));

    private static final ModelConfig MADE = new ModelConfig(
            "made",
            new DataSpec.Sequence(12, 2),
            InputEncoding.RAW,
            DistributionSpec.of(DistributionSpec.Type.BERNOULLI),
            Map.of("hidden", List.of(9L), "masks", 3L));
    private static final int EPOCHS = 3;

    @TempDir
    private Path folder;

    /** What a run tells and leaves, without times. */
    private record Left(List<List<Double>> reports, double bestNats, float[] parameters) {
        void assertEqual(Left other) {
            assertThat(reports).isEqualTo(other.reports);
            assertThat(bestNats).isEqualTo(other.bestNats);
            assertThat(parameters).containsExactly(other.parameters);
        }
    }

    static Stream<TrainerOptions> options() {
        TrainerOptions.Builder base =
                TrainerOptions.builder().batchSize(40).epochs(EPOCHS).seed(3);
        return Stream.of(
                base.optimizer(Optimizer.Sgd.of(0.1)).build(),
                base.optimizer(new Optimizer.Sgd(0.1, 0.9, true, 0.01))
                        .gradientClip(0.5)
                        .emaDecay(0.8)
                        .build(),
                base.optimizer(new Optimizer.RmsProp(0.01, 0.9, 1e-8, 0.5, 0.01))
                        .emaDecay(0)
                        .build(),
                base.optimizer(Optimizer.RmsProp.of(0.01)).gradientClip(0.1).build(),
                base.optimizer(Optimizer.Adam.of(0.05))
                        .emaDecay(0.5)
                        .schedule(new Schedule.Cosine(7, 1e-3, Unit.STEPS))
                        .build(),
                base.optimizer(new Optimizer.Adam(0.05, 0.9, 0.999, 1e-8, 0.1, true))
                        .emaDecay(0)
                        .averageFrom(2)
                        .build(),
                base.optimizer(new Optimizer.Adamax(0.02, 0.9, 0.999, 1e-8, 0.01))
                        .averageFrom(0)
                        .patience(1)
                        .build());
    }

    private static BatchSource source(ModelConfig config, int count) {
        int levels = config.data().levels();
        int[] values = new int[count * 12];
        for (int i = 1; i < values.length; i++) {
            values[i] = i % 7 == 0 ? i / 7 % levels : (values[i - 1] + 2) % levels;
        }
        return ExampleSource.of(ExampleSet.of(Examples.ofLevels(count, 12, values)));
    }

    private static Left train(
            ModelConfig config, Device device, boolean stays, MaskTraining masks, Path state, TrainerOptions options)
            throws IOException {
        TrainingDraws draws = new TrainingDraws(masks, 0, 4);
        // Another model's weights where a run goes on, which must not show.
        try (Model model = Model.create(config, state.toFile().exists() ? 2 : 1, device);
                ModelObjective objective =
                        new ModelObjective(model, source(config, 110), source(config, 30), 40, draws)) {
            Objective trained = stays ? objective : new Travelling(objective);
            List<List<Double>> reports = new ArrayList<>();
            ProgressListener listener = new ProgressListener() {
                @Override
                public void epochEnded(EpochReport r) {
                    // A sample of this epoch's model would be made of these.
                    double first = objective.parameters().all().get(ValueLayout.JAVA_FLOAT, 0);
                    reports.add(List.of(r.trainNats(), r.validationNats(), r.gradientNorm(), first));
                }
            };
            Trainer trainer = new Trainer(trained, options, state);
            TrainingResult result = state.toFile().exists() ? trainer.resume(listener) : trainer.run(listener);
            float[] parameters = objective.parameters().all().toArray(ValueLayout.JAVA_FLOAT);
            try (Model made = objective.trained()) {
                // What came back is what the device goes on with.
                assertThat(objective.validationLoss()).isEqualTo(result.bestNats());
                assertThat(made.logLikelihood(
                                        source(config, 30).batch(chosen(30), 0).examples())
                                .meanNats())
                        .isCloseTo(result.bestNats(), within(1e-6));
            }
            return new Left(reports, result.bestNats(), parameters);
        }
    }

    private static int[] chosen(int count) {
        return IntStream.range(0, count).toArray();
    }

    private Left train(Device device, boolean stays, String state, TrainerOptions options) throws IOException {
        return train(CONFIG, device, stays, MaskTraining.AVERAGE, folder.resolve(state), options);
    }

    @ParameterizedTest
    @MethodSource("options")
    void stepsOnTheDeviceHaveTheProcessorsBits(TrainerOptions options) throws IOException {
        Left expected = train(DEVICE, false, "travelling", options);
        assertThat(expected.reports).isNotEmpty();
        train(DEVICE, true, "staying", options).assertEqual(expected);
        assertSameCheckpoints("travelling", "staying");
    }

    /** Masks and orders that are drawn for each step have their own passes, over the same vectors. */
    @ParameterizedTest
    @EnumSource(MaskTraining.class)
    void masksOfStepsHaveThem(MaskTraining masks) throws IOException {
        TrainerOptions options = options().toList().get(1);
        Left expected = train(MADE, DEVICE, false, masks, folder.resolve("travelling"), options);
        train(MADE, DEVICE, true, masks, folder.resolve("staying"), options).assertEqual(expected);
    }

    @ParameterizedTest
    @MethodSource("options")
    void aRunGoesOnOnTheDeviceAndBack(TrainerOptions options) throws IOException {
        Left expected = train(DEVICE, true, "whole", options);
        TrainerOptions four = options.toBuilder().maxSteps(4).build();
        train(DEVICE, true, "there", four);
        train(DEVICE, false, "here", four);
        assertSameCheckpoints("here", "there");
        train(DEVICE, true, "here", options);
        train(DEVICE, false, "there", options);
        assertSameCheckpoints("whole", "here");
        assertSameCheckpoints("whole", "there");
        assertThat(expected.bestNats).isFinite();
    }

    @Test
    void whatStaysComesBackWhenItIsFetched() throws IOException {
        Examples x = source(CONFIG, 30).batch(chosen(30), 0).examples();
        try (Model model = Model.create(CONFIG, 1, DEVICE);
                TrainingPass pass = new TrainingPass(model, 30)) {
            double loss = pass.lossAndGradient(x, chosen(30));
            float[] gradient = pass.gradient().toArray(ValueLayout.JAVA_FLOAT);
            float[] none = new float[gradient.length];
            DeviceVectors device = Objects.requireNonNull(pass.stay());
            pass.gradient().fill((byte) 0);
            pass.parameters().all().fill((byte) 0);
            assertThat(pass.lossAndGradient(x, chosen(30))).isEqualTo(loss);
            assertThat(pass.gradient().toArray(ValueLayout.JAVA_FLOAT)).containsExactly(none);
            device.fetch(pass.gradient());
            assertThat(pass.gradient().toArray(ValueLayout.JAVA_FLOAT)).containsExactly(gradient);
            device.close();
            // Parameters of zeros from here on.
            assertThat(pass.lossAndGradient(x, chosen(30))).isCloseTo(12 * Math.log(5), within(1e-5));
        }
        try (Model model = Model.create(CONFIG, 1, Device.cpu(1));
                TrainingPass pass = new TrainingPass(model, 30)) {
            assertThat(pass.stay()).isNull();
        }
    }

    /** Lengths and directions are the processor's on a device, too; the weights that they make travel. */
    @Test
    void normalisedWeightsAreTrained() throws IOException {
        TrainerOptions options =
                options().toList().get(4).toBuilder().maxSteps(4).build();
        Examples x = source(CONFIG, 30).batch(chosen(30), 0).examples();
        List<Double> losses = new ArrayList<>();
        for (Device device : List.of(Device.cpu(1), DEVICE)) {
            try (Model model = Model.create(CONFIG, 1, device);
                    NormedObjective objective = new NormedObjective(
                            new ModelObjective(model, source(CONFIG, 110), source(CONFIG, 30), 40))) {
                objective.initialise(40, 1);
                losses.add(objective.validationLoss());
                new Trainer(objective, options).run();
                try (Model trained = objective.trained()) {
                    losses.add(trained.logLikelihood(x).meanNats());
                }
            }
        }
        assertThat(losses.get(2)).isEqualTo(losses.get(0));
        assertThat(losses.get(1)).isLessThan(losses.get(0));
        assertThat(losses.get(3)).isCloseTo(losses.get(1), within(1e-4));
    }

    /** Of rounded factors, on tensor cores: near to float32's, the same from run to run, and of steps alone. */
    @ParameterizedTest
    @EnumSource(names = {"TF32", "BF16"})
    void roundedProductsTrainNearly(Products products) throws IOException {
        List<Double> exact = losses(DEVICE, "exact");
        List<Double> rounded = losses(DEVICE.withProducts(products), "rounded");
        assertThat(rounded).isNotEqualTo(exact).hasSize(20);
        for (int step = 0; step < exact.size(); step++) {
            double tolerance = products == Products.TF32 ? 0.003 : 0.03;
            assertThat(rounded.get(step))
                    .as("step " + step)
                    .isCloseTo(exact.get(step), within(tolerance * exact.get(step)));
        }
        assertThat(losses(DEVICE.withProducts(products), "again")).isEqualTo(rounded);
        Path file = folder.resolve("rounded");
        try (Model model = Model.load(file, DEVICE.withProducts(products));
                Model other = Model.load(file, Device.cpu(1))) {
            Examples x = source(WIDE, 30).batch(chosen(30), 0).examples();
            assertThat(model.logLikelihood(x).meanNats())
                    .isEqualTo(other.logLikelihood(x).meanNats());
        }
    }

    /** Of the first steps, each of all examples. */
    private List<Double> losses(Device device, String name) throws IOException {
        TrainerOptions options = TrainerOptions.builder()
                .batchSize(110)
                .epochs(20)
                .seed(3)
                .optimizer(Optimizer.Adam.of(0.003))
                .build();
        List<Double> losses = new ArrayList<>();
        try (Model model = Model.create(WIDE, 1, device);
                ModelObjective objective =
                        new ModelObjective(model, source(WIDE, 110), source(WIDE, 30), 110, TrainingDraws.NONE)) {
            new Trainer(objective, options, folder.resolve(name + ".state")).run(new ProgressListener() {
                @Override
                public void epochEnded(EpochReport r) {
                    losses.add(r.trainNats());
                }
            });
            try (Model trained = objective.trained()) {
                trained.save(folder.resolve(name));
            }
        }
        return losses;
    }

    /** A state file is not a device's: what the processor alone began a device ends, and the other way round. */
    @Test
    void theProcessorsRunGoesOnOnADevice() throws IOException {
        TrainerOptions options = options().toList().get(4);
        Left expected = train(Device.cpu(1), true, "whole", options);
        for (List<Device> pair : List.of(List.of(Device.cpu(1), DEVICE), List.of(DEVICE, Device.cpu(1)))) {
            String state = pair.getFirst().toString();
            train(pair.getFirst(), true, state, options.toBuilder().maxSteps(4).build());
            Left found = train(pair.getLast(), true, state, options);
            assertThat(found.bestNats).isCloseTo(expected.bestNats, within(1e-4));
        }
    }

    private void assertSameCheckpoints(String expected, String found) throws IOException {
        try (Safetensors a = Safetensors.open(folder.resolve(expected));
                Safetensors b = Safetensors.open(folder.resolve(found))) {
            assertThat(b.tensors().keySet()).isEqualTo(a.tensors().keySet());
            for (String name : a.tensors().keySet()) {
                assertThat(b.raw(name).mismatch(a.raw(name))).as(name).isEqualTo(-1);
            }
            assertThat(timeless(b)).isEqualTo(timeless(a));
        }
    }

    private static List<String> timeless(Safetensors file) {
        return file.metadata().entrySet().stream()
                .filter(entry -> !entry.getKey().endsWith("seconds"))
                .map(Object::toString)
                .sorted()
                .toList();
    }
}
