package dev.gatun.op;

import dev.gatun.foreign.NativeAffine;
import java.util.Arrays;
import java.util.List;
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

    /**
     * A 2-D convolution's {@code [out, in, height, width]}, some of its taps, with its bias.
     *
     * @param centre the row and column of the kernel that stand for the position itself
     * @param taps relative to it
     */
    public static WeightRef conv2d(String name, int inputs, int height, int width, Tap centre, List<Tap> taps) {
        long[] offsets = taps.stream()
                .mapToLong(tap -> (long) (centre.row() + tap.row()) * width + centre.column() + tap.column())
                .toArray();
        long kernel = (long) height * width;
        return new WeightRef(
                name + ".weight", new NativeAffine.Layout(inputs * kernel, kernel, offsets), name + ".bias");
    }

    /** The same of a transposed convolution, which keeps {@code [in, out, height, width]}. */
    public static WeightRef transposed2d(String name, int outputs, int height, int width, Tap centre, List<Tap> taps) {
        WeightRef one = conv2d(name, 1, height, width, centre, taps);
        long kernel = (long) height * width;
        return new WeightRef(
                one.weight, new NativeAffine.Layout(kernel, outputs * kernel, one.layout.tapOffsets()), one.bias);
    }

    /** The weights of one input alone, without the bias. */
    public WeightRef input(int input) {
        long[] offsets = Arrays.stream(layout.tapOffsets())
                .map(offset -> offset + input * layout.strideInput())
                .toArray();
        return new WeightRef(
                weight, new NativeAffine.Layout(layout.strideOutput(), layout.strideInput(), offsets), null);
    }

    /** The weights of the outputs from one on, of the first taps alone. */
    WeightRef from(int output, int taps) {
        long[] offsets = Arrays.copyOf(layout.tapOffsets(), taps);
        for (int k = 0; k < taps; k++) {
            offsets[k] += output * layout.strideOutput();
        }
        return new WeightRef(
                weight, new NativeAffine.Layout(layout.strideOutput(), layout.strideInput(), offsets), bias);
    }

    /** A linear map's {@code [out, in]}, with its bias. */
    public static WeightRef linear(String name, int inputs) {
        return new WeightRef(name + ".weight", new NativeAffine.Layout(inputs, 1, new long[] {0}), name + ".bias");
    }
}
