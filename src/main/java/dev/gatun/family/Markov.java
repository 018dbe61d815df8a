package dev.gatun.family;

import dev.gatun.foreign.NativeAffine;
import dev.gatun.graph.Graph;
import dev.gatun.graph.Grid;
import dev.gatun.graph.Node;
import dev.gatun.op.Data;
import dev.gatun.op.Lookup;
import dev.gatun.op.Tap;
import dev.gatun.op.WeightRef;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** First-order chain over levels. */
final class Markov implements GraphFamily {
    @Override
    public String name() {
        return "markov";
    }

    @Override
    public List<Option> options() {
        return List.of();
    }

    @Override
    public Set<InputEncoding> inputs() {
        return EnumSet.of(InputEncoding.RAW);
    }

    @Override
    public Set<DistributionSpec.Type> distributions() {
        return EnumSet.of(DistributionSpec.Type.CATEGORICAL);
    }

    /** Starts at zero: all levels equally likely, whatever came before. */
    @Override
    public ParameterLayout layout(ModelConfig config) {
        int levels = config.data().levels();
        return new ParameterLayout.Builder()
                .tensor("initial_logits", ParameterSpec.Start.ZERO, 0, levels)
                .tensor("transition_logits", ParameterSpec.Start.ZERO, 0, levels, levels)
                .build();
    }

    /** A row of the transition's logits is looked up by the value before; before the first, the initial ones. */
    @Override
    public Graph graph(ModelConfig config) {
        int levels = config.data().levels();
        Graph.Builder builder =
                new Graph.Builder(Grid.sequence(config.data().length().orElse(0)));
        WeightRef transition =
                new WeightRef("transition_logits", new NativeAffine.Layout(1, levels, new long[] {0}), null);
        Node data = builder.add("data", new Data.Levels(1));
        Lookup lookup = new Lookup(levels, 1, levels, List.of(Tap.back(1)), transition, "initial_logits");
        return builder.build(builder.add("transition", lookup, data));
    }
}
