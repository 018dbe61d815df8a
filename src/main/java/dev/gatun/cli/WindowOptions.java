package dev.gatun.cli;

import dev.gatun.Condition;
import dev.gatun.Examples;
import dev.gatun.LongSequence;
import dev.gatun.Model;
import dev.gatun.data.DataSet;
import dev.gatun.data.Split;
import dev.gatun.graph.Node;
import dev.gatun.graph.ReceptiveField;
import dev.gatun.op.Given;
import dev.gatun.train.BatchSource;
import dev.gatun.train.WindowSource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Windows at drawn places of long sequences. */
final class WindowOptions {
    private static final int MOST_CONTEXT = 1024;

    @Option(
            names = "--window",
            paramLabel = "W",
            description = "Learn windows of W positions of texts and sounds, each step's at places that are drawn anew;"
                    + " validation is by all windows, side by side.")
    private @Nullable Integer window;

    @Option(
            names = "--context",
            paramLabel = "C",
            description =
                    "With --window: positions before a window that are seen and not scored (what the model sees back,"
                            + " at most 1024).")
    private @Nullable Integer context;

    /** Whether this is how to train. */
    boolean given() {
        if (window == null && context != null) {
            throw new UsageException("--context: expected with --window");
        }
        if ((window != null && window < 1) || (context != null && context < 0)) {
            throw new UsageException("--window: found " + window + " positions after " + context
                    + ", expected at least 1 after at least 0");
        }
        return window != null;
    }

    /** What a model is trained and validated by; the second is null for none. */
    record Sources(BatchSource train, @Nullable BatchSource valid, String note) {}

    /**
     * Reads a set's sequences.
     *
     * @param validation the fraction of each sequence, its last positions, where the set has no part for it; else null
     */
    Sources read(DataSet set, TrainingData.Reader reader, Model model, @Nullable String validation, long seed)
            throws IOException {
        if (reader.length() != 0) {
            throw new UsageException("--window: takes no --length");
        }
        if (reader.spec().levels() == 0 || reader.spec().length().isPresent()) {
            throw new UsageException("--window: takes texts and sounds, levels of sequences of any length");
        }
        boolean divided = set.splits().contains(Split.TRAIN);
        Split train = divided ? Split.TRAIN : Split.ALL;
        List<LongSequence> sequences = set.sequences(train, reader.spec());
        Condition condition = condition(set, reader, train, sequences);
        if (validation == null && set.splits().contains(Split.VALID)) {
            List<LongSequence> valid = set.sequences(Split.VALID, reader.spec());
            Condition ofValid = condition(set, reader, Split.VALID, valid);
            return new Sources(
                    source(sequences, condition, model, seed), source(valid, ofValid, model, seed), note(sequences));
        }
        Double fraction = TrainingData.fraction(validation);
        if (fraction == null) {
            throw new UsageException("--validation: found a file, expected a fraction where --window is given");
        }
        return divide(sequences, condition, model, fraction, seed);
    }

    private Sources divide(List<LongSequence> sequences, Condition condition, Model model, double fraction, long seed) {
        List<LongSequence> first = new ArrayList<>();
        List<LongSequence> last = new ArrayList<>();
        int hop = hop(model);
        int[] frames = new int[sequences.size()];
        int most = 0;
        for (int i = 0; i < frames.length; i++) {
            LongSequence sequence = sequences.get(i);
            frames[i] = (int) ((sequence.length() - Math.round(fraction * sequence.length())) / hop);
            long kept = fraction == 0 ? sequence.length() : (long) frames[i] * hop;
            first.add(sequence.slice(0, kept));
            last.add(sequence.slice(kept, sequence.length() - kept));
            most = Math.max(most, Math.toIntExact(Math.ceilDiv(sequence.length() - kept, (long) hop)));
        }
        Condition ofLast = condition.rows() == 0
                ? condition
                : condition.window(IntStream.range(0, frames.length).toArray(), frames, most);
        BatchSource valid = fraction == 0 ? null : source(last, ofLast, model, seed);
        return new Sources(source(first, condition, model, seed), valid, note(sequences));
    }

    private static Condition condition(
            DataSet set, TrainingData.Reader reader, Split split, List<LongSequence> sequences) throws IOException {
        long longest = sequences.stream().mapToLong(LongSequence::length).max().orElse(1);
        return reader.conditions().read(reader.config(), set, split, sequences.size(), Math.toIntExact(longest));
    }

    private WindowSource source(List<LongSequence> sequences, Condition condition, Model model, long seed) {
        try {
            return new WindowSource(
                    sequences, condition, new WindowSource.Size(window(), context(model), hop(model)), seed);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--window: " + e.getMessage());
        }
    }

    /** Positions that a frame of the condition stands for, 1 where there are none. */
    private static int hop(Model model) {
        return model.graph().nodes().stream()
                .filter(node -> node.operation() instanceof Given.Frames)
                .mapToInt(Node::scale)
                .findFirst()
                .orElse(1);
    }

    private int window() {
        return window == null ? 0 : window;
    }

    private int context(Model model) {
        if (context != null) {
            return context;
        }
        ReceptiveField seen = model.graph().receptiveField();
        return seen.unbounded() ? MOST_CONTEXT : Math.min(seen.length(), MOST_CONTEXT);
    }

    private String note(List<LongSequence> sequences) {
        long positions = sequences.stream().mapToLong(LongSequence::length).sum();
        return Numbers.grouped(sequences.size()) + " sequences, " + Numbers.grouped(positions)
                + " positions, in windows of " + window();
    }

    /** The test part, sequence by sequence, in nats per position; null if there is none. */
    static @Nullable Double test(DataSet set, TrainingData.Reader reader, Model model) throws IOException {
        if (!set.splits().contains(Split.TEST)) {
            return null;
        }
        List<LongSequence> sequences = set.sequences(Split.TEST, reader.spec());
        Condition condition = condition(set, reader, Split.TEST, sequences);
        double nats = 0;
        long positions = 0;
        for (int i = 0; i < sequences.size(); i++) {
            LongSequence sequence = sequences.get(i);
            Examples one = Examples.ofSequence(1, Math.toIntExact(sequence.length()), sequence);
            Condition row = condition.rows() == 0 ? condition : condition.slice(i, i + 1);
            nats += model.logLikelihood(one, row).meanNats();
            positions += sequence.length();
        }
        return nats / positions;
    }
}
