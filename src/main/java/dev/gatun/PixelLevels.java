package dev.gatun;

/**
 * A channel under a mixture over the pixels of colour images: K logits; then for each channel K means, K log-scales, K
 * coefficients. The components' weights are those that the pixel's channels before it leave them.
 */
final class PixelLevels extends LevelDistribution {
    private final int components;
    private final Logistics logistics;
    private final double[] logWeights;

    PixelLevels(int levels, int components) {
        super(levels, 10 * components);
        this.components = components;
        logistics = new Logistics(levels, components);
        logWeights = new double[components];
    }

    @Override
    void take(float[] from, int offset, int channel, int[] earlier) {
        for (int k = 0; k < components; k++) {
            logWeights[k] = from[offset + k];
        }
        for (int c = 0; c <= channel; c++) {
            for (int k = 0; k < components; k++) {
                logistics.component(k, mean(from, offset, c, k, earlier), output(from, offset, c, 1, k));
                logWeights[k] += c < channel ? logistics.logMass(k, earlier[c]) : 0;
            }
        }
        double top = logWeights[0];
        for (double weight : logWeights) {
            top = Math.max(top, weight);
        }
        double sum = 0;
        for (int k = 0; k < components; k++) {
            logistics.weights()[k] = exp(logWeights[k] - top);
            sum += logistics.weights()[k];
        }
        logistics.normalise(sum);
    }

    private double mean(float[] from, int offset, int channel, int k, int[] earlier) {
        double mean = output(from, offset, channel, 0, k);
        if (channel == 1) {
            mean += coefficient(from, offset, 0, k) * logistics.value(earlier[0]);
        } else if (channel == 2) {
            mean += coefficient(from, offset, 1, k) * logistics.value(earlier[0])
                    + coefficient(from, offset, 2, k) * logistics.value(earlier[1]);
        }
        return mean;
    }

    private double coefficient(float[] from, int offset, int c, int k) {
        return StrictMath.tanh(output(from, offset, c, 2, k));
    }

    /** Means are 0, log-scales 1, coefficients 2 of a channel. */
    private float output(float[] from, int offset, int channel, int which, int k) {
        return from[offset + (1 + 3 * channel + which) * components + k];
    }

    @Override
    public long total() {
        return logistics.total();
    }

    @Override
    public long start(int level) {
        return logistics.start(level);
    }
}
