package dev.gatun.cli;

import dev.gatun.train.DivergedException;
import dev.gatun.train.ProgressListener;
import dev.gatun.train.Trainer;
import dev.gatun.train.TrainingResult;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A run of training that is saved however it ends. */
final class SavedRun {
    private final Console console;
    private final boolean resume;

    /** Writes what was trained. */
    interface Saver {
        void save(Path file) throws IOException;
    }

    SavedRun(Console console, boolean resume) {
        this.console = console;
        this.resume = resume;
    }

    /** Trains and saves, however training ends. */
    TrainingResult go(Trainer trainer, Path file, List<ProgressListener> listeners, Saver saver) throws IOException {
        try (TrainingReport report = new TrainingReport(console);
                Interrupts interrupts = new Interrupts(trainer::stop)) {
            listeners.addFirst(report);
            ProgressListener[] all = listeners.toArray(ProgressListener[]::new);
            TrainingResult result = resume ? trainer.resume(all) : trainer.run(all);
            saver.save(file);
            if (result.end() == TrainingResult.End.STOPPED) {
                throw new Interrupts.Interrupted(
                        "interrupted after " + result.epochs() + " epochs, " + result.steps()
                                + " steps; saved, the same command with --resume goes on",
                        interrupts.number());
            }
            return result;
        } catch (DivergedException e) {
            if (!e.recovered()) {
                throw e;
            }
            saver.save(file);
            String kept = e.bestEpoch() > 0 ? "the best model, of epoch " + e.bestEpoch() : "the last good model";
            throw new IllegalStateException(e.getMessage() + "; " + file + " has " + kept, e);
        }
    }

    /** Says how it ended. */
    void summarise(TrainingResult result, int dimensions) {
        console.out()
                .println(ending(result) + " after " + result.epochs() + " epochs, " + Numbers.grouped(result.steps())
                        + " steps, " + Numbers.time(result.seconds()));
        line("train (mean over the last epoch)", result.trainNats(), dimensions);
        if (result.bestEpoch() > 0) {
            line("validation (epoch " + result.bestEpoch() + ", the best)", result.bestNats(), dimensions);
        }
    }

    private static String ending(TrainingResult result) {
        return switch (result.end()) {
            case EPOCHS -> "all epochs made,";
            case STEPS -> "all steps made,";
            case TIME -> "the time is over,";
            case PATIENCE -> "validation gets no better,";
            case STOPPED -> "stopped";
        };
    }

    /** Says a loss. */
    void line(String name, double nats, int dimensions) {
        if (!Double.isNaN(nats)) {
            console.out()
                    .println(name + ": " + Numbers.fixed(nats, 3) + " nats, "
                            + Numbers.fixed(nats / (dimensions * Math.log(2)), 4) + " bits per dimension");
        }
    }
}
