package dev.gatun.family;

import dev.gatun.foreign.NativeAffine;
import dev.gatun.graph.Graph;
import dev.gatun.graph.Node;
import dev.gatun.op.Affine;
import dev.gatun.op.Tap;
import dev.gatun.op.WeightRef;
import java.util.List;

/** A multilayer perceptron over the last {@code context} values. */
final class MlpArm implements GraphFamily {
    @Override
    public String name() {
        return "mlp_arm";
    }

    @Override
    public List<Option> options() {
        return List.of(Option.size("context"), Option.sizes("hidden"), Option.activation());
    }

    @Override
    public ParameterLayout layout(ModelConfig config) {
        ParameterLayout.Builder builder = new ParameterLayout.Builder();
        int[] hidden = config.integers("hidden");
        long inputs = (long) config.integer("context") * config.encoded();
        for (int i = 0; i <= hidden.length; i++) {
            long outputs = i < hidden.length ? hidden[i] : config.outputs();
            builder.layer("layers." + i, null, outputs, inputs);
            inputs = outputs;
        }
        return builder.build();
    }

    /** The first layer is a convolution over the context, its weights nearest first; the others see one position. */
    @Override
    public Graph graph(ModelConfig config) {
        int context = config.integer("context");
        int[] hidden = config.integers("hidden");
        SequenceInput input = new SequenceInput(config);
        Node node = input.layer(
                "layers.0",
                hidden.length > 0 ? hidden[0] : config.outputs(),
                Tap.causal(context, 1, 1),
                firstWeights(config));
        for (int i = 1; i <= hidden.length; i++) {
            node = input.activate("activation." + (i - 1), node);
            int outputs = i < hidden.length ? hidden[i] : config.outputs();
            int inputs = hidden[i - 1];
            WeightRef weights = WeightRef.linear("layers." + i, inputs);
            node = input.builder().add("layers." + i, new Affine(inputs, outputs, List.of(Tap.HERE), weights), node);
        }
        return input.builder().build(node);
    }

    private static WeightRef firstWeights(ModelConfig config) {
        int context = config.integer("context");
        long encoded = config.encoded();
        long[] offsets = new long[context];
        for (int k = 0; k < context; k++) {
            offsets[k] = (context - 1 - k) * encoded;
        }
        return new WeightRef(
                "layers.0.weight", new NativeAffine.Layout(context * encoded, 1, offsets), "layers.0.bias");
    }
}
