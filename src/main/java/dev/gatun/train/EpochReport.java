package dev.gatun.train;

/**
 * What an epoch came to.
 *
 * @param epoch its number, 1 for the first
 * @param step optimiser steps since the beginning of training
 * @param trainNats mean of the batches' losses over the epoch's examples, each taken before its step
 * @param validationNats of all validation examples after the epoch, with the averaged parameters where there are such;
 *     NaN where there are no validation examples
 * @param bitsPerDimension of the validation, or of training where there is none
 * @param learningRate of the epoch's last step
 * @param gradientNorm mean of the gradients' norms, before clipping
 * @param seconds of training so far, earlier parts of a resumed run included
 * @param examplesPerSecond training examples a second in this epoch, validation not counted
 * @param best whether this is the best validation so far
 */
public record EpochReport(
        int epoch,
        long step,
        double trainNats,
        double validationNats,
        double bitsPerDimension,
        double learningRate,
        double gradientNorm,
        double seconds,
        double examplesPerSecond,
        boolean best) {}
