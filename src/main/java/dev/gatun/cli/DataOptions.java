package dev.gatun.cli;

import dev.gatun.Examples;
import dev.gatun.LongSequence;
import dev.gatun.data.DataSet;
import dev.gatun.data.DataSets;
import dev.gatun.data.Pieces;
import dev.gatun.data.Reading;
import dev.gatun.data.Split;
import dev.gatun.family.DataSpec;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which data a command reads. */
final class DataOptions {
    /** What data can be. */
    static final String SOURCES =
            "A file (.npy, .npz, FILE.npz:KEY, .csv, .txt, .wav, a folder or .zip of .wav, .amat, .png, IDX, CIFAR-10's"
                    + " .bin), or the name of a set: digits"
                    + " (bundled), or a published one ('gatun data' lists them).";

    @Option(names = "--data", paramLabel = "DATA", required = true, description = SOURCES)
    private String source = "";

    @Option(
            names = "--split",
            paramLabel = "S",
            description = "train, valid, test or all; test if not given, or all where the data are not divided.")
    private @Nullable Split split;

    @Option(
            names = "--binarize",
            paramLabel = "HOW",
            description =
                    "Make grey images black and white: static-threshold:T, 1 from level T on, or stochastic:SEED, 1 with"
                            + " the probability level / 255, drawn once.")
    private @Nullable String binarize;

    @Mixin
    private final ReadingOptions reading = new ReadingOptions();

    /** What was read. */
    record Read(DataSet set, Split split, Examples examples) {}

    /** A set and the part of it that is meant. */
    record Chosen(DataSet set, Split split) {}

    /** Reads the data. */
    Read read(DataSpec spec, Console console) throws IOException {
        Chosen chosen = choose(console);
        return new Read(chosen.set(), chosen.split(), chosen.set().read(chosen.split(), spec));
    }

    /** Opens the data, of which nothing is read yet. */
    Chosen choose(Console console) throws IOException {
        DataSet set = DataSets.open(source, reading(console));
        return choose(set, "--split", split, Split.TEST);
    }

    /**
     * A part of a set.
     *
     * @param option that says which
     * @param split what it says, or null
     * @param usual the part where it says nothing; all where the set is not divided
     */
    static Chosen choose(DataSet set, String option, @Nullable Split split, Split usual) {
        Split chosen = split != null ? split : set.splits().contains(usual) ? usual : null;
        if (chosen == null && !set.splits().isEmpty()) {
            throw new UsageException(option + ": is needed, for " + set.name() + " has no split \"" + usual.text()
                    + "\"; it has " + set.splits().stream().map(Split::text).toList());
        }
        return new Chosen(set, chosen == null ? Split.ALL : chosen);
    }

    /** How these data, and others that go with them, are read. */
    Reading reading(Console console) {
        return reading.reading(binarize, console);
    }

    /** Cuts sequences, each of a length of its own, into pieces. */
    static Examples cut(List<LongSequence> sequences, int length) {
        long longest = sequences.stream().mapToLong(LongSequence::length).max().orElse(0);
        if (length < 1 || length > longest) {
            throw new UsageException(
                    "--length: found " + length + ", expected 1.." + longest + ", the length of the longest example");
        }
        return Pieces.cut(sequences, length);
    }

    /** Cuts examples into pieces, where that is asked for. */
    static Examples cut(Examples examples, int length, DataSpec spec) {
        if (length == 0) {
            return examples;
        }
        if (spec.length().isPresent()) {
            throw new UsageException("--length: data of kind \"" + spec.kind() + "\" have a length of their own");
        }
        if (length < 1 || length > examples.length()) {
            throw new UsageException("--length: found " + length + ", expected 1.." + examples.length()
                    + ", the length of the examples");
        }
        return Pieces.cut(examples, length);
    }
}
