package dev.gatun.convert;

import dev.gatun.Device;
import dev.gatun.Model;
import dev.gatun.family.DataSpec;
import dev.gatun.family.DistributionSpec;
import dev.gatun.family.InputEncoding;
import dev.gatun.family.ModelConfig;
import dev.gatun.tensor.Parameters;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;

/**
 * The gated PixelCNN of the University of Amsterdam's deep learning tutorial 12 (P. Lippe), by its PyTorch names: {@code
 * conv_vstack}, {@code conv_hstack}, seven {@code conv_layers} and {@code conv_out}. It becomes a {@code gated_pixelcnn} with a
 * plain stem and dilations. What its arrays do not say is as the tutorial has it: greyscale images of 28 x 28 pixels, scaled to
 * -1 .. 1, and dilations of 1, 2, 1, 4, 1, 2, 1. Its kernels are whole, what their masks hide is left out here.
 */
final class UvaPixelCnn implements Converter {
    private static final int SIDE = 28;
    private static final int KERNEL = 3;
    private static final int HALF = KERNEL / 2;
    private static final List<Long> DILATIONS = List.of(1L, 2L, 1L, 4L, 1L, 2L, 1L);

    @Override
    public String form() {
        return "the gated PixelCNN of UvA's tutorial 12 (conv_vstack, conv_hstack, conv_layers.{k}, conv_out)";
    }

    @Override
    public boolean takes(NamedArrays arrays) {
        return arrays.has("conv_vstack.conv.weight")
                && arrays.has("conv_hstack.conv.weight")
                && arrays.has("conv_out.weight");
    }

    @Override
    public Model convert(NamedArrays arrays, Device device) throws IOException {
        int[] out = arrays.shape("conv_out.weight", 4);
        int levels = out[0];
        int features = out[1];
        requireLayers(arrays);
        if (levels < 2) {
            throw arrays.refuse("conv_out.weight", "found " + levels + " levels, expected at least 2");
        }
        ModelConfig config = new ModelConfig(
                "gated_pixelcnn",
                new DataSpec.Image(SIDE, SIDE, 1, levels),
                InputEncoding.SCALED,
                DistributionSpec.of(DistributionSpec.Type.CATEGORICAL),
                Map.of(
                        "features",
                        (long) features,
                        "layers",
                        (long) DILATIONS.size(),
                        "first_kernel_size",
                        (long) KERNEL,
                        "kernel_size",
                        (long) KERNEL,
                        "head_features",
                        0L,
                        "head_activation",
                        "elu",
                        "stem",
                        "plain",
                        "dilations",
                        DILATIONS));
        try (Arena arena = Arena.ofConfined()) {
            Copy copy = new Copy(arrays, config.family().layout(config).allocate(arena));
            copy.rows("conv_vstack.conv", "input.vertical", features, 1, HALF);
            copy.columns("conv_hstack.conv", "input.horizontal", features, 1);
            for (int k = 0; k < DILATIONS.size(); k++) {
                layer(copy, k, features);
            }
            copy.pointwise("conv_out", "head.1", levels, features);
            return Model.of(config, copy.parameters, device);
        }
    }

    private static void requireLayers(NamedArrays arrays) throws IOException {
        int last = DILATIONS.size() - 1;
        if (!arrays.has("conv_layers." + last + ".conv_vert.conv.weight")
                || arrays.has("conv_layers." + (last + 1) + ".conv_vert.conv.weight")) {
            throw arrays.refuse("conv_layers", "expected " + DILATIONS.size() + " layers, as the tutorial has them");
        }
    }

    private static void layer(Copy copy, int k, int features) throws IOException {
        String from = "conv_layers." + k;
        String to = "layers." + k;
        copy.rows(from + ".conv_vert.conv", to + ".vertical", 2 * features, features, HALF + 1);
        copy.columns(from + ".conv_horiz.conv", to + ".horizontal", 2 * features, features);
        copy.pointwise(from + ".conv_vert_to_horiz", to + ".vertical_to_horizontal", 2 * features, 2 * features);
        copy.pointwise(from + ".conv_horiz_1x1", to + ".horizontal_out", features, features);
    }

    /** Copies layers, of their kernels what masks do not hide. */
    private record Copy(NamedArrays arrays, Parameters parameters) {
        /** A 3 x 3 kernel, its first rows. */
        void rows(String from, String to, int outputs, int inputs, int rows) throws IOException {
            kernels(from, to, new int[] {outputs, inputs, KERNEL, KERNEL}, rows * KERNEL);
        }

        /** A 1 x 3 kernel, its columns up to the middle. */
        void columns(String from, String to, int outputs, int inputs) throws IOException {
            kernels(from, to, new int[] {outputs, inputs, 1, KERNEL}, HALF + 1);
        }

        void pointwise(String from, String to, int outputs, int inputs) throws IOException {
            kernels(from, to, new int[] {outputs, inputs, 1, 1}, 1);
        }

        /** The first entries of each kernel, and the bias. */
        private void kernels(String from, String to, int[] shape, int kept) throws IOException {
            float[] whole = arrays.floats(from + ".weight", shape);
            int kernel = shape[2] * shape[3];
            float[] part = new float[shape[0] * shape[1] * kept];
            for (int i = 0; i < shape[0] * shape[1]; i++) {
                System.arraycopy(whole, i * kernel, part, i * kept, kept);
            }
            set(to + ".weight", part);
            set(to + ".bias", arrays.floats(from + ".bias", shape[0]));
        }

        private void set(String name, float[] values) {
            parameters.get(name).copyFrom(MemorySegment.ofArray(values));
        }
    }
}
