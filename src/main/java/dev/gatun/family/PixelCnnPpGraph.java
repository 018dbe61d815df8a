package dev.gatun.family;

import dev.gatun.family.ImageGraph.Kernel;
import dev.gatun.foreign.ActivationKind;
import dev.gatun.foreign.NativeAffine;
import dev.gatun.graph.Graph;
import dev.gatun.graph.Node;
import dev.gatun.op.Activate;
import dev.gatun.op.Affine;
import dev.gatun.op.Coarse;
import dev.gatun.op.Concat;
import dev.gatun.op.ConcatElu;
import dev.gatun.op.Dropout;
import dev.gatun.op.Given;
import dev.gatun.op.Grow;
import dev.gatun.op.LinearGate;
import dev.gatun.op.Lookup;
import dev.gatun.op.Ones;
import dev.gatun.op.Shift;
import dev.gatun.op.Shrink;
import dev.gatun.op.Sum;
import dev.gatun.op.Tap;
import dev.gatun.op.WeightRef;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** PixelCNN++'s graph: two streams that go down three scales and up again, each map on the way down read on the way up. */
final class PixelCnnPpGraph {
    private static final int SCALES = 3;
    private static final int STRIDE = 2;
    private static final Tap DOWN = new Tap(-1, 0);
    private static final Tap RIGHT = new Tap(0, -1);

    /** A stream's kernel reaches a row up, and one column to the left; the vertical one's to the right too. */
    private enum Stream {
        VERTICAL("vertical", new Kernel(2, 3, new Tap(1, 1))),
        HORIZONTAL("horizontal", new Kernel(2, 2, new Tap(1, 1)));

        private final String text;
        private final Kernel kernel;

        Stream(String text, Kernel kernel) {
            this.text = text;
            this.kernel = kernel;
        }
    }

    private final ModelConfig config;
    private final ImageGraph image;
    private final int features;
    private final double dropout;
    private int dropouts;
    private final @Nullable Node label;
    private final Deque<Node> vertical = new ArrayDeque<>();
    private final Deque<Node> horizontal = new ArrayDeque<>();

    private PixelCnnPpGraph(ModelConfig config, double dropout) {
        this.config = config;
        this.dropout = dropout;
        image = new ImageGraph(config);
        features = config.integer("features");
        label = config.object("condition") == null
                ? null
                : image.builder()
                        .addAtScale(Node.ALL_POSITIONS, "class", new Given.Label(config.integer("condition.classes")));
    }

    /**
     * The graph of a model.
     *
     * @param dropout the probability that training drops a feature of a block; 0 for none
     */
    static Graph of(ModelConfig config, double dropout) {
        return new PixelCnnPpGraph(config, dropout).build();
    }

    private Graph build() {
        start();
        int blocks = config.integer("resnet_blocks");
        for (int scale = 0; scale < SCALES; scale++) {
            for (int i = 0; i < blocks; i++) {
                String name = "up." + scale + "." + i;
                vertical.push(block(name, Stream.VERTICAL, vertical.getFirst(), null));
                horizontal.push(block(name, Stream.HORIZONTAL, horizontal.getFirst(), vertical.getFirst()));
            }
            if (scale < SCALES - 1) {
                vertical.push(shrink(scale, Stream.VERTICAL, vertical.getFirst()));
                horizontal.push(shrink(scale, Stream.HORIZONTAL, horizontal.getFirst()));
            }
        }
        Node v = vertical.pop();
        Node h = horizontal.pop();
        for (int scale = 0; scale < SCALES; scale++) {
            for (int i = 0; i < blocks + (scale > 0 ? 1 : 0); i++) {
                String name = "down." + scale + "." + i;
                v = block(name, Stream.VERTICAL, v, vertical.pop());
                Node both = image.builder()
                        .add(name + ".both", new Concat(List.of(features, features)), v, horizontal.pop());
                h = block(name, Stream.HORIZONTAL, h, both);
            }
            if (scale < SCALES - 1) {
                v = grow(scale, Stream.VERTICAL, v);
                h = grow(scale, Stream.HORIZONTAL, h);
            }
        }
        Node last = image.builder().add("elu", new Activate(ActivationKind.ELU, features), h);
        return image.builder().build(conv("output", config.outputs(), Kernel.square(1), last));
    }

    /** The streams' first maps: shifts, which come after the bias, in place of masks. */
    private void start() {
        Node ones = image.builder().add("ones", new Ones());
        vertical.push(shift(DOWN, first("input.vertical", Stream.VERTICAL.kernel, ones)));
        Node above = shift(DOWN, first("input.above", new Kernel(1, 3, new Tap(0, 1)), ones));
        Node left = shift(RIGHT, first("input.left", new Kernel(2, 1, new Tap(1, 0)), ones));
        horizontal.push(image.sum("input.horizontal", List.of(above, left)));
    }

    /** A convolution over the encoded image and the ones. */
    private Node first(String name, Kernel kernel, Node ones) {
        Node data = image.data();
        int channels = data.operation().features();
        List<Tap> taps = kernel.all();
        int inputs = config.encoded() * channels + 1;
        WeightRef all = WeightRef.conv2d(name, inputs, kernel.height(), kernel.width(), kernel.centre(), taps);
        if (!data.operation().isLevels()) {
            Node joined = image.builder().add(name + ".data", new Concat(List.of(channels, 1)), data, ones);
            return image.builder().add(name, new Affine(inputs, features, taps, all), joined);
        }
        int levels = config.data().levels();
        Node looked = image.builder().add(name, new Lookup(levels, channels, features, taps, all, null), data);
        WeightRef last = all.input(inputs - 1);
        Node one = image.builder().add(name + ".ones", new Affine(1, features, taps, last), ones);
        return image.sum(name + ".sum", List.of(looked, one));
    }

    private Node shift(Tap tap, Node x) {
        return image.builder().add(x.label() + ".shift", new Shift(features, tap), x);
    }

    private Node conv(String name, int outputs, Kernel kernel, Node x) {
        return image.convolution(name, outputs, kernel, kernel.all(), x);
    }

    private Node concatElu(String name, Node x) {
        return image.builder().add(name, new ConcatElu(x.operation().features()), x);
    }

    /** A gated residual block of a stream, with a short cut from another map or none. */
    private Node block(String block, Stream stream, Node x, @Nullable Node other) {
        String name = block + "." + stream.text;
        Node y = conv(name + ".conv_in", features, stream.kernel, concatElu(name + ".elu.0", x));
        if (other != null) {
            Node skip = conv(name + ".skip", features, Kernel.square(1), concatElu(name + ".elu.skip", other));
            y = image.sum(name + ".skipped", List.of(y, skip));
        }
        y = conv(name + ".conv_out", 2 * features, stream.kernel, dropped(name, concatElu(name + ".elu.1", y)));
        Node gate = image.builder().add(name + ".gate", new LinearGate(features), conditioned(name, y));
        Node sum = image.sum(name, List.of(x, gate));
        image.builder().endPart();
        return sum;
    }

    private Node dropped(String name, Node y) {
        if (dropout == 0) {
            return y;
        }
        Dropout drop = new Dropout(y.operation().features(), dropout, dropouts++);
        return image.builder().add(name + ".dropout", drop, y);
    }

    private Node conditioned(String name, Node y) {
        if (label == null) {
            return y;
        }
        int classes = config.integer("condition.classes");
        WeightRef rows =
                new WeightRef(name + ".condition.weight", new NativeAffine.Layout(classes, 1, new long[] {0}), null);
        Node term = image.builder()
                .add(name + ".condition", new Lookup(classes, 1, 2 * features, List.of(Tap.HERE), rows, null), label);
        Sum sum = new Sum(2 * features, List.of(1, Node.ALL_POSITIONS), 1);
        return image.builder().add(name + ".conditioned", sum, y, term);
    }

    private Node shrink(int scale, Stream stream, Node x) {
        String name = "shrink." + scale + "." + stream.text;
        Kernel kernel = stream.kernel;
        List<Tap> taps = kernel.all();
        WeightRef weights = WeightRef.conv2d(name, features, kernel.height(), kernel.width(), kernel.centre(), taps);
        Shrink shrink = new Shrink(features, features, taps, STRIDE, weights);
        return image.builder().addAtScale(STRIDE * x.scale(), name, Coarse.of(shrink, x.scale()), x);
    }

    /** The kernel begins where its input stands, the vertical one a column before. */
    private Node grow(int scale, Stream stream, Node x) {
        String name = "grow." + scale + "." + stream.text;
        Kernel kernel = new Kernel(
                stream.kernel.height(), stream.kernel.width(), new Tap(0, stream == Stream.VERTICAL ? 1 : 0));
        WeightRef weights =
                WeightRef.transposed2d(name, features, kernel.height(), kernel.width(), kernel.centre(), kernel.all());
        Grow grow = new Grow(features, features, kernel.all(), STRIDE, weights);
        int fine = x.scale() / STRIDE;
        return image.builder().addAtScale(fine, name, Coarse.of(grow, fine), x);
    }
}
