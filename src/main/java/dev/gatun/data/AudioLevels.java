package dev.gatun.data;

import dev.gatun.family.Companding;
import dev.gatun.family.DataSpec;

/** From a sound's levels to its amplitudes. */
public final class AudioLevels {
    private AudioLevels() {}

    /** The amplitudes, in [-1, 1], of levels {@code begin .. end-1}. */
    public static float[] amplitudes(DataSpec.Audio data, int[] levels, int begin, int end) {
        float[] table = new float[data.levels()];
        for (int level = 0; level < table.length; level++) {
            table[level] = amplitude(data, level);
        }
        float[] amplitudes = new float[end - begin];
        for (int i = 0; i < amplitudes.length; i++) {
            amplitudes[i] = table[levels[begin + i]];
        }
        return amplitudes;
    }

    private static float amplitude(DataSpec.Audio data, int level) {
        double mu = data.levels() - 1;
        double y = 2 * level / mu - 1;
        double x =
                data.companding() == Companding.LINEAR ? y : Math.signum(y) * (Math.pow(1 + mu, Math.abs(y)) - 1) / mu;
        return (float) Math.clamp(x, -1.0, 1.0);
    }
}
