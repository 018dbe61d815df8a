package dev.gatun.train;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * How to train. {@link #builder()} starts from Adamax at 1e-3 with batches of 64, 100 epochs, and everything else off.
 *
 * @param optimizer the optimiser with its learning rate and weight decay
 * @param schedule how the learning rate changes
 * @param batchSize examples a step, at least 1; the last batch of an epoch has what is left
 * @param epochs passes over the training examples, at least 1; training may end earlier
 * @param maxSteps optimiser steps after which training ends, also within an epoch; 0 for no such limit
 * @param patience epochs in a row without a better validation after which training ends; 0 for no early stopping
 * @param gradientClip longest gradient (global L2 norm); longer ones are scaled down to it; 0 for no clipping
 * @param emaDecay what the running average of the parameters keeps at each step, below 1; validation and the result
 *     then use the average; 0 for none
 * @param averageFrom the epoch, 1 for the first, from whose beginning the average is that of all steps alike; validation and
 *     the result use the average, as with a decay; 0 for none
 * @param maxSeconds of training after which it ends, at the next step; 0 for no such limit
 * @param seed of the order of examples
 * @param threads that compute, at least 1; they do not change the result
 */
public record TrainerOptions(
        Optimizer optimizer,
        Schedule schedule,
        int batchSize,
        int epochs,
        long maxSteps,
        int patience,
        double gradientClip,
        double emaDecay,
        int averageFrom,
        long maxSeconds,
        long seed,
        int threads) {

    /** Checks every option; what depends on the data is checked by {@link Trainer}. */
    public TrainerOptions {
        Ranges.atLeast("batch size", batchSize, 1);
        Ranges.atLeast("epochs", epochs, 1);
        Ranges.atLeast("max steps", maxSteps, 0);
        Ranges.atLeast("patience", patience, 0);
        Ranges.notNegative("gradient clip", gradientClip);
        Ranges.fraction("ema decay", emaDecay);
        Ranges.atLeast("average from", averageFrom, 0);
        Ranges.atLeast("max seconds", maxSeconds, 0);
        if (averageFrom > 0 && emaDecay > 0) {
            throw new IllegalArgumentException("average from: found " + averageFrom + " beside an ema decay of "
                    + emaDecay + ", expected one of them");
        }
        Ranges.atLeast("threads", threads, 1);
    }

    /** The defaults, to be changed. */
    public static Builder builder() {
        return new Builder();
    }

    /** These options, to be changed. */
    public Builder toBuilder() {
        return new Builder()
                .optimizer(optimizer)
                .schedule(schedule)
                .batchSize(batchSize)
                .epochs(epochs)
                .maxSteps(maxSteps)
                .patience(patience)
                .gradientClip(gradientClip)
                .emaDecay(emaDecay)
                .averageFrom(averageFrom)
                .maxSeconds(maxSeconds)
                .seed(seed)
                .threads(threads);
    }

    /** What a run may not change when it is resumed, by name. The limits (epochs, steps, patience, seconds) may grow. */
    SequencedMap<String, String> fixed() {
        SequencedMap<String, String> fixed = new LinkedHashMap<>();
        describe("optimizer", (Record) optimizer, fixed);
        describe("schedule", (Record) schedule, fixed);
        fixed.put("batchSize", Integer.toString(batchSize));
        fixed.put("gradientClip", Double.toString(gradientClip));
        fixed.put("emaDecay", Double.toString(emaDecay));
        fixed.put("averageFrom", Integer.toString(averageFrom));
        fixed.put("seed", Long.toString(seed));
        return fixed;
    }

    /** The kind, then each setting of it. */
    private static void describe(String name, Record settings, SequencedMap<String, String> into) {
        into.put(name, settings.getClass().getSimpleName());
        for (RecordComponent component : settings.getClass().getRecordComponents()) {
            try {
                Object value = component.getAccessor().invoke(settings);
                into.put(name + "." + component.getName(), String.valueOf(value));
            } catch (IllegalAccessException | InvocationTargetException e) {
                throw new LinkageError(component + " cannot be read", e);
            }
        }
    }

    /** Collects options; see {@link TrainerOptions} for what they mean. */
    public static final class Builder {
        private Optimizer optimizer = Optimizer.Adamax.of(1e-3);
        private Schedule schedule = new Schedule.Constant();
        private int batchSize = 64;
        private int epochs = 100;
        private long maxSteps;
        private int patience;
        private double gradientClip;
        private double emaDecay;
        private int averageFrom;
        private long maxSeconds;
        private long seed;
        private int threads = 1;

        private Builder() {}

        /** Default: Adamax with a learning rate of 1e-3. */
        public Builder optimizer(Optimizer value) {
            optimizer = value;
            return this;
        }

        /** Default: constant. */
        public Builder schedule(Schedule value) {
            schedule = value;
            return this;
        }

        /** Default: 64. */
        public Builder batchSize(int value) {
            batchSize = value;
            return this;
        }

        /** Default: 100. */
        public Builder epochs(int value) {
            epochs = value;
            return this;
        }

        /** Default: 0, no limit. */
        public Builder maxSteps(long value) {
            maxSteps = value;
            return this;
        }

        /** Default: 0, no early stopping. */
        public Builder patience(int value) {
            patience = value;
            return this;
        }

        /** Default: 0, no clipping. */
        public Builder gradientClip(double value) {
            gradientClip = value;
            return this;
        }

        /** Default: 0, no averaging. */
        public Builder emaDecay(double value) {
            emaDecay = value;
            return this;
        }

        /** Default: 0, no averaging. */
        public Builder averageFrom(int value) {
            averageFrom = value;
            return this;
        }

        /** Default: 0, no limit. */
        public Builder maxSeconds(long value) {
            maxSeconds = value;
            return this;
        }

        /** Default: 0. */
        public Builder seed(long value) {
            seed = value;
            return this;
        }

        /** Default: 1. */
        public Builder threads(int value) {
            threads = value;
            return this;
        }

        /**
         * The options.
         *
         * @throws IllegalArgumentException naming the option that is out of its range
         */
        public TrainerOptions build() {
            return new TrainerOptions(
                    optimizer,
                    schedule,
                    batchSize,
                    epochs,
                    maxSteps,
                    patience,
                    gradientClip,
                    emaDecay,
                    averageFrom,
                    maxSeconds,
                    seed,
                    threads);
        }
    }
}
