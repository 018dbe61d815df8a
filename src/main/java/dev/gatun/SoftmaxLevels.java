package dev.gatun;

/** A categorical distribution: the outputs are logits. */
final class SoftmaxLevels extends LevelDistribution {
    private final double[] exponentials;
    private final long[] starts;

    SoftmaxLevels(int levels) {
        super(levels, levels);
        exponentials = new double[levels];
        starts = new long[levels + 1];
    }

    @Override
    void take(float[] from, int offset, int channel, int[] earlier) {
        double sum = softmax(from, offset, exponentials);
        double unit = UNIT / sum;
        for (int i = 0; i < exponentials.length; i++) {
            starts[i + 1] = starts[i] + (long) (exponentials[i] * unit) + 1;
        }
    }

    /** e^(logit - the largest) of each, and their sum. */
    static double softmax(float[] from, int offset, double[] exponentials) {
        float top = from[offset];
        for (int i = 1; i < exponentials.length; i++) {
            top = Math.max(top, from[offset + i]);
        }
        double sum = 0;
        for (int i = 0; i < exponentials.length; i++) {
            exponentials[i] = exp((double) from[offset + i] - top);
            sum += exponentials[i];
        }
        return sum;
    }

    @Override
    public long total() {
        return starts[levels()];
    }

    @Override
    public long start(int level) {
        return starts[level];
    }
}
