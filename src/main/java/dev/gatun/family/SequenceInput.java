package dev.gatun.family;

import dev.gatun.foreign.ActivationKind;
import dev.gatun.graph.Graph;
import dev.gatun.graph.Grid;
import dev.gatun.graph.Node;
import dev.gatun.op.Activate;
import dev.gatun.op.Affine;
import dev.gatun.op.Data;
import dev.gatun.op.Lookup;
import dev.gatun.op.Tap;
import dev.gatun.op.WeightRef;
import java.util.List;

/** How data enter the graphs of families that see them as a sequence of positions, and what such graphs share. */
final class SequenceInput {
    private final ModelConfig config;
    private final Graph.Builder builder;
    private final Node data;

    SequenceInput(ModelConfig config) {
        this.config = config;
        builder = new Graph.Builder(Grid.sequence(config.data().length().orElse(0)));
        data = builder.add("data", data(config, 1));
    }

    Graph.Builder builder() {
        return builder;
    }

    /** The data themselves, a number or a level a position. */
    Node data() {
        return data;
    }

    /** The data as a graph takes them, so many values at a position: levels where they are one-hot, else encoded. */
    static Data data(ModelConfig config, int values) {
        int levels = config.data().levels();
        if (config.input() == InputEncoding.ONE_HOT) {
            return new Data.Levels(values);
        }
        if (levels == 0) {
            return new Data.Numbers(values, null);
        }
        float[] table = new float[levels];
        for (int level = 0; level < levels; level++) {
            table[level] = switch (config.input()) {
                case UNIT -> (float) level / (levels - 1);
                case SCALED -> 2f * level / (levels - 1) - 1;
                case RAW, ONE_HOT -> level;
            };
        }
        return new Data.Numbers(values, table);
    }

    /** A first layer over the encoded data: a product, or a look-up of one-hot vectors. */
    Node layer(String label, int outputs, List<Tap> taps, WeightRef weights) {
        int levels = config.data().levels();
        return config.input() == InputEncoding.ONE_HOT
                ? builder.add(label, new Lookup(levels, 1, outputs, taps, weights, null), data)
                : builder.add(label, new Affine(1, outputs, taps, weights), data);
    }

    /** The configuration's activation. */
    Node activate(String label, Node input) {
        ActivationKind function = switch (config.activation()) {
            case RELU -> ActivationKind.RELU;
            case LEAKY_RELU -> ActivationKind.LEAKY_RELU;
            case TANH -> ActivationKind.TANH;
            case SIGMOID -> ActivationKind.SIGMOID;
        };
        return builder.add(label, new Activate(function, input.operation().features()), input);
    }
}
