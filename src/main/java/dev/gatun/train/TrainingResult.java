package dev.gatun.train;

/**
 * How a run ended. The objective's parameters are then those of the best validation; without validation, the last ones
 * (the average, where one is kept).
 *
 * @param end why it ended
 * @param epochs complete epochs
 * @param steps optimiser steps
 * @param trainNats mean loss of the last complete epoch, NaN if there is none
 * @param bestEpoch the epoch of the best validation; 0 if none was made; the running epoch's number if training ended
 *     within it and its parameters were the best
 * @param bestNats the best validation, NaN if none was made
 * @param seconds of training, earlier parts of a resumed run included
 */
public record TrainingResult(
        End end, int epochs, long steps, double trainNats, int bestEpoch, double bestNats, double seconds) {
    /** Why a run ended. */
    public enum End {
        /** All epochs were made. */
        EPOCHS,
        /** All steps were made. */
        STEPS,
        /** Its time was over. */
        TIME,
        /** The validation did not get better for as many epochs as patience has. */
        PATIENCE,
        /** {@link Trainer#stop()} was called. */
        STOPPED
    }
}
