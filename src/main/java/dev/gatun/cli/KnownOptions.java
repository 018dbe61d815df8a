package dev.gatun.cli;

import dev.gatun.Condition;
import dev.gatun.Examples;
import dev.gatun.Known;
import dev.gatun.data.DataSet;
import dev.gatun.data.DataSets;
import dev.gatun.data.Split;
import dev.gatun.family.DataSpec;
import dev.gatun.family.ModelConfig;
import dev.gatun.train.ExampleSet;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What is known of one example: some values of one that is read, or what it begins with. */
final class KnownOptions {
    @Option(names = "--data", paramLabel = "DATA", description = "Where known values are from. " + DataOptions.SOURCES)
    private @Nullable String source;

    @Option(
            names = "--split",
            paramLabel = "S",
            description = "train, valid, test or all; test if not given, or all where the data are not divided.")
    private @Nullable Split split;

    @Option(
            names = "--binarize",
            paramLabel = "HOW",
            description = "Make grey images black and white: static-threshold:T, or stochastic:SEED.")
    private @Nullable String binarize;

    @Option(
            names = "--example",
            paramLabel = "N",
            defaultValue = "0",
            description = "Which example of the data, from 0 (${DEFAULT-VALUE}).")
    private int example;

    @Option(
            names = "--given",
            paramLabel = "WHAT",
            description = "What of it is known: top:ROWS, left:COLUMNS, first:VALUES of a sequence, or a .npy file,"
                    + " [H, W] or the shape of an example, 1 where a value is known and 0 elsewhere.")
    private @Nullable String given;

    @Mixin
    private final PrimeOptions primes = new PrimeOptions();

    @Mixin
    private final ReadingOptions reading = new ReadingOptions();

    /**
     * What was found.
     *
     * @param length positions of the example
     * @param condition of one row, or none
     */
    record Found(int length, Known known, Condition condition) {}

    /**
     * Reads it.
     *
     * @param reach how long an example must be where the data have no length of their own
     */
    Found read(ModelConfig config, ConditionOptions conditions, int reach, Console console) throws IOException {
        if ((source == null) != (given == null)) {
            throw new UsageException("--data and --given: expected both, or none of them");
        }
        if (source == null) {
            return begun(config, conditions, reach);
        }
        if (primes.given()) {
            throw new UsageException("--prime: expected it, or --data and --given");
        }
        DataSet set = DataSets.open(source, reading.reading(binarize, console));
        DataOptions.Chosen chosen = DataOptions.choose(set, "--split", split, Split.TEST);
        return some(config, one(config, conditions, chosen), reach);
    }

    private ExampleSet one(ModelConfig config, ConditionOptions conditions, DataOptions.Chosen chosen)
            throws IOException {
        ExampleSet all = TrainingData.Reader.of(config, conditions, 0).read(chosen.set(), chosen.split());
        if (example < 0 || example >= all.count()) {
            throw new UsageException(
                    "--example: found " + example + ", expected 0.." + (all.count() - 1) + ", an example of the data");
        }
        return all.range(example, example + 1);
    }

    /** Of data without a length of their own what lies behind the last value that matters is left away. */
    private Found some(ModelConfig config, ExampleSet one, int reach) throws IOException {
        DataSpec data = config.data();
        boolean[] marks = GivenValues.parse(String.valueOf(given), data, one.length());
        int length = one.length();
        if (data.length().isEmpty()) {
            int end = marks.length;
            while (end > 0 && !marks[end - 1]) {
                end--;
            }
            length = Math.max(end, reach);
        }
        Examples values = resized(one.examples(), length);
        return new Found(length, Known.of(values, Arrays.copyOf(marks, length)), one.condition());
    }

    private Found begun(ModelConfig config, ConditionOptions conditions, int reach) throws IOException {
        Examples prime = primes.read(config.data(), 1);
        int begun = prime == null ? 0 : prime.length();
        int length = config.data().length().orElse(Math.max(begun, reach));
        if (begun > length || length == 0) {
            throw new UsageException(
                    length == 0
                            ? "--position: is needed where nothing is known"
                            : "--prime: found " + begun + " values, expected at most " + length
                                    + ", the length of the model's data");
        }
        Known known = Known.nothing();
        if (prime != null) {
            boolean[] marks = new boolean[length];
            Arrays.fill(marks, 0, begun, true);
            known = Known.of(resized(prime, length), marks);
        }
        return new Found(length, known, conditions.read(config, 1, length));
    }

    /** The first values of an example, and zeros. */
    private static Examples resized(Examples one, int length) {
        if (one.real()) {
            return Examples.ofReals(1, length, Arrays.copyOf(one.reals(), length));
        }
        int[] levels = new int[one.length()];
        one.copyLevels(0, levels, 0);
        return Examples.ofLevels(1, length, Arrays.copyOf(levels, length));
    }
}
