package dev.gatun.score;

import java.util.Arrays;

/**
 * The likelihoods of examples that are known to be of a model's distribution, among which those of others are ranked: the
 * permutation test of PixelDefend (Song et al. 2018, section 3.2). Immutable, for any thread.
 */
public final class Reference {
    /** {@code -ln p} of each example, ascending. */
    private final double[] nats;

    private Reference(double[] sorted) {
        nats = sorted;
    }

    /**
     * The distribution that some likelihoods make.
     *
     * @param nats {@code -ln p(x)} of each example, as {@link dev.gatun.Likelihood#nats} has them; copied
     * @throws IllegalArgumentException if there are none, or one is no number
     */
    public static Reference of(double[] nats) {
        if (nats.length == 0) {
            throw new IllegalArgumentException("reference: found no likelihoods, expected at least one");
        }
        for (double one : nats) {
            requireNumber(one);
        }
        double[] sorted = nats.clone();
        Arrays.sort(sorted);
        return new Reference(sorted);
    }

    /** How many examples it is made of. */
    public int count() {
        return nats.length;
    }

    /**
     * The rank p-value of an example: {@code (1 + #{reference examples at most as likely}) / (count + 1)}. Those that are just as
     * likely count, so that an example that is drawn as the reference was has {@code P(p <= t) <= t} for every t, however few
     * there are; without ties and for t a multiple of {@code 1 / (count + 1)} it is t.
     *
     * @param ofExample its {@code -ln p(x)}
     * @return above 0, at most 1; small for examples that are less likely than nearly all of the reference
     * @throws IllegalArgumentException if it is no number
     */
    public double pValue(double ofExample) {
        requireNumber(ofExample);
        int below = lowerBound(ofExample);
        return (1.0 + (nats.length - below)) / (nats.length + 1.0);
    }

    /** {@link #pValue} of each. */
    public double[] pValues(double[] ofExamples) {
        return Arrays.stream(ofExamples).map(this::pValue).toArray();
    }

    /** How many have fewer nats. */
    private int lowerBound(double value) {
        int low = 0;
        int high = nats.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (nats[middle] < value) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private static void requireNumber(double value) {
        if (Double.isNaN(value)) {
            throw new IllegalArgumentException("likelihood: found NaN, expected a number");
        }
    }
}
