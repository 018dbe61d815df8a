package dev.gatun;

/**
 * Negative log-likelihoods of some examples, and where in the data they come from.
 *
 * @param likelihood of each example
 * @param nats {@code -ln p} of each position given those before it, the mean over examples, in the order of positions; where a
 *     distribution is over the channels of a pixel together, the pixel's stand at its last channel
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, not kept
public record LikelihoodMap(Likelihood likelihood, double[] nats) {}
