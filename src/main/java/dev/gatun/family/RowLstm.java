package dev.gatun.family;

import dev.gatun.graph.Graph;
import dev.gatun.graph.Node;
import dev.gatun.op.GridLstm;
import dev.gatun.op.Tap;
import java.util.List;

/** Row LSTM (van den Oord et al. 2016b): its state comes from the row above. */
final class RowLstm extends MaskedImageFamily implements GraphFamily {
    @Override
    public String name() {
        return "row_lstm";
    }

    @Override
    public List<Option> options() {
        return List.of(
                Option.size("features"),
                Option.size("hidden"),
                Option.size("layers"),
                Option.oddSize("first_kernel_size", 7),
                Option.oddSize("kernel_size", 3),
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
        int k = config.integer("kernel_size");
        input(builder, config);
        for (int i = 0; i < config.integer("layers"); i++) {
            String name = "layers." + i;
            masked(builder, config, name + ".input_to_state", MaskType.B, 4, 4 * hidden, features, 1, k);
            builder.weight(name + ".state_to_state", null, 4 * hidden, hidden, 1, k);
            masked(builder, config, name + ".expand", MaskType.B, 1, features, hidden, 1, 1);
        }
        head(builder, config, features);
        return builder.build();
    }

    @Override
    public Graph graph(ModelConfig config) {
        ImageGraph image = new ImageGraph(config);
        int hidden = config.integer("hidden");
        int k = config.integer("kernel_size");
        ImageGraph.Kernel row = new ImageGraph.Kernel(1, k, new Tap(0, k / 2));
        Node x = image.input();
        for (int i = 0; i < config.integer("layers"); i++) {
            String name = "layers." + i;
            Node gates = image.masked(name + ".input_to_state", MaskType.B, 4, 4 * hidden, row, x);
            GridLstm lstm = GridLstm.row(hidden, k, name + ".state_to_state.weight");
            Node h = image.builder().add(name + ".lstm", lstm, gates);
            x = image.sum(name, List.of(x, image.pointwise(name + ".expand", config.integer("features"), h)));
        }
        return image.head(x);
    }
}
