package dev.gatun;

/**
 * Negative log-likelihoods of some examples, and where in the data they come from.
 *
 * @param likelihood of each example
 * @param nats {@code -ln p} of each position of each example given those before it, {@code [examples, positions]}, an example's in the
 *     layout of the data: {@code [channels, height, width]} for images. Where a distribution is over the channels of a pixel
 *     together, the pixel's stand at its last channel
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, not kept
public record LikelihoodMap(Likelihood likelihood, float[] nats) {}
