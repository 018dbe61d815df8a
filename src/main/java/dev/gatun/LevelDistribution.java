package dev.gatun;

import dev.gatun.family.DistributionSpec;
import dev.gatun.family.ModelConfig;

/**
 * The distribution of one position over its levels, as probabilities and as integer frequencies, of which coders are made. Made
 * of the network's float32 outputs by operations that Java defines to the bit, so that it is the same on every machine on which
 * the outputs are.
 *
 * <p>Frequencies are at least 1, whatever the outputs, and add up to a total below 2^32: some 2^31 times the probabilities. Not
 * for several threads at once.
 */
public abstract sealed class LevelDistribution permits TwoLevels, SoftmaxLevels, MixtureLevels, PixelLevels {
    /** What probabilities are multiplied by. */
    static final double UNIT = 0x1p31;

    private final int levels;
    private final int outputs;

    LevelDistribution(int levels, int outputs) {
        this.levels = levels;
        this.outputs = outputs;
    }

    /**
     * That of a model's positions.
     *
     * @throws IllegalArgumentException if the model's data are reals
     */
    public static LevelDistribution of(ModelConfig config) {
        DistributionSpec.Type type = config.distribution().type();
        int levels = config.data().levels();
        return switch (type) {
            case BERNOULLI -> new TwoLevels();
            case CATEGORICAL -> new SoftmaxLevels(levels);
            case DISCRETIZED_LOGISTIC_MIXTURE ->
                config.rgbPixels()
                        ? new PixelLevels(levels, config.distribution().components())
                        : new MixtureLevels(levels, config.distribution().components());
            case GAUSSIAN ->
                throw new IllegalArgumentException("levels: found a model of reals, expected one of levels");
        };
    }

    /** Values that a position can take. */
    public int levels() {
        return levels;
    }

    /** Outputs of a position; of a mixture over the pixels of colour images those of a pixel, the same for all its channels. */
    public int outputs() {
        return outputs;
    }

    /**
     * Takes a position's outputs.
     *
     * @param from holds them from {@code offset} on
     * @param channel of the position in its pixel
     * @param earlier levels of the pixel's channels before it; read for mixtures over the pixels of colour images alone
     * @throws IllegalArgumentException if they are not finite
     */
    public final void set(float[] from, int offset, int channel, int... earlier) {
        for (int i = offset; i < offset + outputs; i++) {
            if (!Float.isFinite(from[i])) {
                throw new IllegalArgumentException("outputs: found " + from[i] + ", expected finite numbers");
            }
        }
        take(from, offset, channel, earlier);
    }

    abstract void take(float[] from, int offset, int channel, int[] earlier);

    /** The sum of all frequencies. */
    public abstract long total();

    /** The sum of the frequencies of the levels below one; {@link #total} for the number of levels. */
    public abstract long start(int level);

    /** The frequency of a level, at least 1. */
    public final long frequency(int level) {
        return start(level + 1) - start(level);
    }

    /**
     * The level in whose frequency a number falls: {@code start(level) <= place < start(level + 1)}.
     *
     * @param place from 0 to below {@link #total}
     */
    public int find(long place) {
        int low = 0;
        int high = levels;
        while (high - low > 1) {
            int middle = (low + high) >>> 1;
            if (start(middle) <= place) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** The probability of a level, as its frequency has it: exact to some 2^-31. */
    public final double probability(int level) {
        return (double) frequency(level) / total();
    }

    /** The probability of the levels below one. */
    public final double cumulative(int level) {
        return (double) start(level) / total();
    }

    /** e^x for x of at most 0, to some 1e-14 of it, by additions and multiplications alone. */
    static double exp(double x) {
        if (x < LEAST) {
            return 0;
        }
        double k = Math.rint(x * (1 / LN2));
        double r = x - k * LN2_HIGH - k * LN2_LOW;
        double p = 1.0 / 39916800;
        for (double factorial : FACTORIALS) {
            p = p * r + factorial;
        }
        return p * Double.longBitsToDouble(((long) k + 1023) << 52);
    }

    private static final double LEAST = -700;
    private static final double LN2 = 0.6931471805599453;
    /** Its first 32 bits, whose multiples by small whole numbers are exact, and the rest. */
    private static final double LN2_HIGH = 0x1.62e42feep-1;

    private static final double LN2_LOW = 0x1.a39ef35793c76p-33;
    private static final double[] FACTORIALS = {
        1.0 / 3628800, 1.0 / 362880, 1.0 / 40320, 1.0 / 5040, 1.0 / 720, 1.0 / 120, 1.0 / 24, 1.0 / 6, 1.0 / 2, 1, 1
    };
}
