package dev.gatun.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.gatun.Device;
import dev.gatun.Examples;
import dev.gatun.Model;
import dev.gatun.SampleOptions;
import dev.gatun.Sampler;
import dev.gatun.file.FormatException;
import dev.gatun.file.NpyArray;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tutorial's PixelCNN against its definition, written out pixel by pixel, and files that are none. */
class UvaPixelCnnTest {
    private static final int SIDE = 28;
    private static final int FEATURES = 2;
    private static final int LEVELS = 3;
    private static final int[] DILATIONS = {1, 2, 1, 4, 1, 2, 1};

    @TempDir
    private Path folder;

    /** Kernels as they are saved: whole; here there are values also where they are masked. */
    private static Map<String, NpyArray> arrays() {
        Random random = new Random(11);
        Map<String, NpyArray> arrays = new LinkedHashMap<>();
        layer(arrays, random, "conv_vstack.conv", FEATURES, 1, 3, 3);
        layer(arrays, random, "conv_hstack.conv", FEATURES, 1, 1, 3);
        for (int k = 0; k < DILATIONS.length; k++) {
            String name = "conv_layers." + k;
            layer(arrays, random, name + ".conv_vert.conv", 2 * FEATURES, FEATURES, 3, 3);
            layer(arrays, random, name + ".conv_horiz.conv", 2 * FEATURES, FEATURES, 1, 3);
            layer(arrays, random, name + ".conv_vert_to_horiz", 2 * FEATURES, 2 * FEATURES, 1, 1);
            layer(arrays, random, name + ".conv_horiz_1x1", FEATURES, FEATURES, 1, 1);
        }
        layer(arrays, random, "conv_out", LEVELS, FEATURES, 1, 1);
        return arrays;
    }

    private static void layer(Map<String, NpyArray> arrays, Random random, String name, int... shape) {
        arrays.put(name + ".weight", NpzFixture.random(random, shape));
        arrays.put(name + ".bias", NpzFixture.random(random, shape[0]));
    }

    /** A map of features, zeros around it. */
    private record Maps(double[][][] of) {
        static Maps zeros(int features) {
            return new Maps(new double[features][SIDE][SIDE]);
        }

        double at(int feature, int i, int j) {
            return i < 0 || j < 0 || i >= SIDE || j >= SIDE ? 0 : of[feature][i][j];
        }
    }

    /** A convolution about the kernel's middle; taps after {@code last} in raster order are masked. */
    private static Maps convolved(Map<String, NpyArray> arrays, String name, Maps x, int dilation, int last) {
        NpyArray weight = arrays.get(name + ".weight");
        int[] shape = weight.shape();
        float[] w = weight.floats();
        Maps y = Maps.zeros(shape[0]);
        for (int o = 0; o < shape[0]; o++) {
            for (int i = 0; i < SIDE; i++) {
                for (int j = 0; j < SIDE; j++) {
                    double sum = arrays.get(name + ".bias").floats()[o];
                    for (int c = 0; c < shape[1]; c++) {
                        for (int t = 0; t <= last; t++) {
                            int row = (t / shape[3] - shape[2] / 2) * dilation;
                            int column = (t % shape[3] - shape[3] / 2) * dilation;
                            sum += w[(o * shape[1] + c) * shape[2] * shape[3] + t] * x.at(c, i + row, j + column);
                        }
                    }
                    y.of[o][i][j] = sum;
                }
            }
        }
        return y;
    }

    private static Maps gated(Maps x) {
        Maps y = Maps.zeros(FEATURES);
        for (int f = 0; f < FEATURES; f++) {
            for (int at = 0; at < SIDE * SIDE; at++) {
                double gate = 1 / (1 + Math.exp(-x.of[FEATURES + f][at / SIDE][at % SIDE]));
                y.of[f][at / SIDE][at % SIDE] = Math.tanh(x.of[f][at / SIDE][at % SIDE]) * gate;
            }
        }
        return y;
    }

    private static Maps sum(Maps a, Maps b) {
        Maps y = Maps.zeros(a.of.length);
        for (int f = 0; f < a.of.length; f++) {
            for (int at = 0; at < SIDE * SIDE; at++) {
                y.of[f][at / SIDE][at % SIDE] = a.of[f][at / SIDE][at % SIDE] + b.of[f][at / SIDE][at % SIDE];
            }
        }
        return y;
    }

    private static Maps logits(Map<String, NpyArray> arrays, int[] image) {
        Maps x = Maps.zeros(1);
        for (int at = 0; at < image.length; at++) {
            x.of[0][at / SIDE][at % SIDE] = 2.0 * image[at] / (LEVELS - 1) - 1;
        }
        Maps v = convolved(arrays, "conv_vstack.conv", x, 1, 2);
        Maps h = convolved(arrays, "conv_hstack.conv", x, 1, 0);
        for (int k = 0; k < DILATIONS.length; k++) {
            String name = "conv_layers." + k;
            Maps vertical = convolved(arrays, name + ".conv_vert.conv", v, DILATIONS[k], 5);
            Maps horizontal = convolved(arrays, name + ".conv_horiz.conv", h, DILATIONS[k], 1);
            Maps across = convolved(arrays, name + ".conv_vert_to_horiz", vertical, 1, 0);
            v = gated(vertical);
            h = sum(h, convolved(arrays, name + ".conv_horiz_1x1", gated(sum(horizontal, across)), 1, 0));
        }
        for (double[][] map : h.of) {
            for (double[] row : map) {
                for (int j = 0; j < SIDE; j++) {
                    row[j] = row[j] > 0 ? row[j] : Math.expm1(row[j]);
                }
            }
        }
        return convolved(arrays, "conv_out", h, 1, 0);
    }

    private static double nats(Map<String, NpyArray> arrays, int[] image) {
        Maps logits = logits(arrays, image);
        double nats = 0;
        for (int at = 0; at < image.length; at++) {
            double total = 0;
            for (int level = 0; level < LEVELS; level++) {
                total += Math.exp(logits.at(level, at / SIDE, at % SIDE));
            }
            nats += Math.log(total) - logits.at(image[at], at / SIDE, at % SIDE);
        }
        return nats;
    }

    @Test
    void likelihoodsAreThoseOfTheDefinition() throws IOException {
        Map<String, NpyArray> arrays = arrays();
        int[] image = new Random(2).ints(SIDE * SIDE, 0, LEVELS).toArray();
        double expected = nats(arrays, image);
        try (Model model = Converter.convert(NpzFixture.write(folder, arrays), Device.cpu(1))) {
            Examples one = Examples.ofLevels(1, image.length, image);
            assertThat(model.logLikelihood(one).nats()[0]).isCloseTo(expected, within(1e-5 * expected));
        }
    }

    @Test
    void whatIsHiddenByAMaskDoesNotMatter() throws IOException {
        Map<String, NpyArray> arrays = arrays();
        int[] image = new Random(3).ints(SIDE * SIDE, 0, LEVELS).toArray();
        Examples one = Examples.ofLevels(1, image.length, image);
        double nats;
        try (Model model = Converter.convert(NpzFixture.write(folder, arrays), Device.cpu(1))) {
            nats = model.logLikelihood(one).nats()[0];
        }
        float[] whole = arrays.get("conv_vstack.conv.weight").floats().clone();
        whole[3] += 5; // the middle row of the first kernel
        whole[8] -= 7; // its last
        arrays.put("conv_vstack.conv.weight", NpyArray.ofFloats(new int[] {FEATURES, 1, 3, 3}, whole));
        try (Model model = Converter.convert(NpzFixture.write(folder, arrays), Device.cpu(1))) {
            assertThat(model.logLikelihood(one).nats()[0]).isEqualTo(nats);
        }
    }

    @Test
    void cachedSamplesAreThoseOfFullPasses() throws IOException {
        try (Model model = Converter.convert(NpzFixture.write(folder, arrays()), Device.cpu(1))) {
            SampleOptions options = SampleOptions.count(2).withSeed(5);
            try (Sampler cached = model.sampler(options);
                    Sampler full = model.sampler(options.withMethod(SampleOptions.Method.FULL))) {
                assertThat(cached.draw().levels()).containsExactly(full.draw().levels());
            }
        }
    }

    @Test
    void whatIsWrongIsNamed() throws IOException {
        Map<String, NpyArray> shape = arrays();
        shape.put("conv_layers.3.conv_horiz.conv.weight", NpzFixture.random(new Random(1), 4, 2, 1, 5));
        refused(
                shape,
                "array 'conv_layers.3.conv_horiz.conv.weight': found the shape [4, 2, 1, 5], expected [4, 2, 1, 3]");
        Map<String, NpyArray> six = arrays();
        six.keySet().removeIf(name -> name.startsWith("conv_layers.6."));
        refused(six, "array 'conv_layers': expected 7 layers");
        Map<String, NpyArray> missing = arrays();
        missing.remove("conv_layers.2.conv_vert_to_horiz.bias");
        refused(missing, "has no array 'conv_layers.2.conv_vert_to_horiz.bias'");
        Map<String, NpyArray> colours = arrays();
        colours.put("conv_vstack.conv.weight", NpzFixture.random(new Random(1), FEATURES, 3, 3, 3));
        refused(colours, "array 'conv_vstack.conv.weight': found the shape [2, 3, 3, 3], expected [2, 1, 3, 3]");
    }

    private void refused(Map<String, NpyArray> arrays, String why) throws IOException {
        Path file = NpzFixture.write(folder, arrays);
        assertThatThrownBy(() -> Converter.convert(file, Device.cpu(1)))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("model.npz")
                .hasMessageContaining(why);
    }
}
