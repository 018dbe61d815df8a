package dev.gatun.family;

import dev.gatun.foreign.NativeDistribution;
import java.lang.foreign.Arena;

/** A configuration's distribution as kernels take it. */
public final class Distributions {
    private Distributions() {}

    /** The distribution of one position of the configuration's data, or of a pixel where its channels meet there. */
    public static NativeDistribution of(ModelConfig config, Arena arena) {
        int levels = config.data().levels();
        return switch (config.distribution().type()) {
            case BERNOULLI -> new NativeDistribution(arena, NativeDistribution.Type.BERNOULLI, levels, 0);
            case CATEGORICAL -> new NativeDistribution(arena, NativeDistribution.Type.CATEGORICAL, levels, 0);
            case GAUSSIAN -> new NativeDistribution(arena, NativeDistribution.Type.GAUSSIAN, 0, 0);
            case DISCRETIZED_LOGISTIC_MIXTURE ->
                new NativeDistribution(
                        arena,
                        NativeDistribution.Type.LOGISTIC_MIXTURE,
                        levels,
                        config.distribution().components(),
                        config.rgbPixels() ? 3 : 1);
        };
    }
}
