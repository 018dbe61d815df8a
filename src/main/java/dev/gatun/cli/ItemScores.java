package dev.gatun.cli;

import dev.gatun.Model;
import dev.gatun.file.FormatException;
import dev.gatun.file.Npy;
import dev.gatun.file.NpyArray;
import dev.gatun.score.Reference;
import dev.gatun.score.Separation;
import dev.gatun.train.ExampleSet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The scores of a set's examples.
 *
 * @param role of the set: data, against or reference
 * @param source what it is called
 * @param nats {@code -ln p} of each example
 * @param pValues of each, null where there is no reference
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, not kept
record ItemScores(String role, String source, double[] nats, int dimensions, double @Nullable [] pValues) {
    /** Reads sets and scores them. */
    static final class Reader {
        private final Model model;
        private final TrainingData.Reader examples;
        private final @Nullable Integer limit;
        private final Console console;
        private @Nullable Reference ranks;
        private @Nullable ItemScores reference;
        /** Whether the reference has come as float32, to which the others' are then rounded, lest equal ones differ. */
        private boolean floats;

        /**
         * What reads sets as options say.
         *
         * @param limit examples of each at most, null for all
         * @param length of the pieces that sequences are cut into, 0 for whole ones
         */
        Reader(
                Model model,
                DataOptions data,
                ConditionOptions conditions,
                @Nullable Integer limit,
                int length,
                Console console) {
            this.model = model;
            this.limit = limit;
            this.console = console;
            examples = TrainingData.Reader.of(model.config(), conditions, length);
        }

        /** Ranks what is read from now on among the examples of a set. */
        void referTo(DataOptions.Chosen chosen) throws IOException {
            ItemScores read = read("reference", chosen);
            reference = read;
            ranks = Reference.of(read.nats);
        }

        /** Ranks what is read from now on among nats of a file. */
        void referTo(String file) throws IOException {
            NpyArray array = Npy.read(Path.of(file));
            if (array.shape().length != 1 || array.count() == 0) {
                throw new FormatException(
                        Path.of(file), "found shape " + Arrays.toString(array.shape()) + ", expected [N], nats");
            }
            double[] nats = new double[array.count()];
            for (int i = 0; i < nats.length; i++) {
                nats[i] = array.floats()[i];
            }
            floats = true;
            ranks = Reference.of(nats);
            reference = new ItemScores("reference", file, nats, 0, null);
        }

        /** What is ranked among, with 0 dimensions where these are not known. */
        @Nullable
        ItemScores reference() {
            return reference;
        }

        ItemScores read(String role, DataOptions.Chosen chosen) throws IOException {
            ExampleSet set = examples.read(chosen, limit, "--" + role);
            double[] nats = EvaluateCommand.nats(
                    console,
                    set,
                    EvaluateCommand.CHUNK,
                    part -> model.logLikelihood(part.examples(), part.condition()));
            if (floats) {
                nats = Arrays.stream(nats).map(one -> (float) one).toArray();
            }
            String source = chosen.set().name() + " (" + chosen.split().text() + ")";
            return new ItemScores(role, source, nats, set.length(), ranks == null ? null : ranks.pValues(nats));
        }
    }

    /** Nats in bits, divided by the dimensions. */
    double bits(double ofNats) {
        return ofNats / (dimensions * Math.log(2));
    }

    double meanNats() {
        return Arrays.stream(nats).average().orElseThrow();
    }

    double meanP() {
        return Arrays.stream(java.util.Objects.requireNonNull(pValues))
                .average()
                .orElseThrow();
    }

    /** The share of p-values of at most so much. */
    double pAtMost(double most) {
        double[] all = java.util.Objects.requireNonNull(pValues);
        return (double) Arrays.stream(all).filter(p -> p <= most).count() / all.length;
    }

    double fromUniform() {
        return Separation.fromUniform(java.util.Objects.requireNonNull(pValues));
    }

    /** In words. */
    String line() {
        String known = dimensions == 0 ? "" : " of " + Numbers.grouped(dimensions) + " dimensions";
        String bits = dimensions == 0 ? "" : ", " + Numbers.fixed(bits(meanNats()), 4) + " bits per dimension";
        return source + ", " + Numbers.grouped(nats.length) + " examples" + known + ": " + Numbers.fixed(meanNats(), 3)
                + " nats" + bits;
    }

    /** For JSON, with the share of p-values of at most so much. */
    Map<String, Object> values(double low) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("source", source);
        values.put("examples", nats.length);
        values.put("nats", meanNats());
        if (dimensions > 0) {
            values.put("bits_per_dimension", bits(meanNats()));
        }
        if (pValues != null) {
            values.put("mean_p_value", meanP());
            values.put("p_at_most_" + low, pAtMost(low));
            values.put("from_uniform", fromUniform());
        }
        return values;
    }
}
