package dev.gatun.family;

import dev.gatun.graph.Graph;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Gated PixelCNN (van den Oord et al. 2016c): a vertical and a horizontal stack, with or without a condition. */
final class GatedPixelCnn extends MaskedImageFamily implements GraphFamily {
    private static final Map<String, String> CONDITIONS =
            Map.of("class", "classes", "vector", "size", "spatial", "channels");

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
                Option.size("head_features"),
                Option.condition(CONDITIONS));
    }

    @Override
    public void check(ModelConfig config) {
        requireMultiple(config, "features", 1);
        requireMultiple(config, "skip_features", 1);
        requireMultiple(config, "head_features", 1);
    }

    @Override
    public ParameterLayout layout(ModelConfig config) {
        ParameterLayout.Builder builder = new ParameterLayout.Builder();
        int features = config.integer("features");
        int skip = config.integer("skip_features");
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

    private static void layer(ParameterLayout.Builder builder, ModelConfig config, int i) {
        String name = "layers." + i;
        long p = config.integer("features");
        long inputs = i == 0 ? inputsPerPixel(config) : p;
        int k = config.integer(i == 0 ? "first_kernel_size" : "kernel_size");
        int m = k / 2;
        MaskType type = i == 0 ? MaskType.A : MaskType.B;
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
