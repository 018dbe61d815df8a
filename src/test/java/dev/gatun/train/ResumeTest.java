package dev.gatun.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.file.Safetensors;
import dev.gatun.train.Schedule.Unit;
import dev.gatun.train.TrainingResult.End;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A run that was interrupted, after any step, ends with the bits of one that was not. */
class ResumeTest {
    private static final int STEPS = 9;

    @TempDir
    Path folder;

    static Stream<TrainerOptions> options() {
        TrainerOptions.Builder base =
                TrainerOptions.builder().batchSize(4).epochs(3).seed(3);
        return Stream.of(
                base.optimizer(new Optimizer.Sgd(0.1, 0.9, true, 0.01))
                        .emaDecay(0.8)
                        .build(),
                base.optimizer(new Optimizer.RmsProp(0.01, 0.9, 1e-8, 0.5, 0.01))
                        .emaDecay(0)
                        .gradientClip(0.1)
                        .build(),
                base.optimizer(Optimizer.Adam.of(0.05))
                        .emaDecay(0.5)
                        .schedule(new Schedule.Cosine(7, 1e-3, Unit.STEPS))
                        .build(),
                base.emaDecay(0)
                        .averageFrom(2)
                        .schedule(new Schedule.Warmup(5, new Schedule.Exponential(0.9, Unit.EPOCHS)))
                        .build(),
                base.averageFrom(0)
                        .optimizer(Optimizer.Adamax.of(0.1))
                        .emaDecay(0)
                        .gradientClip(0)
                        .patience(1)
                        .schedule(new Schedule.Step(1, 0.5, Unit.EPOCHS))
                        .build());
    }

    /** What a run leaves behind, without times. */
    private record Left(TrainingResult result, int[] parameters, Map<String, String> state, List<String> log) {
        static Left of(TrainingResult r, Regression regression, Path state, Path log) throws IOException {
            Map<String, String> contents = new TreeMap<>();
            try (Safetensors file = Safetensors.open(state)) {
                contents.putAll(file.metadata());
                contents.keySet().removeIf(key -> key.endsWith("seconds"));
                for (String name : file.tensors().keySet()) {
                    byte[] bytes = file.raw(name).toArray(ValueLayout.JAVA_BYTE);
                    contents.put(name, java.util.HexFormat.of().formatHex(bytes));
                }
            }
            List<String> rows = Files.readAllLines(log).stream()
                    .map(row -> String.join(",", List.of(row.split(",")).subList(0, 7)))
                    .toList();
            TrainingResult timeless =
                    new TrainingResult(r.end(), r.epochs(), r.steps(), r.trainNats(), r.bestEpoch(), r.bestNats(), 0);
            return new Left(timeless, regression.bits(), contents, rows);
        }

        void assertEqual(Left other, String what) {
            assertThat(result).as(what).isEqualTo(other.result);
            assertThat(parameters).as(what).isEqualTo(other.parameters);
            assertThat(state).as(what).isEqualTo(other.state);
            assertThat(log).as(what).isEqualTo(other.log);
        }
    }

    private Path state(String name) {
        return folder.resolve(name + ".state");
    }

    private Path log(String name) {
        return folder.resolve(name + ".csv");
    }

    private Left uninterrupted(TrainerOptions options) throws IOException {
        Regression regression = new Regression(10, 3);
        Trainer trainer = new Trainer(regression, options, state("whole"));
        TrainingResult result = trainer.run(new CsvLog(log("whole")));
        return Left.of(result, regression, state("whole"), log("whole"));
    }

    /** Runs up to a stop after some steps of its own, or to the end, with a new objective as a new process has it. */
    private Left part(TrainerOptions options, String name, boolean resume, int steps) throws IOException {
        Regression regression = new Regression(10, 3);
        Trainer trainer = new Trainer(regression, options, state(name));
        ProgressListener stopper = new ProgressListener() {
            private int made;

            @Override
            public void started(int epochs, long before) {
                stopAfter(0);
            }

            @Override
            public void stepEnded(int epoch, int batch, int batches, double nats) {
                stopAfter(++made);
            }

            private void stopAfter(int now) {
                if (now == steps) {
                    trainer.stop();
                }
            }
        };
        CsvLog log = new CsvLog(log(name));
        TrainingResult result = resume ? trainer.resume(log, stopper) : trainer.run(log, stopper);
        return Left.of(result, regression, state(name), log(name));
    }

    @ParameterizedTest
    @MethodSource("options")
    void oneInterruptionAfterAnyStep(TrainerOptions options) throws IOException {
        Left whole = uninterrupted(options);
        long last = whole.result.steps();
        for (int steps = 0; steps < last; steps++) {
            String name = "stopped-" + steps;
            Left first = part(options, name, false, steps);
            assertThat(first.result.end()).isEqualTo(End.STOPPED);
            assertThat(first.result.steps()).isEqualTo(steps);
            part(options, name, true, -1).assertEqual(whole, name);
        }
    }

    @ParameterizedTest
    @MethodSource("options")
    void aStopAfterEveryStep(TrainerOptions options) throws IOException {
        Left whole = uninterrupted(options);
        Left part = part(options, "crawl", false, 1);
        for (int runs = 1; part.result.end() == End.STOPPED; runs++) {
            assertThat(runs).isLessThan(2 * STEPS);
            part = part(options, "crawl", true, 1);
        }
        part.assertEqual(whole, "crawl");
    }

    @ParameterizedTest
    @MethodSource("options")
    void limitsThatGrow(TrainerOptions options) throws IOException {
        Left whole = uninterrupted(options);
        for (int steps = 1; steps < whole.result.steps(); steps++) {
            String name = "limit-" + steps;
            Left first = part(options.toBuilder().maxSteps(steps).build(), name, false, -1);
            assertThat(first.result.end()).isEqualTo(End.STEPS);
            Left second = part(options.toBuilder().maxSteps(STEPS).build(), name, true, -1);
            assertThat(second.parameters).as(name).isEqualTo(whole.parameters);
            assertThat(second.log).as(name).isEqualTo(whole.log);
        }
        part(options.toBuilder().epochs(1).build(), "epochs", false, -1);
        assertThat(part(options, "epochs", true, -1).parameters).isEqualTo(whole.parameters);
    }

    @Test
    void aStopDuringTheLastStepOfAnEpochValidatesLater() throws IOException {
        TrainerOptions options = options().toList().getFirst();
        Left first = part(options, "edge", false, 3);
        assertThat(first.result.epochs()).isZero();
        assertThat(first.log).hasSize(1);
        assertThat(part(options, "edge", true, -1).log).hasSize(4);
    }

    @Test
    void aFinishedRunThatIsResumedIsFinished() throws IOException {
        TrainerOptions options = options().toList().getFirst();
        Left first = part(options, "done", false, -1);
        part(options, "done", true, -1).assertEqual(first, "done");
    }

    @Test
    void threadsDoNotMatter() throws IOException {
        TrainerOptions options = options().toList().getFirst();
        Left whole = uninterrupted(options);
        part(options.toBuilder().threads(2).build(), "threads", false, 4);
        part(options.toBuilder().threads(3).build(), "threads", true, -1).assertEqual(whole, "threads");
    }
}
