package dev.gatun.family;

import dev.gatun.graph.Graph;
import dev.gatun.op.Dense;
import dev.gatun.op.Units;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/** Fully visible sigmoid belief network: one triangular matrix. */
final class Fvsbn implements OrderedFamily {
    @Override
    public String name() {
        return "fvsbn";
    }

    @Override
    public List<Option> options() {
        return List.of();
    }

    @Override
    public Set<InputEncoding> inputs() {
        return EnumSet.of(InputEncoding.RAW, InputEncoding.UNIT, InputEncoding.SCALED);
    }

    @Override
    public Set<DistributionSpec.Type> distributions() {
        return EnumSet.of(DistributionSpec.Type.BERNOULLI);
    }

    @Override
    public boolean fixedLength() {
        return true;
    }

    /** Starts as a linear layer of D inputs. */
    @Override
    public ParameterLayout layout(ModelConfig config) {
        int d = config.data().length().orElseThrow();
        Mask.Entries belowDiagonal = index -> index % d < index / d;
        return new ParameterLayout.Builder()
                .tensorWithMask("weight", integers -> belowDiagonal, d, d, d)
                .tensor("bias", ParameterSpec.Start.UNIFORM, d, d)
                .build();
    }

    /** One layer from all positions to all, of which each sees those before it. */
    @Override
    public List<Graph> graphs(ModelConfig config, Map<String, long[]> integers) {
        int[] order = IntStream.range(0, config.data().length().orElseThrow()).toArray();
        SequenceInput input = new SequenceInput(config);
        Units positions = Units.chain(order, 1);
        Dense layer = new Dense(positions, positions, true, false, "weight", "bias");
        Graph.Builder builder = input.builder().places(positions.degrees());
        return List.of(builder.build(builder.add("weight", layer, input.data())));
    }
}
