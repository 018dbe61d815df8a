package dev.gatun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.gatun.family.DataSpec;
import dev.gatun.family.DistributionSpec;
import dev.gatun.family.InputEncoding;
import dev.gatun.family.ModelConfig;
import dev.gatun.file.Safetensors;
import dev.gatun.train.Objective;
import dev.gatun.train.Optimizer;
import dev.gatun.train.StreamObjective;
import dev.gatun.train.Trainer;
import dev.gatun.train.TrainerOptions;
import dev.gatun.train.TrainingResult;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Windows that hand on their state on a device: losses and states of the processor's bits, gradients near to its, whatever stays there. */
@ExtendWith(EmulatedDevice.class)
class CudaWindowsTest {
    private static final Device DEVICE = EmulatedDevice.DEVICE;
    private static final Device HERE = Device.cpu(1);
    private static final int STREAMS = 3;
    private static final int WINDOW = 5;
    /** Of a sequence of 71: streams of 23. */
    private static final int WINDOWS = 4;

    private static final int[] ONE = {0};

    @TempDir
    private Path folder;

    static Stream<ModelConfig> configs() {
        return Stream.of(
                text("rnn_arm", InputEncoding.ONE_HOT, Map.of("cell", "lstm", "layers", 2L, "hidden", 19L)),
                text("rnn_arm", InputEncoding.SCALED, Map.of("cell", "gru", "layers", 1L, "hidden", 5L)),
                text("rnn_arm", InputEncoding.ONE_HOT, Map.of("cell", "tanh", "layers", 3L, "hidden", 4L)),
                convolutions(List.of(6L, 18L)),
                convolutions(List.of()),
                text(
                        "wavenet",
                        InputEncoding.ONE_HOT,
                        Map.of(
                                "residual_channels", 3L,
                                "dilation_channels", 4L,
                                "skip_channels", 5L,
                                "head_channels", 6L,
                                "kernel_size", 2L,
                                "dilations", List.of(1L, 4L))),
                new ModelConfig(
                        "rnn_arm",
                        new DataSpec.Series(),
                        InputEncoding.RAW,
                        DistributionSpec.of(DistributionSpec.Type.GAUSSIAN),
                        Map.of("cell", "lstm", "layers", 1L, "hidden", 3L)));
    }

    private static ModelConfig convolutions(List<Long> channels) {
        List<Long> dilations = channels.isEmpty() ? List.of(3L) : List.of(1L, 3L, 2L);
        return text(
                "causal_conv_arm",
                InputEncoding.ONE_HOT,
                Map.of("channels", channels, "kernel_size", 2L, "dilations", dilations));
    }

    private static ModelConfig text(String family, InputEncoding input, Map<String, Object> options) {
        return new ModelConfig(
                family,
                new DataSpec.Text("abcde"),
                input,
                DistributionSpec.of(DistributionSpec.Type.CATEGORICAL),
                options);
    }

    private static Examples sequence(ModelConfig config, int length) {
        return sequences(config, 1, length);
    }

    private static Examples sequences(ModelConfig config, int count, int length) {
        Random random = new Random(length);
        if (config.data().levels() > 0) {
            return Examples.ofLevels(
                    count, length, random.ints((long) count * length, 0, 5).toArray());
        }
        float[] reals = new float[count * length];
        for (int i = 0; i < reals.length; i++) {
            reals[i] = (float) random.nextGaussian();
        }
        return Examples.ofReals(count, length, reals);
    }

    private static StreamObjective objective(Model model, double dropout) {
        ModelConfig config = model.config();
        TrainingDraws draws = dropout > 0 ? new TrainingDraws(MaskTraining.AVERAGE, dropout, 4) : TrainingDraws.NONE;
        return new StreamObjective(model, sequence(config, 71), sequence(config, 30), STREAMS, WINDOW, draws);
    }

    private static MemorySegment state(Objective objective) {
        return Objects.requireNonNull(objective.carried().get("streams"));
    }

    /** Through the streams twice and into them again, of parameters that change, and each time from a beginning. */
    private static void assertAlike(ModelConfig config, double dropout) {
        try (Model here = Model.create(config, 2, HERE);
                Model there = Model.create(config, 2, DEVICE);
                StreamObjective expected = objective(here, dropout);
                StreamObjective found = objective(there, dropout)) {
            for (int step = 0; step < 2 * WINDOWS + 2; step++) {
                double loss = expected.lossAndGradient(ONE, step);
                assertThat(found.lossAndGradient(ONE, step)).isEqualTo(loss);
                assertNear(expected.gradient(), found.gradient());
                assertSameState(expected, found);
                assertThat(found.validationLoss()).isEqualTo(expected.validationLoss());
                assertSameState(expected, found);
                descend(expected);
                found.parameters().all().copyFrom(expected.parameters().all());
            }
        }
    }

    private static void assertSameState(Objective expected, Objective found) {
        assertThat(state(found).toArray(ValueLayout.JAVA_INT))
                .containsExactly(state(expected).toArray(ValueLayout.JAVA_INT));
    }

    private static void descend(Objective objective) {
        MemorySegment values = objective.parameters().all();
        for (int i = 0; i < objective.parameters().length(); i++) {
            float value = values.getAtIndex(ValueLayout.JAVA_FLOAT, i);
            float slope = objective.gradient().getAtIndex(ValueLayout.JAVA_FLOAT, i);
            values.setAtIndex(ValueLayout.JAVA_FLOAT, i, value - 0.1f * slope);
        }
    }

    private static void assertNear(MemorySegment expected, MemorySegment found) {
        float[] wanted = expected.toArray(ValueLayout.JAVA_FLOAT);
        float[] gradient = found.toArray(ValueLayout.JAVA_FLOAT);
        double largest = IntStream.range(0, wanted.length)
                .mapToDouble(i -> Math.abs(wanted[i]))
                .max()
                .orElse(0);
        for (int i = 0; i < wanted.length; i++) {
            assertThat((double) gradient[i]).as("[%d]", i).isCloseTo(wanted[i], within(1e-5 * largest));
        }
    }

    @ParameterizedTest
    @MethodSource("configs")
    void windowsFollowEachOtherAsOnTheProcessor(ModelConfig config) {
        assertAlike(config, 0);
    }

    @Test
    void whatStepsDropIsTheProcessors() {
        assertAlike(configs().toList().getFirst(), 0.4);
    }

    /** Their windows, too; a second time nothing is left of the first. */
    @ParameterizedTest
    @MethodSource("configs")
    void longSequencesHaveTheProcessorsBits(ModelConfig config) {
        Examples x = sequences(config, 3, 61);
        try (Model here = Model.create(config, 5, HERE);
                Model there = Model.create(config, 5, DEVICE)) {
            LikelihoodMap expected = here.likelihoodMap(x, Condition.none());
            for (int window : new int[] {6, 30, 61}) {
                try (LongLikelihood windows = new LongLikelihood(there, x, Condition.none(), window)) {
                    for (int time = 0; time < 2; time++) {
                        assertThat(windows.map().nats()).containsExactly(expected.nats());
                    }
                    assertThat(windows.likelihood().nats())
                            .containsExactly(expected.likelihood().nats());
                }
            }
        }
    }

    private static TrainerOptions options() {
        return TrainerOptions.builder()
                .batchSize(1)
                .epochs(3)
                .optimizer(Optimizer.Adam.of(0.01))
                .emaDecay(0.5)
                .gradientClip(1)
                .build();
    }

    /** A run to its end, or to a number of steps; it goes on where there is a state. */
    private double train(ModelConfig config, Device device, boolean stays, String name, int steps) throws IOException {
        Path state = folder.resolve(name);
        boolean resumes = state.toFile().exists();
        // Another model's weights where a run goes on, which must not show.
        try (Model model = Model.create(config, resumes ? 2 : 1, device);
                StreamObjective objective = objective(model, 0)) {
            Objective trained = stays ? objective : new Travelling(objective);
            TrainerOptions options = options().toBuilder().maxSteps(steps).build();
            Trainer trainer = new Trainer(trained, options, state);
            TrainingResult result = resumes ? trainer.resume() : trainer.run();
            // What came back is what the device goes on with.
            assertThat(objective.validationLoss()).isEqualTo(result.bestNats());
            return result.bestNats();
        }
    }

    @ParameterizedTest
    @MethodSource("configs")
    void aStateThatStaysHasTheBitsOfOneThatTravels(ModelConfig config) throws IOException {
        train(config, DEVICE, false, "travelling", 0);
        train(config, DEVICE, true, "staying", 0);
        assertSameCheckpoints("travelling", "staying");
    }

    /** Within an epoch and at its end: of the bits of a whole run. */
    @ParameterizedTest
    @MethodSource("configs")
    void aRunGoesOnWithItsState(ModelConfig config) throws IOException {
        double whole = train(config, DEVICE, true, "whole", 0);
        for (int steps : List.of(2, WINDOWS, WINDOWS + 3)) {
            String part = "part" + steps;
            train(config, DEVICE, true, part, steps);
            assertThat(train(config, DEVICE, true, part, 0)).isEqualTo(whole);
            assertSameCheckpoints("whole", part);
        }
    }

    /** A state file is not a device's. */
    @ParameterizedTest
    @MethodSource("configs")
    void theProcessorsRunGoesOnOnADeviceAndBack(ModelConfig config) throws IOException {
        double expected = train(config, HERE, true, "here", 0);
        for (List<Device> pair : List.of(List.of(HERE, DEVICE), List.of(DEVICE, HERE))) {
            String state = pair.getFirst().toString();
            train(config, pair.getFirst(), true, state, WINDOWS + 2);
            assertThat(train(config, pair.getLast(), true, state, 0)).isCloseTo(expected, within(1e-4));
        }
    }

    private void assertSameCheckpoints(String expected, String found) throws IOException {
        try (Safetensors a = Safetensors.open(folder.resolve(expected));
                Safetensors b = Safetensors.open(folder.resolve(found))) {
            assertThat(a.tensors()).containsKey("carried.streams");
            assertThat(b.tensors().keySet()).isEqualTo(a.tensors().keySet());
            for (String name : a.tensors().keySet()) {
                assertThat(b.raw(name).mismatch(a.raw(name))).as(name).isEqualTo(-1);
            }
        }
    }

    /** What is fetched is the state; what this machine makes of it meanwhile is not seen until it is brought. */
    @Test
    void aStateThatStaysComesBackWhenItIsFetched() {
        ModelConfig config = configs().toList().getFirst();
        try (Model model = Model.create(config, 1, DEVICE);
                StreamObjective travels = objective(model, 0);
                StreamObjective stays = objective(model, 0)) {
            double[] losses = new double[WINDOWS];
            for (int step = 0; step < WINDOWS; step++) {
                losses[step] = travels.lossAndGradient(ONE, step);
            }
            try (DeviceVectors device = Objects.requireNonNull(stays.stay())) {
                for (int step = 0; step < WINDOWS; step++) {
                    assertThat(stays.lossAndGradient(ONE, step)).isEqualTo(losses[step]);
                }
                device.fetch(state(stays));
                assertSameState(travels, stays);
                assertThat(stays.lossAndGradient(ONE, WINDOWS)).isEqualTo(losses[0]);
                device.fetch(state(stays));
            }
            travels.lossAndGradient(ONE, WINDOWS);
            assertSameState(travels, stays);
            assertThat(stays.lossAndGradient(ONE, 1)).isEqualTo(losses[1]);
        }
        try (Model model = Model.create(config, 1, HERE);
                StreamObjective objective = objective(model, 0)) {
            assertThat(objective.stay()).isNull();
        }
    }
}
