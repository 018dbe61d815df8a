package dev.gatun;

/** Bernoulli: the output is the logit of 1. */
final class TwoLevels extends LevelDistribution {
    private long zero;
    private long total;

    TwoLevels() {
        super(2, 1);
    }

    @Override
    void take(float[] from, int offset, int channel, int[] earlier) {
        double e = exp(-Math.abs((double) from[offset]));
        long likely = (long) (UNIT / (1 + e)) + 1;
        long other = (long) (UNIT * e / (1 + e)) + 1;
        zero = from[offset] > 0 ? other : likely;
        total = likely + other;
    }

    @Override
    public long total() {
        return total;
    }

    @Override
    public long start(int level) {
        return level == 0 ? 0 : level == 1 ? zero : total;
    }
}
