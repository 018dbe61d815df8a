package dev.gatun.family;

import dev.gatun.foreign.ActivationKind;
import dev.gatun.foreign.NativeAffine;
import dev.gatun.graph.Graph;
import dev.gatun.graph.Node;
import dev.gatun.op.Activate;
import dev.gatun.op.Affine;
import dev.gatun.op.Gate;
import dev.gatun.op.Given;
import dev.gatun.op.Lookup;
import dev.gatun.op.Operation;
import dev.gatun.op.Sum;
import dev.gatun.op.Tap;
import dev.gatun.op.WeightRef;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A WaveNet's graph. What the condition feeds stands at the scale of its frames, or of the whole example, so that nothing of it
 * is computed at each position.
 */
final class WaveNetGraph {
    private final ModelConfig config;
    private final SequenceInput input;
    private final Graph.Builder builder;
    private final int residual;
    private final int dilated;
    private final @Nullable Node local;
    private final @Nullable Node global;

    WaveNetGraph(ModelConfig config) {
        this.config = config;
        input = new SequenceInput(config);
        builder = input.builder();
        residual = config.integer("residual_channels");
        dilated = config.integer("dilation_channels");
        local = local();
        global = global();
    }

    private @Nullable Node local() {
        if (config.object("local_condition") == null) {
            return null;
        }
        Given frames = new Given.Frames(config.integer("local_condition.channels"));
        return builder.addAtScale(config.integer("local_condition.hop"), "local", frames);
    }

    private @Nullable Node global() {
        Map<String, @Nullable Object> given = config.object("global_condition");
        if (given == null) {
            return null;
        }
        int classes = config.integer("global_condition.classes");
        int channels = config.integer("global_condition.channels");
        Node label = builder.addAtScale(Node.ALL_POSITIONS, "class", new Given.Label(classes));
        WeightRef rows = new WeightRef("global.weight", new NativeAffine.Layout(1, channels, new long[] {0}), null);
        return builder.add("global", new Lookup(classes, 1, channels, List.of(Tap.HERE), rows, null), label);
    }

    Graph build() {
        int[] dilations = config.integers("dilations");
        int first = config.integer("first_kernel_size");
        Node x = input.layer(
                "input", residual, Tap.causal(first, 1, 1), WeightRef.conv1d("input", config.encoded(), first));
        List<Node> skips = new ArrayList<>();
        for (int i = 0; i < dilations.length; i++) {
            String name = "layers." + i;
            int outputs = 2 * dilated;
            Node y = add(name + ".dilated", outputs, Tap.causal(config.integer("kernel_size"), dilations[i], 0), x);
            Node z = builder.add(name + ".gate", new Gate(dilated), conditioned(name, y));
            skips.add(add(name + ".skip", config.integer("skip_channels"), List.of(Tap.HERE), z));
            if (i < dilations.length - 1) {
                Node r = add(name + ".residual", residual, List.of(Tap.HERE), z);
                Sum sum = new Sum(residual, List.of(1, 1), (float) config.number("residual_scale"));
                x = builder.add(name + ".sum", sum, x, r);
            }
        }
        return builder.build(head(skips));
    }

    private Node head(List<Node> skips) {
        int width = config.integer("skip_channels");
        Node sum = builder.add("skips", Sum.of(width, skips.size()), skips.toArray(Node[]::new));
        Node y = add("head.0", config.integer("head_channels"), List.of(Tap.HERE), relu("head.relu.0", sum));
        return add("head.1", config.outputs(), List.of(Tap.HERE), relu("head.relu.1", y));
    }

    private Node relu(String label, Node x) {
        return builder.add(
                label, new Activate(ActivationKind.RELU, x.operation().features()), x);
    }

    private Node add(String name, int outputs, List<Tap> taps, Node x) {
        int inputs = x.operation().features();
        return builder.add(name, new Affine(inputs, outputs, taps, WeightRef.conv1d(name, inputs, taps.size())), x);
    }

    /** The pre-activation with the terms of the conditions, local before global. */
    private Node conditioned(String name, Node y) {
        List<Node> terms = new ArrayList<>(List.of(y));
        List<Integer> repeats = new ArrayList<>(List.of(1));
        if (local != null) {
            terms.add(term(name + ".local", local));
            repeats.add(local.scale());
        }
        if (global != null) {
            terms.add(term(name + ".global", global));
            repeats.add(global.scale());
        }
        if (terms.size() == 1) {
            return y;
        }
        Operation sum = new Sum(2 * dilated, repeats, 1);
        return builder.add(name + ".conditioned", sum, terms.toArray(Node[]::new));
    }

    private Node term(String name, Node condition) {
        int channels = condition.operation().features();
        WeightRef weights = new WeightRef(name + ".weight", new NativeAffine.Layout(channels, 1, new long[] {0}), null);
        return builder.add(name, new Affine(channels, 2 * dilated, List.of(Tap.HERE), weights), condition);
    }
}
