package dev.gatun.cli;

import dev.gatun.Examples;
import dev.gatun.data.DataSet;
import dev.gatun.data.DataSets;
import dev.gatun.data.Split;
import dev.gatun.family.DataSpec;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What a model is trained, stopped and judged by.
 *
 * @param valid null for none
 * @param test null where the data have no such split
 * @param note where the validation examples come from, where that was decided here; null if the data are divided
 */
record TrainingData(
        Examples train,
        @Nullable Examples valid,
        @Nullable Examples test,
        @Nullable String note) {
    private static final double DEFAULT_FRACTION = 0.1;

    /**
     * Reads and divides data.
     *
     * @param length of the pieces that examples are cut into, 0 for whole ones
     * @param validation a fraction of the training examples, a file, or null for what suits the data
     */
    static TrainingData read(DataSet set, DataSpec spec, int length, @Nullable String validation) throws IOException {
        boolean divided = !set.splits().isEmpty();
        if (divided && !set.splits().contains(Split.TRAIN)) {
            throw new UsageException(set.name() + ": has no split \"train\" to learn from; it has "
                    + set.splits().stream().map(Split::text).toList());
        }
        Examples train = DataOptions.cut(set.read(divided ? Split.TRAIN : Split.ALL, spec), length, spec);
        Examples test =
                set.splits().contains(Split.TEST) ? DataOptions.cut(set.read(Split.TEST, spec), length, spec) : null;
        if (validation == null && set.splits().contains(Split.VALID)) {
            return new TrainingData(train, DataOptions.cut(set.read(Split.VALID, spec), length, spec), test, null);
        }
        Double fraction = fraction(validation);
        if (fraction == null) {
            DataSet other = DataSets.open(String.valueOf(validation));
            Split part = other.splits().contains(Split.VALID) ? Split.VALID : Split.ALL;
            Examples valid = DataOptions.cut(other.read(part, spec), length, spec);
            return new TrainingData(
                    train, valid, test, "validation: the " + valid.count() + " examples of " + other.name());
        }
        return divide(train, test, fraction, validation == null);
    }

    /** The fraction that an option says; null if it names a file. */
    private static @Nullable Double fraction(@Nullable String validation) {
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

    private static TrainingData divide(Examples train, @Nullable Examples test, double fraction, boolean assumed) {
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
