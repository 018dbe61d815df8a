package dev.gatun.family;

import dev.gatun.foreign.ActivationKind;
import dev.gatun.foreign.NativeAffine;
import dev.gatun.graph.Graph;
import dev.gatun.graph.Grid;
import dev.gatun.graph.Node;
import dev.gatun.op.Activate;
import dev.gatun.op.Affine;
import dev.gatun.op.Given;
import dev.gatun.op.Lookup;
import dev.gatun.op.MaskedAffine;
import dev.gatun.op.Operation;
import dev.gatun.op.Sum;
import dev.gatun.op.Tap;
import dev.gatun.op.WeightRef;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The heads that forecast what a model draws some positions later (Wiggers and Hoogeboom 2020, section 3.2): from the model's
 * last features at a position, which know the positions before it, and, unlike the paper's, from the value of the position itself,
 * the distributions of the {@code horizon} positions that follow on it. A convolution over the features at the position and as
 * many before it, of images at its left neighbour and of the row above as far as is forecast; the rows of weights that belong to the value; a rectifier;
 * an output of the model's kind for each position ahead. All of what it reads is known when it is used.
 *
 * @param sequence whether positions are a sequence; else rows of an image, within which forecasts stay
 * @param channels values at a position
 * @param levels of a value
 * @param features of the model's that it reads
 * @param outputs parameters of a value's distribution
 * @param horizon positions ahead, at least 1
 * @param hidden features of its own
 */
public record ForecastHead(
        boolean sequence, int channels, int levels, int features, int outputs, int horizon, int hidden) {
    private static final String HIDDEN = "hidden";
    private static final String VALUE = "value.";
    private static final String HEADS = "heads";

    /** More positions ahead than anything can be said of; it bounds what a file can ask for. */
    private static final int FARTHEST = 256;

    private static final int WIDEST = 1 << 16;

    /**
     * Heads for a model.
     *
     * @throws InvalidModelException if its family or distribution has none, or sizes are out of range
     */
    public static ForecastHead of(ModelConfig config, Graph graph, int horizon, int hidden) {
        DistributionSpec.Type type = config.distribution().type();
        if (type != DistributionSpec.Type.CATEGORICAL && type != DistributionSpec.Type.BERNOULLI) {
            throw InvalidModelException.of(
                    "forecasts", "the distribution \"" + type.jsonName() + "\"", "categorical or bernoulli");
        }
        if (graph.nodes().stream().map(Node::operation).anyMatch(ForecastHead::isWhole)) {
            throw InvalidModelException.of(
                    "forecasts",
                    "the family \"" + config.architecture() + "\", whose layers are no maps of positions",
                    "one of positions");
        }
        if (horizon < 1 || horizon > FARTHEST) {
            throw InvalidModelException.of("horizon", Integer.toString(horizon), "1.." + FARTHEST);
        }
        if (hidden < 1 || hidden > WIDEST) {
            throw InvalidModelException.of(HIDDEN, Integer.toString(hidden), "1.." + WIDEST);
        }
        int channels = graph.valuesAtPosition();
        return new ForecastHead(
                !(config.data() instanceof DataSpec.Image),
                channels,
                config.data().levels(),
                read(graph).operation().features(),
                graph.outputs().operation().features() / channels,
                horizon,
                hidden);
    }

    private static boolean isWhole(Operation operation) {
        return operation instanceof dev.gatun.op.Dense || operation instanceof dev.gatun.op.Nade;
    }

    /** The node whose features it reads: what a linear map makes the outputs of, else the outputs. */
    public static Node read(Graph graph) {
        Node outputs = graph.outputs();
        boolean linear = switch (outputs.operation()) {
            case Affine affine -> affine.taps().equals(List.of(Tap.HERE));
            case MaskedAffine affine -> affine.taps().equals(List.of(Tap.HERE));
            default -> false;
        };
        return linear ? outputs.inputs().getFirst() : outputs;
    }

    /** The neighbours whose features it reads, in raster order, the position itself the last. */
    public List<Tap> taps() {
        if (sequence) {
            return IntStream.rangeClosed(-horizon, 0)
                    .mapToObj(column -> new Tap(0, column))
                    .toList();
        }
        Stream<Tap> above = IntStream.rangeClosed(-1, horizon).mapToObj(column -> new Tap(-1, column));
        return Stream.concat(above, Stream.of(new Tap(0, -1), Tap.HERE)).toList();
    }

    /** The tensors. */
    public ParameterLayout layout() {
        ParameterLayout.Builder builder =
                new ParameterLayout.Builder().layer(HIDDEN, null, hidden, features, taps().size());
        for (int channel = 0; channel < channels; channel++) {
            builder.weight(VALUE + channel, null, hidden, levels);
        }
        return builder.layer(HEADS, null, (long) horizon * channels * outputs, hidden)
                .build();
    }

    /**
     * The heads as a graph, at each position of a grid: features of (ahead - 1, channel, parameter). The model's features are given
     * to it, then the values of each channel.
     *
     * @param rows of the grid
     * @param columns of the grid, 0 for any
     */
    public Graph graph(int rows, int columns) {
        Graph.Builder builder = new Graph.Builder(new Grid(rows, columns, 1));
        int taps = taps().size();
        long[] offsets = IntStream.range(0, taps).asLongStream().toArray();
        WeightRef weights = new WeightRef(
                HIDDEN + ".weight", new NativeAffine.Layout((long) features * taps, taps, offsets), HIDDEN + ".bias");
        Node given = builder.add("features", new Given.Frames(features, true));
        List<Node> values = IntStream.range(0, channels)
                .mapToObj(channel -> builder.add(VALUE + channel, new Given.Label(levels)))
                .toList();
        List<Node> terms = new ArrayList<>();
        terms.add(builder.add(HIDDEN, new Affine(features, hidden, taps(), weights), given));
        for (int channel = 0; channel < channels; channel++) {
            WeightRef table = new WeightRef(
                    VALUE + channel + ".weight", new NativeAffine.Layout(levels, 1, new long[] {0}), null);
            Lookup lookup = new Lookup(levels, 1, hidden, List.of(Tap.HERE), table, null);
            terms.add(builder.add(VALUE + channel + ".rows", lookup, values.get(channel)));
        }
        Node sums = builder.add(HIDDEN + ".sum", Sum.of(hidden, terms.size()), terms.toArray(Node[]::new));
        Node rectified = builder.add(HIDDEN + ".relu", new Activate(ActivationKind.RELU, hidden), sums);
        Affine heads =
                new Affine(hidden, horizon * channels * outputs, List.of(Tap.HERE), WeightRef.linear(HEADS, hidden));
        return builder.build(builder.add(HEADS, heads, rectified));
    }

    /** The node of {@link #graph} that the model's features are given to. */
    public static Node given(Graph graph) {
        return graph.nodes().getFirst();
    }

    /** The nodes that the values of each channel are given to. */
    public List<Node> values(Graph graph) {
        return graph.nodes().subList(1, 1 + channels);
    }

    /** How many of the positions ahead lie in the sequence, or in the image's row. */
    public int ahead(int position, int positions, int width) {
        int left = sequence ? positions - 1 - position : width - 1 - position % width;
        return Math.min(horizon, left);
    }
}
