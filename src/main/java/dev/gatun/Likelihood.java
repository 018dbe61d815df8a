package dev.gatun;

/**
 * Negative log-likelihoods of some examples.
 *
 * @param nats {@code -ln p(x)} of each example
 * @param dimensions D, the positions of an example; for images channels count
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, not kept
public record Likelihood(double[] nats, int dimensions) {
    /** The mean over examples, in nats; NaN where there are none. */
    public double meanNats() {
        double sum = 0;
        for (double value : nats) {
            sum += value;
        }
        return sum / nats.length;
    }

    /** The mean in bits, divided by the dimensions. */
    public double bitsPerDimension() {
        return meanNats() / (dimensions * Math.log(2));
    }
}
