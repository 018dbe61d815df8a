package dev.gatun.family;

import dev.gatun.graph.Graph;
import dev.gatun.graph.Node;
import dev.gatun.op.Affine;
import dev.gatun.op.Tap;
import dev.gatun.op.WeightRef;
import java.util.List;

/** A stack of causal, dilated convolutions. */
final class CausalConvArm implements GraphFamily {
    private static final long MOST = Integer.MAX_VALUE - 1L;

    @Override
    public String name() {
        return "causal_conv_arm";
    }

    @Override
    public List<Option> options() {
        return List.of(
                Option.sizes("channels"), Option.size("kernel_size"), Option.sizes("dilations"), Option.activation());
    }

    @Override
    public void check(ModelConfig config) {
        int layers = config.integers("channels").length + 1;
        int dilations = config.integers("dilations").length;
        if (dilations != layers) {
            throw InvalidModelException.of(
                    "dilations",
                    dilations + " values",
                    layers + ", one a layer, the last layer (which has no place in channels) included");
        }
        checkReach(config);
    }

    /** Demands that kernels, dilated, reach back no farther than positions can be counted. */
    static void checkReach(ModelConfig config) {
        int size = config.integer("kernel_size");
        for (int dilation : config.integers("dilations")) {
            if ((size - 1L) * dilation + 1 > MOST) {
                throw InvalidModelException.of(
                        "dilations",
                        Integer.toString(dilation),
                        "at most " + MOST / (size - 1L) + " for a kernel_size of " + size);
            }
        }
    }

    @Override
    public ParameterLayout layout(ModelConfig config) {
        ParameterLayout.Builder builder = new ParameterLayout.Builder();
        int[] channels = config.integers("channels");
        long inputs = config.encoded();
        for (int i = 0; i <= channels.length; i++) {
            long outputs = i < channels.length ? channels[i] : config.outputs();
            builder.layer("layers." + i, null, outputs, inputs, config.integer("kernel_size"));
            inputs = outputs;
        }
        return builder.build();
    }

    /** The first layer sees what lies before its position (type A), the others their own too (type B). */
    @Override
    public Graph graph(ModelConfig config) {
        int[] channels = config.integers("channels");
        int[] dilations = config.integers("dilations");
        int size = config.integer("kernel_size");
        SequenceInput input = new SequenceInput(config);
        int outputs = channels.length > 0 ? channels[0] : config.outputs();
        WeightRef first = WeightRef.conv1d("layers.0", config.encoded(), size);
        Node node = input.layer("layers.0", outputs, Tap.causal(size, dilations[0], 1), first);
        for (int i = 1; i <= channels.length; i++) {
            node = input.activate("activation." + (i - 1), node);
            int inputs = channels[i - 1];
            outputs = i < channels.length ? channels[i] : config.outputs();
            WeightRef weights = WeightRef.conv1d("layers." + i, inputs, size);
            Affine layer = new Affine(inputs, outputs, Tap.causal(size, dilations[i], 0), weights);
            node = input.builder().add("layers." + i, layer, node);
        }
        return input.builder().build(node);
    }
}
