package dev.gatun.data;

import dev.gatun.family.Companding;
import dev.gatun.family.DataSpec;

/** From a sound's amplitudes to its levels and back. */
public final class AudioLevels {
    private AudioLevels() {}

    /** The amplitudes, in [-1, 1], of levels {@code begin .. end-1}. */
    public static float[] amplitudes(DataSpec.Audio data, int[] levels, int begin, int end) {
        float[] table = table(data);
        float[] amplitudes = new float[end - begin];
        for (int i = 0; i < amplitudes.length; i++) {
            amplitudes[i] = table[levels[begin + i]];
        }
        return amplitudes;
    }

    /** The amplitude of each level. */
    public static float[] table(DataSpec.Audio data) {
        float[] table = new float[data.levels()];
        for (int level = 0; level < table.length; level++) {
            table[level] = amplitude(data, level);
        }
        return table;
    }

    /**
     * The level of an amplitude: {@code floor((y + 1) / 2 μ + 1/2)} with {@code y = sign(x) ln(1 + μ|x|) / ln(1 + μ)} for mu-law and
     * {@code y = x} for linear levels. Amplitudes beyond [-1, 1] are taken as its ends.
     */
    public static int level(DataSpec.Audio data, float amplitude) {
        double x = Math.clamp(amplitude, -1.0, 1.0);
        double mu = data.levels() - 1;
        double y = data.companding() == Companding.LINEAR
                ? x
                : Math.signum(x) * Math.log1p(mu * Math.abs(x)) / Math.log1p(mu);
        return (int) Math.floor((y + 1) / 2 * mu + 0.5);
    }

    private static float amplitude(DataSpec.Audio data, int level) {
        double mu = data.levels() - 1;
        double y = 2 * level / mu - 1;
        double x =
                data.companding() == Companding.LINEAR ? y : Math.signum(y) * (Math.pow(1 + mu, Math.abs(y)) - 1) / mu;
        return (float) Math.clamp(x, -1.0, 1.0);
    }
}
