package dev.gatun.family;

import dev.gatun.foreign.GridWay;
import dev.gatun.graph.Graph;
import dev.gatun.graph.Node;
import dev.gatun.op.GridLstm;
import dev.gatun.op.Shift;
import dev.gatun.op.Tap;
import java.util.List;

/** Diagonal BiLSTM (van den Oord et al. 2016b): two streams, whose states come from above and from either side. */
final class DiagonalBilstm extends MaskedImageFamily implements GraphFamily {
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

    /** The right stream comes from the row above, so that nothing in it is later than the position. */
    @Override
    public Graph graph(ModelConfig config) {
        ImageGraph image = new ImageGraph(config);
        int features = config.integer("features");
        Shift down = new Shift(config.integer("hidden"), new Tap(-1, 0));
        Node x = image.input();
        for (int i = 0; i < config.integer("layers"); i++) {
            String name = "layers." + i;
            Node left = stream(image, config, name + ".left", GridWay.RIGHT, x);
            Node right = stream(image, config, name + ".right", GridWay.LEFT, x);
            Node both = image.sum(name + ".both", List.of(left, image.builder().add(name + ".down", down, right)));
            x = image.sum(name, List.of(x, image.pointwise(name + ".expand", features, both)));
        }
        return image.head(x);
    }

    /** The stream that comes from one side, and so goes to the other. */
    private static Node stream(ImageGraph image, ModelConfig config, String name, GridWay way, Node x) {
        int hidden = config.integer("hidden");
        ImageGraph.Kernel one = ImageGraph.Kernel.square(1);
        Node gates = image.masked(name + ".input_to_state", MaskType.B, 4, 4 * hidden, one, x);
        GridLstm lstm = GridLstm.diagonal(way, hidden, name + ".state_to_state.weight");
        return image.builder().add(name + ".lstm", lstm, gates);
    }
}
