package dev.gatun.score;

import java.util.Arrays;
import java.util.stream.IntStream;

/** How well numbers tell two sets apart, and how far p-values are from what they should be. */
public final class Separation {
    private Separation() {}

    /**
     * The area under the receiver operating characteristic where the more likely examples are taken to be inside: the probability
     * that an example of inside is more likely than one of outside, just as likely ones counting half (Mann and Whitney 1947).
     * 1 if all of inside are more likely than all of outside, 0.5 for sets alike, below where outside is the more likely one.
     *
     * @param inside {@code -ln p(x)} of each example of one set
     * @param outside of the other
     * @throws IllegalArgumentException if a set is empty or has a NaN
     */
    public static double auroc(double[] inside, double[] outside) {
        double[] in = sorted("inside", inside);
        double[] out = sorted("outside", outside);
        long twice = 0; // twice the pairs won: whole numbers, so that the sum is exact
        int fewer = 0;
        int notMore = 0;
        for (double nats : out) {
            while (fewer < in.length && in[fewer] < nats) {
                fewer++;
            }
            while (notMore < in.length && in[notMore] <= nats) {
                notMore++;
            }
            twice += fewer + (long) notMore;
        }
        return twice / (2.0 * in.length * out.length);
    }

    /**
     * The distance between the distribution of p-values and the uniform one that they have where the null hypothesis holds: the
     * largest difference of the cumulative functions (Kolmogorov 1933). About 0.9 / √n for n uniform ones, towards 1 for p-values
     * that are all near 0.
     *
     * @param pValues 0 to 1 each
     * @throws IllegalArgumentException if there are none, or one is no probability
     */
    public static double fromUniform(double[] pValues) {
        double[] p = sorted("p-values", pValues);
        if (p[0] < 0 || p[p.length - 1] > 1) {
            throw new IllegalArgumentException(
                    "p-values: found " + p[0] + " to " + p[p.length - 1] + ", expected 0 to 1");
        }
        return IntStream.range(0, p.length)
                .mapToDouble(i -> Math.max((i + 1.0) / p.length - p[i], p[i] - (double) i / p.length))
                .max()
                .orElseThrow();
    }

    private static double[] sorted(String what, double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        if (sorted.length == 0 || Double.isNaN(sorted[sorted.length - 1])) {
            throw new IllegalArgumentException(
                    what + ": found " + (sorted.length == 0 ? "none" : "NaN") + ", expected at least one number");
        }
        // -0 sorts before 0 and is as likely.
        return Arrays.stream(sorted).map(value -> value + 0.0).toArray();
    }
}
