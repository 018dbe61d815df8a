package dev.gatun;

/**
 * A mixture of logistics over levels: its cumulative function at the edges of bins. Of StrictMath, whose functions are the same
 * everywhere; rounding keeps the order of what it rounds, so that frequencies are at least 1.
 */
final class Logistics {
    private static final double LEAST_LOG_SCALE = -7;

    private final int levels;
    private final double[] weights;
    private final double[] means;
    private final double[] inverseScales;

    Logistics(int levels, int components) {
        this.levels = levels;
        weights = new double[components];
        means = new double[components];
        inverseScales = new double[components];
    }

    /** The weights, to be filled in before {@link #normalise}. */
    double[] weights() {
        return weights;
    }

    void component(int k, double mean, float logScale) {
        means[k] = mean;
        inverseScales[k] = StrictMath.exp(-Math.max(logScale, LEAST_LOG_SCALE));
    }

    void normalise(double sum) {
        for (int k = 0; k < weights.length; k++) {
            weights[k] /= sum;
        }
    }

    /** A level as the network sees it, -1 to 1. */
    double value(int level) {
        return 2.0 * level / (levels - 1) - 1;
    }

    long total() {
        return (long) LevelDistribution.UNIT + levels;
    }

    long start(int level) {
        if (level == 0) {
            return 0;
        }
        return level == levels ? total() : (long) (below(level) * LevelDistribution.UNIT) + level;
    }

    /** The probability of levels below one. */
    private double below(int level) {
        double edge = (2.0 * level - 1) / (levels - 1) - 1;
        double sum = 0;
        for (int k = 0; k < weights.length; k++) {
            sum += weights[k] / (1 + StrictMath.exp((means[k] - edge) * inverseScales[k]));
        }
        return Math.min(sum, 1);
    }

    /** ln of a component's probability of a level. */
    double logMass(int k, int level) {
        double centre = (value(level) - means[k]) * inverseScales[k];
        double half = inverseScales[k] / (levels - 1);
        if (level == 0) {
            return logSigmoid(centre + half);
        }
        if (level == levels - 1) {
            return logSigmoid(half - centre);
        }
        return logSigmoid(centre + half) + logSigmoid(half - centre) + StrictMath.log(-StrictMath.expm1(-2 * half));
    }

    private static double logSigmoid(double x) {
        return Math.min(x, 0) - StrictMath.log1p(StrictMath.exp(-Math.abs(x)));
    }
}
