package dev.gatun.score;

/**
 * How many of some numbers fall in each of some ranges of one width.
 *
 * @param from where the first range begins
 * @param width of each, above 0
 * @param counts of the numbers in each range; those at its beginning are in it, and those at the end of the last one too
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, not kept
public record Histogram(double from, double width, long[] counts) {
    /**
     * Counts numbers.
     *
     * @param from the beginning of the first range
     * @param to the end of the last one, above it
     * @param ranges how many, at least 1
     * @throws IllegalArgumentException if a number is outside of them
     */
    public static Histogram of(double[] values, double from, double to, int ranges) {
        if (!(from < to) || ranges < 1 || Double.isInfinite(to - from)) {
            throw new IllegalArgumentException(
                    "histogram: found " + ranges + " ranges of " + from + " to " + to + ", expected at least one");
        }
        long[] counts = new long[ranges];
        double width = (to - from) / ranges;
        for (double value : values) {
            if (!(value >= from && value <= to)) {
                throw new IllegalArgumentException(
                        "histogram: found " + value + ", expected numbers of " + from + " to " + to);
            }
            counts[(int) Math.min((value - from) / width, ranges - 1)]++;
        }
        return new Histogram(from, width, counts);
    }
}
