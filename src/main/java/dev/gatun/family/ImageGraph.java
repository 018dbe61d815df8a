package dev.gatun.family;

import dev.gatun.family.MaskedImageFamily.MaskType;
import dev.gatun.foreign.ActivationKind;
import dev.gatun.graph.Graph;
import dev.gatun.graph.Grid;
import dev.gatun.graph.Node;
import dev.gatun.op.Activate;
import dev.gatun.op.Affine;
import dev.gatun.op.Coarse;
import dev.gatun.op.ColourMask;
import dev.gatun.op.Lookup;
import dev.gatun.op.MaskedAffine;
import dev.gatun.op.MaskedLookup;
import dev.gatun.op.Operation;
import dev.gatun.op.Sum;
import dev.gatun.op.Tap;
import dev.gatun.op.WeightRef;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What the graphs of image families are made of: masked convolutions over pixels, their sums, the head. */
final class ImageGraph {
    /** What a head may have before its convolutions. */
    static final List<String> ACTIVATIONS =
            Arrays.stream(ActivationKind.values()).map(ActivationKind::text).toList();

    private final ModelConfig config;
    private final Graph.Builder builder;
    private final Node data;

    ImageGraph(ModelConfig config) {
        this.config = config;
        DataSpec.Image image = (DataSpec.Image) config.data();
        builder = new Graph.Builder(new Grid(image.height(), image.width(), config.groups()));
        data = builder.add("data", SequenceInput.data(config, image.channels()));
    }

    Graph.Builder builder() {
        return builder;
    }

    /** The image itself, its channels the features. */
    Node data() {
        return data;
    }

    /**
     * The kernel of a convolution.
     *
     * @param height of the kernel
     * @param width of the kernel
     * @param centre the row and column in it of the pixel itself
     * @param dilation pixels from tap to tap
     */
    record Kernel(int height, int width, Tap centre, int dilation) {
        Kernel(int height, int width, Tap centre) {
            this(height, width, centre, 1);
        }

        /** A square kernel about its middle. */
        static Kernel square(int size) {
            return new Kernel(size, size, new Tap(size / 2, size / 2));
        }

        /** Taps before the pixel in raster order, and the pixel itself. */
        List<Tap> causal() {
            return all().stream().filter(tap -> tap.compareTo(Tap.HERE) <= 0).toList();
        }

        List<Tap> all() {
            List<Tap> taps = new ArrayList<>();
            for (int i = 0; i < height; i++) {
                for (int j = 0; j < width; j++) {
                    taps.add(new Tap((i - centre.row()) * dilation, (j - centre.column()) * dilation));
                }
            }
            return taps;
        }
    }

    /**
     * A masked convolution.
     *
     * @param type what of the pixel itself is seen
     * @param gates of the outputs, in each of which colour groups are counted anew
     */
    Node masked(String name, MaskType type, int gates, int outputs, Kernel kernel, Node x) {
        List<Tap> taps = kernel.causal();
        boolean earlier = type == MaskType.A;
        if (config.groups() == 1) {
            return convolution(name, outputs, kernel, earlier ? taps.subList(0, taps.size() - 1) : taps, x);
        }
        ColourMask mask = new ColourMask(config.groups(), gates, earlier);
        WeightRef weights = weights(name, kernel, taps, x);
        Operation operation = x.operation().isLevels()
                ? new MaskedLookup(config.data().levels(), x.operation().features(), outputs, taps, mask, weights)
                : new MaskedAffine(x.operation().features(), outputs, taps, mask, weights);
        return builder.add(name, operation, x);
    }

    /** A 1x1 convolution that shows a pixel's own group. */
    Node pointwise(String name, int outputs, Node x) {
        return masked(name, MaskType.B, 1, outputs, Kernel.square(1), x);
    }

    /** A convolution over some taps of its kernel, whatever the colours. */
    Node convolution(String name, int outputs, Kernel kernel, List<Tap> taps, Node x) {
        WeightRef weights = weights(name, kernel, taps, x);
        int inputs = x.operation().features();
        Operation operation = x.operation().isLevels()
                ? new Lookup(config.data().levels(), inputs, outputs, taps, weights, null)
                : new Affine(inputs, outputs, taps, weights);
        return builder.add(name, Coarse.of(operation, x.scale()), x);
    }

    private WeightRef weights(String name, Kernel kernel, List<Tap> taps, Node x) {
        int inputs = x.operation().features()
                * (x.operation().isLevels() ? config.data().levels() : 1);
        List<Tap> dense = taps.stream()
                .map(tap -> new Tap(tap.row() / kernel.dilation(), tap.column() / kernel.dilation()))
                .toList();
        return WeightRef.conv2d(name, inputs, kernel.height(), kernel.width(), kernel.centre(), dense);
    }

    Node relu(String label, Node x) {
        return activation(label, ActivationKind.RELU, x);
    }

    private Node activation(String label, ActivationKind function, Node x) {
        return builder.add(label, new Activate(function, x.operation().features()), x);
    }

    Node sum(String label, List<Node> terms) {
        int features = terms.getFirst().operation().features();
        return builder.add(label, Sum.of(features, terms.size()), terms.toArray(Node[]::new));
    }

    /** The first convolution, type A, to {@code features}. */
    Node input() {
        Kernel kernel = Kernel.square(config.integer("first_kernel_size"));
        return masked("input", MaskType.A, 1, config.integer("features"), kernel, data);
    }

    /** The graph whose last two convolutions, 1x1, follow x. */
    Graph head(Node x) {
        return head(x, ActivationKind.RELU);
    }

    /** As {@link #head(Node)} with a function of its own, and without the first convolution where that has no features. */
    Graph head(Node x, ActivationKind function) {
        String name = "head." + function.text();
        int features = config.integer("head_features");
        Node y = features == 0 ? x : pointwise("head.0", features, activation(name + ".0", function, x));
        return builder.build(pointwise("head.1", config.outputs(), activation(name + ".1", function, y)));
    }
}
