package dev.gatun.cli;

import dev.gatun.train.EpochReport;
import dev.gatun.train.ProgressListener;
import org.jspecify.annotations.Nullable;

/** Says how training goes: a line an epoch, and a bar within it on terminals. */
final class TrainingReport implements ProgressListener, AutoCloseable {
    private final Console console;
    private @Nullable Progress progress;

    TrainingReport(Console console) {
        this.console = console;
    }

    @Override
    public void started(int epochs, long steps) {
        if (steps > 0) {
            console.out().println("resumed after " + epochs + " epochs, " + steps + " steps");
        }
    }

    @Override
    public void stepEnded(int epoch, int batch, int batches, double nats) {
        if (progress == null) {
            progress = new Progress(console, "steps", batches, 1);
        }
        progress.done(batch);
    }

    @Override
    public void epochEnded(EpochReport report) {
        close();
        StringBuilder line = new StringBuilder("epoch ").append(report.epoch());
        line.append(": train ").append(Numbers.fixed(report.trainNats(), 3)).append(" nats");
        if (!Double.isNaN(report.validationNats())) {
            line.append(", validation ")
                    .append(Numbers.fixed(report.validationNats(), 3))
                    .append(" nats");
        }
        line.append(", ").append(Numbers.fixed(report.bitsPerDimension(), 4)).append(" bits/dim, ");
        line.append(Numbers.fixed(report.examplesPerSecond(), 0)).append(" examples/s, ");
        line.append(Numbers.time(report.seconds())).append(report.best() ? " *" : "");
        console.out().println(line);
    }

    @Override
    public void close() {
        if (progress != null) {
            progress.close();
            progress = null;
        }
    }
}
