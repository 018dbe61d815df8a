package dev.gatun.family;

import java.util.List;

/** Diagonal BiLSTM (van den Oord et al. 2016b): two streams, whose states come from above and from either side. */
final class DiagonalBilstm extends MaskedImageFamily {
    @Override
    public String name() {
        return "diagonal_bilstm";
    }

    @Override
    public List<Option> options() {
        return List.of(
                Option.size("features"),
                Option.size("hidden"),
                Option.size("layers"),
                Option.oddSize("first_kernel_size", 7),
                Option.size("head_features"));
    }

    @Override
    public void check(ModelConfig config) {
        requireMultiple(config, "features", 1);
        requireMultiple(config, "hidden", 1);
        requireMultiple(config, "head_features", 1);
    }

    @Override
    public ParameterLayout layout(ModelConfig config) {
        ParameterLayout.Builder builder = new ParameterLayout.Builder();
        int features = config.integer("features");
        long hidden = config.integer("hidden");
        input(builder, config);
        for (int i = 0; i < config.integer("layers"); i++) {
            for (String side : List.of("left", "right")) {
                String name = "layers." + i + "." + side;
                masked(builder, config, name + ".input_to_state", MaskType.B, 4, 4 * hidden, features, 1, 1);
                builder.weight(name + ".state_to_state", null, 4 * hidden, hidden, 2, 1);
            }
            masked(builder, config, "layers." + i + ".expand", MaskType.B, 1, features, hidden, 1, 1);
        }
        head(builder, config, features);
        return builder.build();
    }
}
