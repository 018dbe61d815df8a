package dev.gatun.family;

import dev.gatun.graph.ChainOrder;
import dev.gatun.graph.Graph;
import dev.gatun.graph.Node;
import dev.gatun.op.Dense;
import dev.gatun.op.Sum;
import dev.gatun.op.Units;
import java.util.function.IntFunction;

/** The graph of one mask of a masked autoencoder: its layers over units that are sorted by degree. */
final class MadeGraph {
    private final ModelConfig config;
    private final IntFunction<long[]> degrees;
    private final int[] order;
    private final SequenceInput input;
    private final Graph.Builder builder;

    private MadeGraph(ModelConfig config, IntFunction<long[]> degrees) {
        this.config = config;
        this.degrees = degrees;
        long[] ofInputs = degrees.apply(0);
        order = new int[ofInputs.length];
        for (int i = 0; i < order.length; i++) {
            order[(int) ofInputs[i] - 1] = i;
        }
        input = new SequenceInput(config);
        builder = input.builder()
                .order(ChainOrder.of(order))
                .places(Units.chain(order, 1).degrees());
    }

    /**
     * A graph.
     *
     * @param degrees of each layer's units, 0: the inputs
     */
    static Graph of(ModelConfig config, IntFunction<long[]> degrees) {
        return new MadeGraph(config, degrees).build();
    }

    private Graph build() {
        int layers = config.integers("hidden").length;
        boolean oneHot = config.input() == InputEncoding.ONE_HOT;
        Units inputs = Units.chain(order, config.encoded());
        Units outputs = Units.chain(order, config.outputs());
        Units below = inputs;
        Node node = input.data();
        for (int l = 0; l < layers; l++) {
            Units units = Units.hidden(degrees.apply(l + 1), order.length);
            Dense layer = new Dense(below, units, false, l == 0 && oneHot, weight(l), bias(l));
            Node sums = builder.addAtScale(Node.ALL_POSITIONS, "layers." + l, layer, node);
            node = input.activate("activation." + l, sums);
            below = units;
        }
        Dense last = new Dense(below, outputs, true, layers == 0 && oneHot, weight(layers), bias(layers));
        node = builder.addAtScale(1, "layers." + layers, last, node);
        if (config.flag("direct")) {
            Dense direct = new Dense(inputs, outputs, true, oneHot, Made.DIRECT, null);
            Node second = builder.add("direct", direct, input.data());
            node = builder.add("sum", Sum.of(config.outputs(), 2), node, second);
        }
        return builder.build(node);
    }

    private static String weight(int layer) {
        return "layers." + layer + ".weight";
    }

    private static String bias(int layer) {
        return "layers." + layer + ".bias";
    }
}
