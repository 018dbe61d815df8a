package dev.gatun.family;

import dev.gatun.graph.Graph;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Gated PixelCNN (van den Oord et al. 2016c): a vertical and a horizontal stack, with or without a condition.
 *
 * <p>Beyond the paper's own layers, by keys that may be left out:
 *
 * <ul>
 *   <li>{@code dilations}: one a layer; taps of its vertical and horizontal convolutions lie so many pixels apart (1).
 *   <li>{@code stem}: {@code "plain"} puts two convolutions without gates before the layers, {@code input.vertical [p, in, m, k]}
 *       over rows i-m..i-1, columns j-m..j+m, and {@code input.horizontal [p, in, 1, m+1]} over columns j-m..j, type A, k being
 *       {@code first_kernel_size} and m its half. The vertical stack then begins on the row above, so that {@code
 *       vertical_to_horizontal} moves nothing; all layers are of {@code kernel_size} and type B, with the residual in each.
 *   <li>{@code head_activation}: before each of the head's convolutions, {@code "relu"} unless said.
 *   <li>{@code head_features}: 0 leaves {@code head.1} alone, from the activation of what goes into the head.
 * </ul>
 */
final class GatedPixelCnn extends MaskedImageFamily implements GraphFamily {
    private static final Map<String, String> CONDITIONS =
            Map.of("class", "classes", "vector", "size", "spatial", "channels");

    /** How far a tap may lie from its pixel, so that what layers reach together can still be counted. */
    private static final int FARTHEST = 1 << 16;

    /** The stem of two convolutions without gates. */
    private static final String PLAIN = "plain";

    @Override
    public String name() {
        return "gated_pixelcnn";
    }

    @Override
    public List<Option> options() {
        return List.of(
                Option.size("features"),
                Option.size("layers"),
                Option.oddSize("first_kernel_size", 7),
                Option.oddSize("kernel_size", 3),
                Option.whole("skip_features", 0, 0),
                Option.wholeRequired("head_features", 0),
                Option.condition(CONDITIONS),
                Option.sizesOrNone("dilations"),
                Option.choiceOrNone("stem", List.of(PLAIN)),
                Option.choiceOrNone("head_activation", ImageGraph.ACTIVATIONS));
    }

    @Override
    public void check(ModelConfig config) {
        requireMultiple(config, "features", 1);
        requireMultiple(config, "skip_features", 1);
        requireMultiple(config, "head_features", 1);
        if (hasStem(config) && config.integer("first_kernel_size") < 3) {
            throw InvalidModelException.of(
                    "first_kernel_size", "1", "at least 3 with a stem, whose vertical convolution sees rows above");
        }
        if (config.isGiven("dilations")) {
            checkDilations(config);
        }
    }

    private static void checkDilations(ModelConfig config) {
        int[] dilations = config.integers("dilations");
        if (dilations.length != config.integer("layers")) {
            throw InvalidModelException.of(
                    "dilations", dilations.length + " values", config.integer("layers") + ", one a layer");
        }
        for (int i = 0; i < dilations.length; i++) {
            int most = FARTHEST / Math.max(1, kernelSize(config, i) / 2);
            if (dilations[i] > most) {
                throw InvalidModelException.of("dilations", Integer.toString(dilations[i]), "at most " + most);
            }
        }
    }

    /** Whether convolutions without gates come before the layers. */
    static boolean hasStem(ModelConfig config) {
        return config.isGiven("stem");
    }

    /** The k of a layer. */
    static int kernelSize(ModelConfig config, int layer) {
        return config.integer(layer == 0 && !hasStem(config) ? "first_kernel_size" : "kernel_size");
    }

    /** How many pixels apart a layer's taps are. */
    static int dilation(ModelConfig config, int layer) {
        return config.isGiven("dilations") ? config.integers("dilations")[layer] : 1;
    }

    /** The type of a layer's horizontal convolution: A where it reads the image itself. */
    static MaskType type(ModelConfig config, int layer) {
        return layer == 0 && !hasStem(config) ? MaskType.A : MaskType.B;
    }

    @Override
    public ParameterLayout layout(ModelConfig config) {
        ParameterLayout.Builder builder = new ParameterLayout.Builder();
        int features = config.integer("features");
        int skip = config.integer("skip_features");
        if (hasStem(config)) {
            stem(builder, config);
        }
        for (int i = 0; i < config.integer("layers"); i++) {
            layer(builder, config, i);
        }
        head(builder, config, skip > 0 ? skip : features);
        return builder.build();
    }

    @Override
    public Graph graph(ModelConfig config) {
        return new GatedGraph(config).build();
    }

    private static void stem(ParameterLayout.Builder builder, ModelConfig config) {
        long p = config.integer("features");
        int k = config.integer("first_kernel_size");
        int m = k / 2;
        builder.layer("input.vertical", null, p, inputsPerPixel(config), m, k);
        maskedAt(builder, config, "input.horizontal", MaskType.A, 1, m, p, inputsPerPixel(config), 1, m + 1L);
    }

    private static void layer(ParameterLayout.Builder builder, ModelConfig config, int i) {
        String name = "layers." + i;
        long p = config.integer("features");
        long inputs = i == 0 && !hasStem(config) ? inputsPerPixel(config) : p;
        int k = kernelSize(config, i);
        int m = k / 2;
        MaskType type = type(config, i);
        builder.layer(name + ".vertical", null, 2 * p, inputs, m + 1L, k);
        maskedAt(builder, config, name + ".horizontal", type, 2, m, 2 * p, inputs, 1, m + 1L);
        builder.layer(name + ".vertical_to_horizontal", null, 2 * p, 2 * p, 1, 1);
        masked(builder, config, name + ".horizontal_out", MaskType.B, 1, p, p, 1, 1);
        if (config.integer("skip_features") > 0) {
            masked(builder, config, name + ".skip", MaskType.B, 1, config.integer("skip_features"), p, 1, 1);
        }
        condition(builder, config, name, p);
    }

    /** Both weights start as linear layers of the condition's size. */
    private static void condition(ParameterLayout.Builder builder, ModelConfig config, String name, long p) {
        @Nullable Map<String, Object> condition = config.object("condition");
        if (condition == null) {
            return;
        }
        String type = (String) Objects.requireNonNull(condition.get("type"));
        long size = config.integer("condition." + CONDITIONS.get(type));
        long[] shape = type.equals("spatial") ? new long[] {2 * p, size, 1, 1} : new long[] {2 * p, size};
        builder.weight(name + ".vertical_condition", null, shape);
        builder.weight(name + ".horizontal_condition", null, shape);
    }
}
