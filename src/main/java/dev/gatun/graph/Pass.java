package dev.gatun.graph;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.GridShape;
import dev.gatun.foreign.NativeDistribution;
import dev.gatun.foreign.NativeGrid;
import dev.gatun.foreign.NativeLevels;
import dev.gatun.foreign.NativeMap;
import dev.gatun.op.Data;
import dev.gatun.op.Given;
import dev.gatun.op.Kernel;
import dev.gatun.op.Lookup;
import dev.gatun.tensor.Normed;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * All positions of a batch at once: the maps of every node, forwards and backwards. One thread's; it can run many batches of
 * up to the size that it was made for.
 */
public final class Pass {
    private final BoundGraph bound;
    private final GridShape.Halo[] halos;
    private final MapSharing sharing;
    private final List<NativeGrid> grids = new ArrayList<>();
    private final List<@Nullable NativeMap> gradients = new ArrayList<>();
    private final List<@Nullable NativeMap> kept = new ArrayList<>();
    private final NativeMap outputs;
    private final @Nullable NativeMap outputsGradient;

    /**
     * Allocates the maps.
     *
     * @param examples of the largest batch
     * @param values of an example: the length of sequences, all channels of all pixels of images
     * @param training whether {@link #gradient} will be called
     */
    public Pass(BoundGraph bound, Arena arena, int examples, int values, boolean training) {
        this(bound, arena, examples, values, training, false);
    }

    private Pass(BoundGraph bound, Arena arena, int examples, int values, boolean training, boolean ofData) {
        this.bound = bound;
        Graph graph = bound.graph();
        int columns = graph.columns(values);
        boolean[] wanted = wantsGradient(graph, ofData);
        halos = graph.nodes().stream().map(this::halo).toArray(GridShape.Halo[]::new);
        sharing = new MapSharing(graph, bound::kernel, training, wanted, halos);
        for (Node node : graph.nodes()) {
            grids.add(sharing.values(node) == node.id() ? values(node, arena, examples, columns) : home(node));
            kept.add(kept(node, arena, grids.getLast().shape(), training));
        }
        for (Node node : graph.nodes().reversed()) {
            NativeMap map = null;
            if (training && wanted[node.id()]) {
                map = sharing.gradients(node) == node.id()
                        ? gradients(node, arena, examples, columns)
                        : gradients.get(graph.nodes().size() - 1 - sharing.gradients(node));
            }
            gradients.add(map);
        }
        Collections.reverse(gradients);
        int last = graph.outputs().id();
        int width = bound.distribution().outputs();
        outputs = ((NativeMap) grids.get(last)).places(arena, width);
        NativeMap gradient = gradients.get(last);
        outputsGradient = gradient == null ? null : gradient.places(arena, width);
    }

    /** A pass that also gives gradients with respect to the data, where these enter as numbers: {@link #dataGradient}. */
    public static Pass ofData(BoundGraph bound, Arena arena, int examples, int values) {
        return new Pass(bound, arena, examples, values, true, true);
    }

    private NativeGrid values(Node node, Arena arena, int examples, int columns) {
        GridShape.Halo around = GridShape.Halo.NONE;
        for (Node other : bound.graph().nodes()) {
            around = sharing.values(other) == node.id() ? around.with(halos[other.id()]) : around;
        }
        GridShape shape = shape(node, examples, columns, around);
        return node.operation().isLevels() ? NativeLevels.allocate(arena, shape) : NativeMap.allocate(arena, shape);
    }

    private NativeGrid home(Node node) {
        return grids.get(sharing.values(node));
    }

    private NativeMap gradients(Node node, Arena arena, int examples, int columns) {
        GridShape.Halo around = GridShape.Halo.NONE;
        for (Node other : bound.graph().nodes()) {
            around = sharing.gradients(other) == node.id()
                    ? around.with(bound.kernel(other).gradientHalo())
                    : around;
        }
        return NativeMap.allocate(arena, shape(node, examples, columns, around));
    }

    private @Nullable NativeMap kept(Node node, Arena arena, GridShape grid, boolean training) {
        int features = bound.kernel(node).keptFeatures();
        int rows = training ? grid.rows() : 1;
        int columns = training ? grid.columns() : 1;
        GridShape.Halo halo = bound.kernel(node).keptHalo();
        return features == 0
                ? null
                : NativeMap.allocate(arena, new GridShape(grid.examples(), rows, columns, features, halo));
    }

    private GridShape shape(Node node, int examples, int columns, GridShape.Halo halo) {
        int own = Math.ceilDiv(bound.graph().grid().rows(), node.scale());
        int across = Math.ceilDiv(columns, node.scale());
        return new GridShape(examples, own, across, node.operation().features(), halo.within(own, across));
    }

    /** What a node and its readers need around its map. */
    private GridShape.Halo halo(Node node) {
        GridShape.Halo halo = bound.kernel(node).outputHalo();
        for (Node reader : bound.graph().nodes()) {
            for (int i = 0; i < reader.inputs().size(); i++) {
                if (reader.inputs().get(i).equals(node)) {
                    halo = halo.with(bound.kernel(reader).inputHalo(i));
                }
            }
        }
        return halo;
    }

    private static boolean[] wantsGradient(Graph graph, boolean ofData) {
        boolean[] wanted = new boolean[graph.nodes().size()];
        for (Node node : graph.nodes()) {
            wanted[node.id()] = (ofData && node.operation() instanceof Data.Numbers)
                    || !node.operation().parameters().isEmpty()
                    || node.inputs().stream().anyMatch(input -> wanted[input.id()]);
        }
        return wanted;
    }

    /** Sets the number of examples of the next batch. */
    public void examples(int count) {
        grids.forEach(grid -> grid.examples(count));
        outputs.examples(count);
        Stream.concat(Stream.concat(gradients.stream(), kept.stream()), Stream.of(outputsGradient))
                .filter(Objects::nonNull)
                .forEach(map -> map.examples(count));
    }

    /** Sets an example's data, levels in the order of positions. */
    public void levels(int example, int[] values, int offset) {
        for (Node node : bound.graph().nodes()) {
            if (node.operation() instanceof Data.Levels) {
                fillLevels((NativeLevels) grid(node), example, values, offset);
            } else if (node.operation() instanceof Data.Numbers numbers) {
                fillNumbers((NativeMap) grid(node), example, numbers.table(), values, offset);
            }
        }
    }

    private static void fillLevels(NativeLevels grid, int example, int[] values, int offset) {
        int row = grid.shape().columns() * grid.shape().features();
        for (int i = 0; i < grid.shape().rows(); i++) {
            grid.writeRow(example, i, values, offset + i * row, row);
        }
    }

    private static void fillNumbers(NativeMap grid, int example, float @Nullable [] table, int[] values, int offset) {
        float[] encoding = Objects.requireNonNull(table, "levels for a model of reals");
        int row = grid.shape().columns() * grid.shape().features();
        float[] numbers = new float[row];
        for (int i = 0; i < grid.shape().rows(); i++) {
            for (int j = 0; j < row; j++) {
                numbers[j] = encoding[values[offset + i * row + j]];
            }
            grid.writeRow(example, i, numbers, 0, row);
        }
    }

    /** Sets an example's data, reals. */
    public void reals(int example, float[] values, int offset) {
        for (Node node : bound.graph().nodes()) {
            if (node.operation() instanceof Data) {
                NativeMap grid = (NativeMap) grid(node);
                grid.writeRow(example, 0, values, offset, grid.shape().columns());
            }
        }
    }

    /**
     * Sets an example's condition.
     *
     * @param label its class, where the graph has one
     * @param frames its frames of features, one after the other, where the graph has them; of maps pixel by pixel
     * @param offset of the first frame
     */
    public void condition(int example, int label, float @Nullable [] frames, int offset) {
        for (Node node : bound.graph().nodes()) {
            if (node.operation() instanceof Given.Label) {
                ((NativeLevels) grid(node)).writeRow(example, 0, new int[] {label}, 0, 1);
            } else if (node.operation() instanceof Given.Frames && frames != null) {
                fillFrames((NativeMap) grid(node), example, frames, offset);
            }
        }
    }

    private static void fillFrames(NativeMap grid, int example, float[] frames, int offset) {
        int row = grid.shape().columns() * grid.shape().features();
        for (int i = 0; i < grid.shape().rows(); i++) {
            grid.writeRow(example, i, frames, offset + i * row, row);
        }
    }

    /** Computes all nodes from the data. */
    public void run(Context context) {
        for (Node node : bound.graph().nodes()) {
            bound.kernel(node).run(context, inputs(node), grid(node));
        }
    }

    /** Computes all nodes from the data, layers scaled by their outputs on the way: see {@link LayerScales}. */
    public void standardise(Context context, Map<String, Normed> layers) {
        LayerScales scales = new LayerScales(bound, layers);
        for (Node node : bound.graph().nodes()) {
            Kernel kernel = bound.kernel(node);
            kernel.run(context, inputs(node), grid(node));
            if (scales.standardise(node, grid(node))) {
                kernel.refresh(context);
                kernel.run(context, inputs(node), grid(node));
            }
        }
    }

    private List<NativeGrid> inputs(Node node) {
        List<NativeGrid> inputs = new ArrayList<>(node.inputs().size());
        for (Node input : node.inputs()) {
            inputs.add(grid(input));
        }
        NativeMap own = kept.get(node.id());
        if (own != null) {
            inputs.add(own);
        }
        return inputs;
    }

    private NativeGrid grid(Node node) {
        return grids.get(node.id());
    }

    /**
     * What windows of a long sequence hand on.
     *
     * @throws IllegalArgumentException if a value is read from farther away than a window is long, or positions are no
     *     sequence
     */
    public Carry carry() {
        List<Carry.Carried> carried = new ArrayList<>();
        for (Node node : bound.graph().nodes()) {
            NativeGrid grid = grid(node);
            int columns = grid.shape().columns();
            int back = halos[node.id()].left();
            if (grid.shape().rows() != 1 || back > columns) {
                throw new IllegalArgumentException("windows of " + grid.shape().rows() + " x " + columns
                        + " positions: expected one row, and at least the " + back + " that " + node + " is read back");
            }
            if (sharing.values(node) == node.id()) {
                carried.add(new Carry.Carried(grid, levels(node)));
            }
            NativeMap own = kept.get(node.id());
            if (own != null) {
                carried.add(new Carry.Carried(own, 0));
            }
        }
        return new Carry(carried);
    }

    /** The fewest levels that a reader of levels knows. */
    private int levels(Node node) {
        return bound.graph().nodes().stream()
                .filter(reader -> reader.inputs().contains(node))
                .map(Node::operation)
                .filter(Lookup.class::isInstance)
                .mapToInt(operation -> ((Lookup) operation).levels())
                .min()
                .orElse(0);
    }

    /** The outputs of all places that the distribution is over, in one row: positions of the data, or whole pixels. */
    public NativeMap outputs() {
        return outputs;
    }

    /** The map of the graph's outputs. */
    public NativeMap outputMap() {
        return (NativeMap) grid(bound.graph().outputs());
    }

    /**
     * The gradient of {@code scale * sum over examples of -ln p} with respect to the parameters, after {@link #run}.
     *
     * @param values the data again, as the distribution takes it
     * @param change made to the outputs' gradient before it goes on to what they come from, or null
     * @param parameters it is added to, laid out as the parameters
     */
    public void gradient(
            Context context,
            NativeDistribution.Values values,
            float scale,
            @Nullable Consumer<NativeMap> change,
            MemorySegment parameters) {
        gradient(
                context,
                head -> {
                    bound.distribution().gradient(context, outputs, values, scale, head);
                    if (change != null) {
                        change.accept(head);
                    }
                },
                parameters);
    }

    /**
     * The gradient of some function of the outputs, after {@link #run}.
     *
     * @param ofOutputs writes its gradient with respect to {@link #outputs}, all of it
     * @param parameters the gradient with respect to the parameters is added to, laid out as these
     */
    public void gradient(Context context, Consumer<NativeMap> ofOutputs, MemorySegment parameters) {
        ofOutputs.accept(Objects.requireNonNull(outputsGradient, "allocated without training"));
        Graph graph = bound.graph();
        boolean[] written = new boolean[gradients.size()];
        for (int id = graph.outputs().id(); id >= 0; id--) {
            NativeMap gradient = gradients.get(id);
            if (gradient != null) {
                backwards(context, graph.nodes().get(id), gradient, written, parameters);
            }
        }
    }

    /** The last gradient with respect to the data's numbers, of a pass {@linkplain #ofData of data}. */
    public NativeMap dataGradient() {
        Node data = bound.graph().nodes().stream()
                .filter(node -> node.operation() instanceof Data)
                .findFirst()
                .orElseThrow();
        return Objects.requireNonNull(gradients.get(data.id()), "the data enter as levels, or no gradient is wanted");
    }

    private void backwards(
            Context context, Node node, NativeMap gradient, boolean[] written, MemorySegment parameters) {
        List<@Nullable NativeMap> targets = new ArrayList<>();
        boolean[] add = new boolean[node.inputs().size()];
        for (int i = 0; i < add.length; i++) {
            int input = node.inputs().get(i).id();
            targets.add(gradients.get(input));
            add[i] = written[input];
            written[input] = true;
        }
        Kernel kernel = bound.kernel(node);
        kernel.gradient(context, inputs(node), (NativeMap) grid(node), gradient, targets, add, parameters);
    }
}
