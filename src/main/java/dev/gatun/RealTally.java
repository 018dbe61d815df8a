package dev.gatun;

import java.util.Arrays;

/** Normal distributions, and values as such of deviation 0, each with its weight. All are kept: quantiles are of all of them. */
final class RealTally implements Tally {
    private static final int FIRST_ROOM = 256;

    private final int position;
    private final float[] outputs = new float[2];
    private double[] logWeights = new double[FIRST_ROOM];
    private double[] means = new double[FIRST_ROOM];
    private double[] deviations = new double[FIRST_ROOM];
    private int count;

    RealTally(int position) {
        this.position = position;
    }

    @Override
    public void expected(Conditionals walks, int walk, double logWeight) {
        walks.outputs(walk, outputs, 0); // mean and ln of the deviation
        add(logWeight, outputs[0], Math.exp(outputs[1]));
    }

    @Override
    public void drawn(Conditionals walks, int walk, double logWeight) {
        add(logWeight, walks.realAt(walk, position), 0);
    }

    private void add(double logWeight, double mean, double deviation) {
        if (!Double.isFinite(mean) || !Double.isFinite(deviation)) {
            throw new IllegalArgumentException(
                    "outputs: found mean " + mean + " and deviation " + deviation + ", expected finite numbers");
        }
        if (count == means.length) {
            logWeights = Arrays.copyOf(logWeights, 2 * count);
            means = Arrays.copyOf(means, 2 * count);
            deviations = Arrays.copyOf(deviations, 2 * count);
        }
        logWeights[count] = logWeight;
        means[count] = mean;
        deviations[count++] = deviation;
    }

    @Override
    public Marginal marginal(boolean exact) {
        double largest = Arrays.stream(logWeights, 0, count).max().orElseThrow();
        double[] weights = Arrays.stream(logWeights, 0, count)
                .map(one -> Math.exp(one - largest))
                .toArray();
        double sum = Arrays.stream(weights).sum();
        Arrays.setAll(weights, n -> weights[n] / sum);
        return new RealMarginal(
                position, exact, weights, Arrays.copyOf(means, count), Arrays.copyOf(deviations, count));
    }
}
