package dev.gatun;

/** A discretized mixture of logistics: K logits, K means, K log-scales. */
final class MixtureLevels extends LevelDistribution {
    private final int components;
    private final Logistics logistics;

    MixtureLevels(int levels, int components) {
        super(levels, 3 * components);
        this.components = components;
        logistics = new Logistics(levels, components);
    }

    @Override
    void take(float[] from, int offset, int channel, int[] earlier) {
        logistics.normalise(SoftmaxLevels.softmax(from, offset, logistics.weights()));
        for (int k = 0; k < components; k++) {
            logistics.component(k, from[offset + components + k], from[offset + 2 * components + k]);
        }
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
