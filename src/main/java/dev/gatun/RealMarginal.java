package dev.gatun;

import java.util.function.DoubleUnaryOperator;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * The distribution of a position over real numbers: a mixture of what samples expect there, normal distributions, or where what
 * is known behind it weighs the samples, of the values that they have. Immutable.
 */
public final class RealMarginal implements Marginal {
    /** Of the range that all means lie in: how near a quantile is found. */
    private static final double NEAR = 1e-14;

    /** Deviations from a mean beyond which a normal distribution has nothing that counts. */
    private static final double FAR = 8;

    private final int position;
    private final boolean exact;
    private final double[] weights;
    private final double[] means;
    private final double[] deviations;

    /** Of as many samples, whose weights add up to 1. */
    RealMarginal(int position, boolean exact, double[] weights, double[] means, double[] deviations) {
        this.position = position;
        this.exact = exact;
        this.weights = weights;
        this.means = means;
        this.deviations = deviations;
    }

    @Override
    public int position() {
        return position;
    }

    @Override
    public boolean exact() {
        return exact;
    }

    /** The mean. */
    public double mean() {
        return mean(n -> means[n]);
    }

    /** The standard error of the mean. */
    public double meanError() {
        return error(n -> means[n]);
    }

    /** The standard deviation of the value. */
    public double deviation() {
        return Math.sqrt(mean(this.squaresAround(mean())));
    }

    /** The standard error of the deviation. */
    public double deviationError() {
        double deviation = deviation();
        return deviation == 0 ? 0 : error(squaresAround(mean())) / (2 * deviation);
    }

    private IntToDoubleFunction squaresAround(double mean) {
        return n -> deviations[n] * deviations[n] + (means[n] - mean) * (means[n] - mean);
    }

    /** The probability of values up to one. */
    public double cumulative(double value) {
        return mean(n -> cumulative(n, value));
    }

    private double cumulative(int n, double value) {
        double away = value - means[n];
        return deviations[n] == 0 ? (away >= 0 ? 1 : 0) : normal(away / deviations[n]);
    }

    /**
     * The value up to which there is a probability.
     *
     * @param probability above 0 and below 1
     */
    public double quantile(double probability) {
        if (!(probability > 0 && probability < 1)) {
            throw new IllegalArgumentException(
                    "quantile: found probability " + probability + ", expected one above 0 and below 1");
        }
        return solve(this::cumulative, probability);
    }

    /**
     * The standard error of a quantile: half the way between the quantiles of the probability less and more its own standard
     * error (Woodruff 1952).
     */
    public double quantileError(double probability) {
        double at = quantile(probability);
        double error = error(n -> cumulative(n, at));
        double below = solve(this::cumulative, Math.max(Double.MIN_VALUE, probability - error));
        double above = solve(this::cumulative, Math.min(Math.nextDown(1.0), probability + error));
        return (above - below) / 2;
    }

    private double solve(DoubleUnaryOperator rising, double wanted) {
        double low = IntStream.range(0, means.length)
                .mapToDouble(n -> means[n] - FAR * deviations[n])
                .min()
                .orElseThrow();
        double high = IntStream.range(0, means.length)
                .mapToDouble(n -> means[n] + FAR * deviations[n])
                .max()
                .orElseThrow();
        return root(value -> rising.applyAsDouble(value) - wanted, low, high, NEAR * (high - low));
    }

    /**
     * The end of a range that is as short as wanted, at whose beginning a rising function is below 0 and at whose end it is not: by
     * interpolation where the function is smooth, with no more steps than halvings where it jumps (Oliveira and Takahashi 2021,
     * ITP).
     */
    private static double root(DoubleUnaryOperator rising, double from, double to, double near) {
        double low = from;
        double high = to;
        double below = rising.applyAsDouble(low);
        double above = rising.applyAsDouble(high);
        if (below >= 0) {
            return low;
        }
        double bent = 0.2 / (high - low);
        for (double most = Math.max(near, high - low); high - low > near; most /= 2) {
            double middle = low + (high - low) / 2;
            double straight = (above * low - below * high) / (above - below);
            double away = middle - straight;
            double moved = straight + Math.copySign(Math.min(Math.abs(away), bent * (high - low) * (high - low)), away);
            double room = Math.max(0, most - (high - low) / 2);
            double at = Math.abs(moved - middle) <= room ? moved : middle - Math.copySign(room, away);
            double value = rising.applyAsDouble(at);
            if (value >= 0) {
                high = at;
                above = value;
            } else {
                low = at;
                below = value;
            }
        }
        return high;
    }

    private double mean(IntToDoubleFunction of) {
        double sum = 0;
        for (int n = 0; n < weights.length; n++) {
            sum += weights[n] * of.applyAsDouble(n);
        }
        return sum;
    }

    /** The standard error of a weighted mean. */
    private double error(IntToDoubleFunction of) {
        int count = weights.length;
        if (exact || count < 2) {
            return 0;
        }
        double mean = mean(of);
        double spread = 0;
        for (int n = 0; n < count; n++) {
            double away = weights[n] * (of.applyAsDouble(n) - mean);
            spread += away * away;
        }
        return Math.sqrt(spread * count / (count - 1.0));
    }

    /** The standard normal distribution up to a value, to some 1e-15 (Marsaglia 2004). */
    static double normal(double x) {
        if (Math.abs(x) > FAR) {
            return x > 0 ? 1 : 0;
        }
        double term = x;
        double sum = x;
        for (double i = 3, before = 0; sum != before; i += 2) {
            before = sum;
            term *= x * x / i;
            sum += term;
        }
        return 0.5 + sum * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
    }
}
