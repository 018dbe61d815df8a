package dev.gatun.family;

import dev.gatun.graph.Graph;
import java.util.List;

/** WaveNet (van den Oord et al. 2016a): gated, dilated causal convolutions, with or without conditions. */
final class WaveNet implements GraphFamily {
    @Override
    public String name() {
        return "wavenet";
    }

    @Override
    public List<Option> options() {
        return List.of(
                Option.size("residual_channels"),
                Option.size("dilation_channels"),
                Option.size("skip_channels"),
                Option.size("head_channels"),
                Option.size("kernel_size"),
                Option.sizes("dilations"),
                Option.whole("first_kernel_size", 1, 1),
                Option.number("residual_scale", 1),
                Option.sizesOrNull("local_condition", List.of("channels", "hop")),
                Option.sizesOrNull("global_condition", List.of("classes", "channels")));
    }

    @Override
    public void check(ModelConfig config) {
        if (config.integers("dilations").length == 0) {
            throw InvalidModelException.of("dilations", "an empty list", "one value a layer");
        }
        CausalConvArm.checkReach(config);
    }

    /** {@code global.weight} starts as an embedding, the rest as convolutions. */
    @Override
    public ParameterLayout layout(ModelConfig config) {
        ParameterLayout.Builder builder = new ParameterLayout.Builder();
        long residual = config.integer("residual_channels");
        long skip = config.integer("skip_channels");
        long head = config.integer("head_channels");
        builder.layer("input", null, residual, config.encoded(), config.integer("first_kernel_size"));
        if (config.object("global_condition") != null) {
            builder.tensor(
                    "global.weight",
                    ParameterSpec.Start.NORMAL,
                    0,
                    config.integer("global_condition.classes"),
                    config.integer("global_condition.channels"));
        }
        int layers = config.integers("dilations").length;
        for (int i = 0; i < layers; i++) {
            layer(builder, config, "layers." + i, i == layers - 1);
        }
        builder.layer("head.0", null, head, skip, 1);
        return builder.layer("head.1", null, config.outputs(), head, 1).build();
    }

    private static void layer(ParameterLayout.Builder builder, ModelConfig config, String name, boolean last) {
        long residual = config.integer("residual_channels");
        long dilation = config.integer("dilation_channels");
        builder.layer(name + ".dilated", null, 2 * dilation, residual, config.integer("kernel_size"));
        for (String kind : List.of("local", "global")) {
            String condition = kind + "_condition";
            if (config.object(condition) != null) {
                builder.weight(name + "." + kind, null, 2 * dilation, config.integer(condition + ".channels"), 1);
            }
        }
        builder.layer(name + ".skip", null, config.integer("skip_channels"), dilation, 1);
        if (!last) {
            builder.layer(name + ".residual", null, residual, dilation, 1);
        }
    }

    @Override
    public Graph graph(ModelConfig config) {
        return new WaveNetGraph(config).build();
    }
}
