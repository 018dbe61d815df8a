package dev.gatun;

import java.util.Arrays;

/**
 * The weighted mean of distributions over levels. What is summed are differences from the first, so that of equal ones the error
 * is 0 and not what rounding leaves.
 */
final class LevelTally implements Tally {
    private final int position;
    private final WeightSums weights = new WeightSums();
    private final double[] next;
    private final double[] first;
    private final double[] sums;
    /** Of squared weights times differences, and of both squared. */
    private final double[] crossed;

    private final double[] squares;

    LevelTally(int position, int levels) {
        this.position = position;
        next = new double[levels];
        first = new double[levels];
        sums = new double[levels];
        crossed = new double[levels];
        squares = new double[levels];
    }

    @Override
    public void expected(Conditionals walks, int walk, double logWeight) {
        LevelDistribution distribution = walks.level(walk);
        for (int level = 0; level < next.length; level++) {
            next[level] = distribution.probability(level);
        }
        add(logWeight);
    }

    @Override
    public void drawn(Conditionals walks, int walk, double logWeight) {
        Arrays.fill(next, 0);
        next[walks.levelAt(walk, position)] = 1;
        add(logWeight);
    }

    private void add(double logWeight) {
        if (weights.count() == 0) {
            System.arraycopy(next, 0, first, 0, next.length);
        }
        double scale = weights.add(logWeight);
        double weight = weights.last();
        for (int level = 0; level < next.length; level++) {
            double difference = next[level] - first[level];
            double weighted = weight * difference;
            sums[level] = scale * sums[level] + weighted;
            crossed[level] = scale * scale * crossed[level] + weight * weighted;
            squares[level] = scale * scale * squares[level] + weighted * weighted;
        }
    }

    @Override
    public Marginal marginal(boolean exact) {
        double[] probabilities = new double[first.length];
        double[] errors = new double[first.length];
        for (int level = 0; level < first.length; level++) {
            double mean = sums[level] / weights.sum();
            probabilities[level] = first[level] + mean;
            double spread = squares[level] - 2 * mean * crossed[level] + mean * mean * weights.squares();
            errors[level] = weights.error(spread);
        }
        return new LevelMarginal(position, exact, probabilities, errors);
    }
}
