package dev.gatun.cli;

import dev.gatun.Examples;
import dev.gatun.Model;
import dev.gatun.TrainingDraws;
import dev.gatun.data.DataSet;
import dev.gatun.data.Split;
import dev.gatun.train.ExampleSet;
import dev.gatun.train.StreamObjective;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Truncated back-propagation through one long sequence. */
final class StreamOptions {
    @Option(
            names = "--bptt",
            paramLabel = "T",
            defaultValue = "0",
            description =
                    "Learn one long text, sound or series in streams side by side, T positions of each a step; the"
                            + " state goes on from step to step, gradients do not. Validation is by the last positions.")
    private int window;

    @Option(
            names = "--streams",
            paramLabel = "B",
            description = "With --bptt: how many streams the sequence is cut into (64).")
    private @Nullable Integer streams;

    /** Whether this is how to train. */
    boolean given() {
        if (window < 0 || (streams != null && (streams < 1 || window == 0))) {
            throw new UsageException("--bptt: found " + window + (streams == null ? "" : " and --streams " + streams)
                    + ", expected at least 1 position of at least 1 stream");
        }
        return window > 0;
    }

    private int count() {
        return streams == null ? 64 : streams;
    }

    /**
     * Reads and divides a sequence.
     *
     * @param validation a fraction of the positions, a file, or null for what suits the data
     */
    TrainingData read(DataSet set, TrainingData.Reader reader, @Nullable String validation) throws IOException {
        if (reader.length() != 0 || reader.conditions().given()) {
            throw new UsageException("--bptt: takes neither --length nor conditions");
        }
        Double fraction = TrainingData.fraction(validation);
        if (fraction == null || (validation == null && set.splits().contains(Split.VALID))) {
            return TrainingData.read(set, reader, validation);
        }
        TrainingData whole = TrainingData.read(set, reader, "0");
        return whole.train().count() == 1 ? divide(whole, fraction) : whole;
    }

    private static TrainingData divide(TrainingData data, double fraction) {
        Examples all = data.train().examples();
        int valid = (int) Math.round(fraction * all.length());
        if (valid == 0) {
            return data;
        }
        int rest = all.length() - valid;
        String note = "validation: the last " + Numbers.grouped(valid) + " of " + Numbers.grouped(all.length())
                + " positions";
        return new TrainingData(part(all, 0, rest), part(all, rest, valid), data.test(), note);
    }

    private static ExampleSet part(Examples all, int from, int count) {
        return ExampleSet.of(
                all.real()
                        ? Examples.ofReals(1, count, Arrays.copyOfRange(all.reals(), from, from + count))
                        : Examples.ofSequence(1, count, all.sequence().slice(from, count)));
    }

    /** The objective of a sequence. */
    StreamObjective objective(Model start, TrainingData data, TrainingDraws draws) {
        Examples valid = data.valid() == null ? null : data.valid().examples();
        try {
            return new StreamObjective(start, data.train().examples(), valid, count(), window, draws);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--bptt: " + e.getMessage());
        }
    }
}
