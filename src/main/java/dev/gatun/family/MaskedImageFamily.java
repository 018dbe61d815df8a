package dev.gatun.family;

import java.util.EnumSet;
import java.util.Set;

/** What the families of masked convolutions share: colour groups, masks, the first convolution and the head. */
abstract class MaskedImageFamily implements Family {
    /** Whether a convolution hides the current pixel's own group (A) or shows it (B). */
    enum MaskType {
        A,
        B
    }

    @Override
    public Set<DistributionSpec.Type> distributions() {
        return EnumSet.complementOf(EnumSet.of(DistributionSpec.Type.GAUSSIAN));
    }

    @Override
    public boolean imageOnly() {
        return true;
    }

    /** Refuses a number of features that the model's colour groups do not divide, {@code parts} times over. */
    static void requireMultiple(ModelConfig config, String key, int parts) {
        int features = config.integer(key);
        int divisor = config.groups() * parts;
        if (features % divisor != 0) {
            String why = config.groups() == 1 ? "" : ", features being divided among " + config.groups() + " channels";
            throw InvalidModelException.of(key, Integer.toString(features), "a multiple of " + divisor + why);
        }
    }

    /** The features of an encoded pixel. */
    static long inputsPerPixel(ModelConfig config) {
        return (long) config.encoded() * config.data().channels();
    }

    /** A masked convolution and its bias; the current pixel is at the kernel's middle. Shape: [out, in, kh, kw]. */
    static void masked(
            ParameterLayout.Builder builder, ModelConfig config, String name, MaskType type, int parts, long... shape) {
        maskedAt(builder, config, name, type, parts, (int) shape[3] / 2, shape);
    }

    /** The same with the current pixel at {@code column} of the kernel's middle row. */
    static void maskedAt(
            ParameterLayout.Builder builder,
            ModelConfig config,
            String name,
            MaskType type,
            int parts,
            int column,
            long... shape) {
        int[] sizes = ParameterLayout.Builder.checked(name + ".weight", shape);
        builder.layer(
                name,
                new RasterMask(
                        type == MaskType.A,
                        sizes[0],
                        sizes[1],
                        sizes[2],
                        sizes[3],
                        sizes[2] / 2,
                        column,
                        config.groups(),
                        parts),
                shape);
    }

    /** The first convolution, type A, to {@code features}. */
    static void input(ParameterLayout.Builder builder, ModelConfig config) {
        int k = config.integer("first_kernel_size");
        masked(builder, config, "input", MaskType.A, 1, config.integer("features"), inputsPerPixel(config), k, k);
    }

    /** The last two convolutions, 1x1; the last alone where {@code head_features} is 0. */
    static void head(ParameterLayout.Builder builder, ModelConfig config, long inputs) {
        int features = config.integer("head_features");
        if (features > 0) {
            masked(builder, config, "head.0", MaskType.B, 1, features, inputs, 1, 1);
        }
        masked(builder, config, "head.1", MaskType.B, 1, config.outputs(), features > 0 ? features : inputs, 1, 1);
    }
}
