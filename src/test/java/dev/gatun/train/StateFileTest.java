package dev.gatun.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatun.file.FormatException;
import dev.gatun.file.Safetensors;
import dev.gatun.file.SafetensorsWriter;
import dev.gatun.train.TrainingResult.End;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateFileTest {
    @TempDir
    Path folder;

    private Path file;
    private final TrainerOptions options = TrainerOptions.builder()
            .optimizer(Optimizer.Adam.of(0.01))
            .batchSize(4)
            .epochs(5)
            .patience(4)
            .emaDecay(0.9)
            .build();

    @BeforeEach
    void interruptedRun() throws IOException {
        file = folder.resolve("run.state");
        Regression regression = new Regression(10, 3);
        Trainer trainer = new Trainer(regression, options, file);
        TrainingResult result = trainer.run(new ProgressListener() {
            @Override
            public void stepEnded(int epoch, int batch, int batches, double nats) {
                if (epoch == 2 && batch == 1) {
                    trainer.stop();
                }
            }
        });
        assertThat(result.end()).isEqualTo(End.STOPPED);
    }

    private void refused(TrainerOptions changed, String problem) {
        refused(new Regression(10, 3), changed, problem);
    }

    private void refused(Regression regression, TrainerOptions changed, String problem) {
        int[] before = regression.bits();
        assertThatThrownBy(() -> new Trainer(regression, changed, file).resume())
                .isInstanceOf(FormatException.class)
                .hasMessage(file + ": " + problem);
        assertThat(regression.bits()).isEqualTo(before);
    }

    private TrainerOptions with(Consumer<TrainerOptions.Builder> change) {
        TrainerOptions.Builder builder = options.toBuilder();
        change.accept(builder);
        return builder.build();
    }

    @Test
    void anotherOptionIsRefusedByItsName() {
        String another = "cannot be resumed with another option ";
        refused(with(b -> b.batchSize(5)), another + "batchSize: the run was made with 4, now it is 5");
        refused(with(b -> b.seed(5)), another + "seed: the run was made with 0, now it is 5");
        refused(with(b -> b.emaDecay(0.8)), another + "emaDecay: the run was made with 0.9, now it is 0.8");
        refused(with(b -> b.gradientClip(1)), another + "gradientClip: the run was made with 0.0, now it is 1.0");
        refused(
                with(b -> b.optimizer(Optimizer.Adam.of(0.02))),
                another + "optimizer.learningRate: the run was made with 0.01, now it is 0.02");
        refused(
                with(b -> b.optimizer(Optimizer.Sgd.of(0.01))),
                another + "optimizer: the run was made with Adam, now it is Sgd");
        refused(
                with(b -> b.schedule(new Schedule.Exponential(0.9, Schedule.Unit.EPOCHS))),
                another + "schedule: the run was made with Constant, now it is Exponential");
    }

    @Test
    void limitsMayGrowAndNotShrink() throws IOException {
        refused(
                with(b -> b.epochs(4)),
                "cannot be resumed with epochs 4: the run was made with 5, and this option may only grow");
        refused(
                with(b -> b.patience(3)),
                "cannot be resumed with patience 3: the run was made with 4, and this option may only grow");
        refused(
                with(b -> b.maxSteps(100)),
                "cannot be resumed with maxSteps 100: the run was made with no such limit,"
                        + " and this option may only grow");
        TrainerOptions grown = with(b -> b.epochs(6).patience(0));
        assertThat(new Trainer(new Regression(10, 3), grown, file).resume().epochs())
                .isEqualTo(6);
    }

    @Test
    void otherDataAreRefused() {
        Regression other = new Regression(10, 3);
        other.fingerprint = "data 2";
        refused(
                other,
                options,
                "cannot be resumed with another identity data: the run was made with data 1, now it is data 2");
    }

    @Test
    void aMissingFileSaysSo() {
        Path missing = folder.resolve("missing.state");
        assertThatThrownBy(() -> new Trainer(new Regression(10, 3), options, missing).resume())
                .isInstanceOf(NoSuchFileException.class)
                .hasMessage(missing + ": there is no training state to resume from; start a new run");
    }

    @Test
    void damagedFilesAreRefused() throws IOException {
        rewrite((metadata, tensors) -> metadata.remove("gatun.training"));
        refused(options, "is no training state of this version: metadata key \"gatun.training\" is null, expected 1");
        rewrite((metadata, tensors) -> metadata.put("step", "x4"));
        refused(options, "metadata key \"step\" is \"x4\", expected a number");
        rewrite((metadata, tensors) -> metadata.remove("loss sum"));
        refused(options, "lacks the metadata key \"loss sum\"");
        rewrite((metadata, tensors) -> metadata.put("batch", "2"));
        refused(options, "has impossible counters: epoch 1, batch 2 of 3, step 4, best epoch 1");
        rewrite((metadata, tensors) -> metadata.put("layout", "weight[9] bias[1]"));
        refused(
                options,
                "cannot be resumed with another layout: the run was made with weight[9] bias[1],"
                        + " now it is weight[1, 5] bias[1]");
        rewrite((metadata, tensors) -> metadata.put("option new", "1"));
        refused(options, "cannot be resumed without option new: the run was made with 1");
        rewrite((metadata, tensors) -> tensors.remove("best"));
        refused(
                options,
                "has the tensors [average, optimizer.first, optimizer.second, parameters],"
                        + " expected [average, best, optimizer.first, optimizer.second, parameters]");
        rewrite((metadata, tensors) -> tensors.put("best", new float[31]));
        refused(options, "tensor \"best\" is F32 [31], expected F32 [32]");
    }

    /** Writes the state anew with a change, from the run of {@link #interruptedRun}. */
    private void rewrite(BiConsumer<Map<String, String>, Map<String, float[]>> change) throws IOException {
        interruptedRun();
        Map<String, String> metadata;
        Map<String, float[]> tensors = new HashMap<>();
        try (Safetensors state = Safetensors.open(file)) {
            metadata = new HashMap<>(state.metadata());
            for (String name : state.tensors().keySet()) {
                tensors.put(name, state.floats(name));
            }
        }
        change.accept(metadata, tensors);
        SafetensorsWriter writer = new SafetensorsWriter();
        metadata.forEach(writer::metadata);
        tensors.forEach((name, values) -> writer.add(name, new long[] {values.length}, values));
        writer.write(file);
    }

    @Test
    void divergenceLeavesTheLastCheckpoint() throws IOException {
        Regression regression = new Regression(10, 3);
        regression.badLossAt = 7;
        assertThatThrownBy(() -> new Trainer(regression, options, file).resume())
                .isInstanceOf(DivergedException.class)
                .hasMessage("epoch 3, step 8: the loss of batch 2 is NaN; training stops, " + file
                        + " keeps the state after step 6");
        Regression sound = new Regression(10, 3);
        List<Long> started = new ArrayList<>();
        new Trainer(sound, options, file).resume(new ProgressListener() {
            @Override
            public void started(int epochs, long steps) {
                started.add(steps);
            }
        });
        assertThat(started).containsExactly(6L);
    }

    @Test
    void divergenceWithoutValidationHandsOverTheLastCheckpoint() throws IOException {
        Path unvalidated = folder.resolve("unvalidated.state");
        TrainerOptions plain = with(b -> b.patience(0));
        Regression regression = new Regression(10, 0);
        regression.badGradientAt = 7;
        assertThatThrownBy(() -> new Trainer(regression, plain, unvalidated).run())
                .isInstanceOfSatisfying(
                        DivergedException.class, e -> assertThat(e.recovered()).isTrue())
                .hasMessage("epoch 3, step 8: the gradient's norm is Infinity; training stops, " + unvalidated
                        + " keeps the state after step 6");
        try (Safetensors state = Safetensors.open(unvalidated)) {
            assertThat(regression.values()).isEqualTo(state.floats("average"));
        }
    }

    /** A state file of another run that lies where this one's shall be is not taken for this one's. */
    @Test
    void divergenceBeforeTheFirstCheckpointRecoversNothing() throws IOException {
        byte[] before = Files.readAllBytes(file);
        Regression regression = new Regression(10, 3);
        regression.parameters().all().set(ValueLayout.JAVA_FLOAT, 0, Float.NaN);
        assertThatThrownBy(() -> new Trainer(regression, options, file).run())
                .isInstanceOfSatisfying(
                        DivergedException.class, e -> assertThat(e.recovered()).isFalse())
                .hasMessage("epoch 1, step 0: the norm of \"parameters\" is NaN; training stops, no state was kept");
        assertThat(Files.readAllBytes(file)).isEqualTo(before);
    }

    @Test
    void parametersThatAreNotFiniteNeverReachAFile() throws IOException {
        byte[] before = Files.readAllBytes(file);
        Regression regression = new Regression(10, 3);
        Trainer trainer = new Trainer(regression, options, file);
        assertThatThrownBy(() -> trainer.resume(new ProgressListener() {
                    @Override
                    public void stepEnded(int epoch, int batch, int batches, double nats) {
                        regression.parameters().all().set(ValueLayout.JAVA_FLOAT, 0, Float.NaN);
                        trainer.stop();
                    }
                }))
                .isInstanceOf(DivergedException.class)
                .hasMessageContaining("the norm of \"parameters\" is NaN");
        assertThat(Files.readAllBytes(file)).isEqualTo(before);
    }

    @Test
    void aFileThatCannotBeWrittenEndsTheRunAtItsBeginning() {
        Path nowhere = folder.resolve("no-such-folder").resolve("run.state");
        Regression regression = new Regression(10, 3);
        assertThatThrownBy(() -> new Trainer(regression, options, nowhere).run())
                .isInstanceOf(IOException.class)
                .hasMessageContaining(nowhere.toString());
        assertThat(regression.batches).isEmpty();
    }

    /** Another process resumes under a limit on the size of files, which makes writing the checkpoint fail half-way. */
    @Test
    void aFullDiskLeavesTheOldState() throws Exception {
        byte[] before = Files.readAllBytes(file);
        assertThat(before.length).isGreaterThan(1024);
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        List<String> command = new ArrayList<>(List.of("bash", "-c", "ulimit -f 1; exec \"$@\"", "bash", java));
        command.addAll(List.of("-XX:-UsePerfData", "-Xmx64m", "--enable-native-access=ALL-UNNAMED"));
        String library = System.getProperty("gatun.library.path");
        if (library != null) {
            command.add("-Dgatun.library.path=" + library);
        }
        String classes = System.getProperty("java.class.path");
        command.addAll(List.of("-cp", classes, ResumeWithoutSpace.class.getName(), file.toString()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(output).contains(file + ": cannot be written: ");
        assertThat(process.exitValue()).as(output).isEqualTo(ResumeWithoutSpace.REFUSED);
        assertThat(Files.readAllBytes(file)).isEqualTo(before);
        try (Stream<Path> names = Files.list(folder)) {
            assertThat(names).containsExactly(file);
        }
    }

    /** Resumes the run of {@link #interruptedRun}. */
    static final class ResumeWithoutSpace {
        static final int REFUSED = 17;

        private ResumeWithoutSpace() {}

        public static void main(String[] args) {
            StateFileTest test = new StateFileTest();
            try {
                new Trainer(new Regression(10, 3), test.options, Path.of(args[0])).resume();
            } catch (IOException e) {
                System.out.println(e.getMessage());
                System.exit(REFUSED);
            }
        }
    }
}
