package dev.gatun;

/**
 * The distribution of a position over its levels.
 *
 * @param probabilities of each level; they add up to 1
 * @param errors the standard error of each
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, not kept
public record LevelMarginal(int position, boolean exact, double[] probabilities, double[] errors) implements Marginal {}
