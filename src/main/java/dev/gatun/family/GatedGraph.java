package dev.gatun.family;

import dev.gatun.family.MaskedImageFamily.MaskType;
import dev.gatun.foreign.ActivationKind;
import dev.gatun.foreign.NativeAffine;
import dev.gatun.graph.Graph;
import dev.gatun.graph.Node;
import dev.gatun.op.Affine;
import dev.gatun.op.Gate;
import dev.gatun.op.Given;
import dev.gatun.op.Lookup;
import dev.gatun.op.Operation;
import dev.gatun.op.Shift;
import dev.gatun.op.Sum;
import dev.gatun.op.Tap;
import dev.gatun.op.WeightRef;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Builds the graph of a Gated PixelCNN: the vertical stack, read from a row below by the horizontal one, and the head. */
final class GatedGraph {
    private static final Tap ABOVE = new Tap(-1, 0);

    private final ModelConfig config;
    private final ImageGraph image;
    private final int features;
    private final boolean stem;
    private final @Nullable Node condition;

    GatedGraph(ModelConfig config) {
        this.config = config;
        image = new ImageGraph(config);
        features = config.integer("features");
        stem = GatedPixelCnn.hasStem(config);
        condition = condition();
    }

    private @Nullable Node condition() {
        Map<String, @Nullable Object> given = config.object("condition");
        if (given == null) {
            return null;
        }
        return switch (String.valueOf(given.get("type"))) {
            case "class" ->
                image.builder()
                        .addAtScale(Node.ALL_POSITIONS, "class", new Given.Label(config.integer("condition.classes")));
            case "vector" ->
                image.builder()
                        .addAtScale(
                                Node.ALL_POSITIONS, "vector", new Given.Frames(config.integer("condition.size"), true));
            default -> image.builder().add("map", new Given.Frames(config.integer("condition.channels"), true));
        };
    }

    Graph build() {
        int layers = config.integer("layers");
        int skip = config.integer("skip_features");
        List<Node> skips = new ArrayList<>();
        Node v = stem ? stemAbove() : image.data();
        Node h = stem ? stemLeft() : v;
        for (int i = 0; i < layers; i++) {
            String name = "layers." + i;
            Node below = vertical(i, v);
            Node gated = horizontal(i, h, below);
            if (skip > 0) {
                skips.add(image.pointwise(name + ".skip", skip, gated));
            }
            if (i < layers - 1) {
                v = image.builder().add(name + ".vertical.gate", new Gate(features), below);
            }
            if (i < layers - 1 || skip == 0) {
                Node out = image.pointwise(name + ".horizontal_out", features, gated);
                h = i == 0 && !stem ? out : image.sum(name + ".horizontal", List.of(h, out));
            }
        }
        Node z = skip == 0 ? h : skips.size() == 1 ? skips.getFirst() : image.sum("skips", skips);
        return image.head(z, headActivation());
    }

    private ActivationKind headActivation() {
        return config.isGiven("head_activation")
                ? ActivationKind.valueOf(config.word("head_activation").toUpperCase(Locale.ROOT))
                : ActivationKind.RELU;
    }

    /** The vertical stack's beginning: rows above the pixel's, whole. */
    private Node stemAbove() {
        int k = config.integer("first_kernel_size");
        ImageGraph.Kernel kernel = new ImageGraph.Kernel(k / 2, k, new Tap(k / 2, k / 2));
        return image.convolution("input.vertical", features, kernel, kernel.all(), image.data());
    }

    /** The horizontal stack's beginning: what lies to the left of the pixel. */
    private Node stemLeft() {
        int m = config.integer("first_kernel_size") / 2;
        ImageGraph.Kernel kernel = new ImageGraph.Kernel(1, m + 1, new Tap(0, m));
        return image.masked("input.horizontal", MaskType.A, 1, features, kernel, image.data());
    }

    /** The vertical stack's pre-activation: rows up to the pixel's, whole; of what begins on the row above, where there is a stem. */
    private Node vertical(int layer, Node v) {
        String name = "layers." + layer + ".vertical";
        int k = GatedPixelCnn.kernelSize(config, layer);
        int m = k / 2;
        ImageGraph.Kernel kernel =
                new ImageGraph.Kernel(m + 1, k, new Tap(m, m), GatedPixelCnn.dilation(config, layer));
        return conditioned(name, List.of(image.convolution(name, 2 * features, kernel, kernel.all(), v)));
    }

    /** The horizontal stack's gate: the pixel's row up to it, and what the vertical one made of the rows above. */
    private Node horizontal(int layer, Node h, Node below) {
        String name = "layers." + layer;
        int m = GatedPixelCnn.kernelSize(config, layer) / 2;
        ImageGraph.Kernel kernel =
                new ImageGraph.Kernel(1, m + 1, new Tap(0, m), GatedPixelCnn.dilation(config, layer));
        MaskType type = GatedPixelCnn.type(config, layer);
        Node right = image.masked(name + ".horizontal", type, 2, 2 * features, kernel, h);
        String across = name + ".vertical_to_horizontal";
        ImageGraph.Kernel one = ImageGraph.Kernel.square(1);
        Node map = image.convolution(across, 2 * features, one, one.all(), below);
        Node down = stem ? map : image.builder().add(across + ".down", new Shift(2 * features, ABOVE), map);
        Node sum = conditioned(name + ".horizontal", List.of(right, down));
        return image.builder().add(name + ".horizontal.gate", new Gate(features), sum);
    }

    /** The sum of a stack's terms and of what it is conditioned on. */
    private Node conditioned(String stack, List<Node> terms) {
        List<Node> all = new ArrayList<>(terms);
        List<Integer> repeats = new ArrayList<>();
        terms.forEach(term -> repeats.add(1));
        if (condition != null) {
            String name = stack + "_condition";
            all.add(image.builder().add(name, ofCondition(name, condition.operation()), condition));
            repeats.add(condition.scale());
        }
        if (all.size() == 1) {
            return all.getFirst();
        }
        return image.builder().add(stack + ".sum", new Sum(2 * features, repeats, 1), all.toArray(Node[]::new));
    }

    private Operation ofCondition(String name, Operation given) {
        List<Tap> here = List.of(Tap.HERE);
        if (given instanceof Given.Label label) {
            WeightRef columns = weights(name, label.classes());
            return new Lookup(label.classes(), 1, 2 * features, here, columns, null);
        }
        return new Affine(given.features(), 2 * features, here, weights(name, given.features()));
    }

    private static WeightRef weights(String name, int inputs) {
        return new WeightRef(name + ".weight", new NativeAffine.Layout(inputs, 1, new long[] {0}), null);
    }
}
