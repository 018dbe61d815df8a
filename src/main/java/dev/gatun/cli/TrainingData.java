package dev.gatun.cli;

import dev.gatun.Condition;
import dev.gatun.Examples;
import dev.gatun.LongSequence;
import dev.gatun.data.DataSet;
import dev.gatun.data.DataSets;
import dev.gatun.data.Pieces;
import dev.gatun.data.Reading;
import dev.gatun.data.Split;
import dev.gatun.family.DataSpec;
import dev.gatun.family.ModelConfig;
import dev.gatun.train.ExampleSet;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a model is trained, stopped and judged by.
 *
 * @param valid null for none
 * @param test null where the data have no such split
 * @param note where the validation examples come from, where that was decided here; null if the data are divided
 */
record TrainingData(
        ExampleSet train,
        @Nullable ExampleSet valid,
        @Nullable ExampleSet test,
        @Nullable String note) {
    private static final double DEFAULT_FRACTION = 0.1;

    /**
     * How to read data for a model.
     *
     * @param spec what the examples are in the file
     * @param length of the pieces that examples are cut into, 0 for whole ones
     * @param reading how another set, for validation, is read
     */
    record Reader(ModelConfig config, DataSpec spec, ConditionOptions conditions, int length, Reading reading) {
        /** Of the data that a model was made for, as they are. */
        static Reader of(ModelConfig config, ConditionOptions conditions, int length) {
            return new Reader(config, config.data(), conditions, length, Reading.plain());
        }

        /** One part of a set, with what it is conditioned on. */
        ExampleSet read(DataSet set, Split split) throws IOException {
            if (length > 0 && spec.length().isEmpty() && spec.levels() > 0) {
                return pieces(set, split);
            }
            Examples whole = set.read(split, spec);
            Condition condition = conditions.read(config, set, split, whole.count(), whole.length());
            Examples cut = DataOptions.cut(whole, length, spec);
            if (condition.rows() > 0 && cut.count() != whole.count()) {
                throw new UsageException("--length: the pieces of an example have no conditions of their own");
            }
            return new ExampleSet(cut, condition);
        }

        /**
         * The first examples of a part of a set.
         *
         * @param limit how many at most, null for all
         * @param option that names the set
         * @throws UsageException if there are none
         */
        ExampleSet read(DataOptions.Chosen chosen, @Nullable Integer limit, String option) throws IOException {
            ExampleSet set = read(chosen.set(), chosen.split());
            if (set.count() == 0) {
                throw new UsageException(option + ": " + chosen.set().name() + " has no examples");
            }
            return limit == null || limit >= set.count() ? set : set.range(0, limit);
        }

        /** Pieces of sequences, each of a length of its own; all pieces of one have its class. */
        private ExampleSet pieces(DataSet set, Split split) throws IOException {
            if (conditions.frames()) {
                throw new UsageException("--length: the pieces of an example have no frames of their own");
            }
            List<LongSequence> sequences = set.sequences(split, spec);
            Examples cut = DataOptions.cut(sequences, length);
            Condition condition = conditions.read(config, set, split, sequences.size(), length);
            if (condition.rows() == 0) {
                return ExampleSet.of(cut);
            }
            return new ExampleSet(cut, condition.chosen(Pieces.origins(sequences, length)));
        }
    }

    /**
     * Reads and divides data.
     *
     * @param validation a fraction of the training examples, a file, or null for what suits the data
     */
    static TrainingData read(DataSet set, Reader reader, @Nullable String validation) throws IOException {
        boolean divided = !set.splits().isEmpty();
        if (divided && !set.splits().contains(Split.TRAIN)) {
            throw new UsageException(set.name() + ": has no split \"train\" to learn from; it has "
                    + set.splits().stream().map(Split::text).toList());
        }
        ExampleSet train = reader.read(set, divided ? Split.TRAIN : Split.ALL);
        ExampleSet test = set.splits().contains(Split.TEST) ? reader.read(set, Split.TEST) : null;
        if (validation == null && set.splits().contains(Split.VALID)) {
            return new TrainingData(train, reader.read(set, Split.VALID), test, null);
        }
        Double fraction = fraction(validation);
        if (fraction == null) {
            DataSet other = DataSets.open(String.valueOf(validation), reader.reading());
            ExampleSet valid = reader.read(other, other.splits().contains(Split.VALID) ? Split.VALID : Split.ALL);
            return new TrainingData(
                    train, valid, test, "validation: the " + valid.count() + " examples of " + other.name());
        }
        return divide(train, test, fraction, validation == null);
    }

    /**
     * These data, and others to learn from besides.
     *
     * @param others whose training part is taken, or all where they are not divided
     */
    TrainingData with(List<DataSet> others, Reader reader) throws IOException {
        if (others.isEmpty()) {
            return this;
        }
        if (train.condition().rows() > 0) {
            throw new UsageException("--also: what the other examples are conditioned on is not known");
        }
        List<Examples> all = new ArrayList<>(List.of(train.examples()));
        for (DataSet other : others) {
            Split split = other.splits().contains(Split.TRAIN) ? Split.TRAIN : Split.ALL;
            Examples more = reader.read(other, split).examples();
            if (more.length() != train.length()) {
                throw new UsageException("--also: " + other.name() + ": found examples of " + more.length()
                        + " values, expected " + train.length());
            }
            all.add(more);
        }
        return new TrainingData(ExampleSet.of(Pieces.join(all)), valid, test, note);
    }

    /** The fraction that an option says; null if it names a file. */
    static @Nullable Double fraction(@Nullable String validation) {
        if (validation == null) {
            return DEFAULT_FRACTION;
        }
        double fraction;
        try {
            fraction = Double.parseDouble(validation);
        } catch (NumberFormatException e) {
            return null;
        }
        if (!(fraction >= 0 && fraction < 1)) {
            throw new UsageException(
                    "--validation: found " + validation + ", expected a fraction of 0 to below 1, or a file");
        }
        return fraction;
    }

    private static TrainingData divide(ExampleSet train, @Nullable ExampleSet test, double fraction, boolean assumed) {
        int count = train.count();
        if (fraction == 0 || (assumed && count < 2)) {
            String why = fraction == 0 ? "" : ": there is only one example";
            return new TrainingData(train, null, test, "validation: none" + why);
        }
        if (count < 2) {
            throw new UsageException("--validation: one example cannot be divided; expected 0, or a file");
        }
        int valid = Math.clamp(Math.round(fraction * count), 1, count - 1);
        String note = "validation: the last " + valid + " of " + count + " examples"
                + (assumed ? " (--validation chooses others)" : "");
        return new TrainingData(train.range(0, count - valid), train.range(count - valid, count), test, note);
    }
}
