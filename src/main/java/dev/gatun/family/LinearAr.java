package dev.gatun.family;

import dev.gatun.foreign.NativeAffine;
import dev.gatun.graph.Graph;
import dev.gatun.graph.Node;
import dev.gatun.op.Concat;
import dev.gatun.op.Constant;
import dev.gatun.op.Tap;
import dev.gatun.op.WeightRef;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Linear autoregression of some order with Gaussian noise. */
final class LinearAr implements GraphFamily {
    @Override
    public String name() {
        return "linear_ar";
    }

    @Override
    public List<Option> options() {
        return List.of(Option.size("order"));
    }

    @Override
    public Set<InputEncoding> inputs() {
        return EnumSet.of(InputEncoding.RAW);
    }

    @Override
    public Set<DistributionSpec.Type> distributions() {
        return EnumSet.of(DistributionSpec.Type.GAUSSIAN);
    }

    /** The weight starts as a linear layer's, the mean's offset and ln σ at zero. */
    @Override
    public ParameterLayout layout(ModelConfig config) {
        int order = config.integer("order");
        return new ParameterLayout.Builder()
                .tensor("weight", ParameterSpec.Start.UNIFORM, order, order)
                .tensor("bias", ParameterSpec.Start.ZERO, 0, 1)
                .tensor("log_sigma", ParameterSpec.Start.ZERO, 0, 1)
                .build();
    }

    /** The mean by a convolution whose weights lie nearest first, and one ln σ for all positions. */
    @Override
    public Graph graph(ModelConfig config) {
        int order = config.integer("order");
        long[] offsets = new long[order];
        for (int k = 0; k < order; k++) {
            offsets[k] = order - 1L - k;
        }
        SequenceInput input = new SequenceInput(config);
        WeightRef weights = new WeightRef("weight", new NativeAffine.Layout(0, 0, offsets), "bias");
        Node mean = input.layer("mean", 1, Tap.causal(order, 1, 1), weights);
        Node logSigma = input.builder().add("log_sigma", new Constant("log_sigma", 1));
        return input.builder().build(input.builder().add("outputs", new Concat(List.of(1, 1)), mean, logSigma));
    }
}
