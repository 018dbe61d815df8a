package dev.gatun.op;

import dev.gatun.foreign.NativeAffine;
import org.jspecify.annotations.Nullable;

/**
 * Where an affine operation's weights are found.
 *
 * @param weight name of the parameter
 * @param layout how it keeps them, its tap offsets in the order of the operation's taps
 * @param bias name of the parameter, or null
 */
public record WeightRef(
        String weight, NativeAffine.Layout layout, @Nullable String bias) {
    /** A 1-D convolution's {@code [out, in, k]}, the last tap the newest, with its bias. */
    public static WeightRef conv1d(String name, int inputs, int kernelSize) {
        long[] taps = new long[kernelSize];
        for (int k = 0; k < kernelSize; k++) {
            taps[k] = k;
        }
        return new WeightRef(
                name + ".weight",
                new NativeAffine.Layout((long) inputs * kernelSize, kernelSize, taps),
                name + ".bias");
    }

    /** A linear map's {@code [out, in]}, with its bias. */
    public static WeightRef linear(String name, int inputs) {
        return new WeightRef(name + ".weight", new NativeAffine.Layout(inputs, 1, new long[] {0}), name + ".bias");
    }
}
