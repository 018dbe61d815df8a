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
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * All positions of a batch at once: the maps of every node, forwards and backwards. One thread's; it can run many batches of
 * up to the size that it was made for.
 */
public final class Pass {
    private final BoundGraph bound;
    private final PassMaps maps;
    /** The part of the graph whose values are all there; -1 before the first run. */
    private int present = -1;

    /** A row of data on its way, again and again. */
    private float[] dataRow = {};

    private final NativeMap outputs;
    private final @Nullable NativeMap outputsGradient;

    /**
     * Allocates the maps.
     *
     * @param examples of the largest batch
     * @param values of an example: the length of sequences, all channels of all pixels of images
     * @param kind what it is for: {@link #gradient} is there where it {@linkplain PassKind#training trains}
     */
    public Pass(BoundGraph bound, Arena arena, int examples, int values, PassKind kind) {
        this(bound, arena, examples, bound.graph().grid().rows(), bound.graph().columns(values), kind);
    }

    /** One over the first rows of an example alone, or all of them. */
    Pass(BoundGraph bound, Arena arena, int examples, int rows, int columns, PassKind kind) {
        this.bound = bound;
        Graph graph = bound.graph();
        maps = new PassMaps(bound, arena, examples, rows, columns, kind);
        int width = bound.distribution().outputs();
        outputs = outputMap().places(arena, width);
        NativeMap gradient = maps.gradient(graph.outputs());
        outputsGradient = gradient == null ? null : gradient.places(arena, width);
    }

    /** Hands out the memory of what callers fill in: the data and the condition. */
    public void eachInput(Consumer<MemorySegment> body) {
        for (Node node : bound.graph().nodes()) {
            if (isFilledIn(node)) {
                body.accept(grid(node).memory());
            }
        }
    }

    private static boolean isFilledIn(Node node) {
        return node.operation() instanceof Data || node.operation() instanceof Given;
    }

    /** Hands out the memory of the data alone. */
    public void eachData(Consumer<MemorySegment> body) {
        for (Node node : bound.graph().nodes()) {
            if (node.operation() instanceof Data) {
                body.accept(grid(node).memory());
            }
        }
    }

    /** Hands out the memory of all maps, of some more than once. */
    public void eachMap(Consumer<MemorySegment> body) {
        maps.all().forEach(grid -> body.accept(grid.memory()));
    }

    /** Memory of its maps. */
    public long bytes() {
        return maps.bytes();
    }

    /** Sets the number of examples of the next batch. */
    public void examples(int count) {
        maps.all().forEach(grid -> grid.examples(count));
        outputs.examples(count);
        if (outputsGradient != null) {
            outputsGradient.examples(count);
        }
    }

    /** Sets an example's data, levels in the order of positions. */
    public void levels(int example, int[] values, int offset) {
        levels(example, values, offset, 0, Integer.MAX_VALUE);
    }

    /** Sets some rows of an example's data, {@code first .. end-1} as far as there are such, from levels of all of them. */
    public void levels(int example, int[] values, int offset, int first, int end) {
        for (Node node : bound.graph().nodes()) {
            if (node.operation() instanceof Data.Levels) {
                fillLevels((NativeLevels) grid(node), example, values, offset, first, end);
            } else if (node.operation() instanceof Data.Numbers numbers) {
                fillNumbers((NativeMap) grid(node), example, numbers.table(), values, offset, first, end);
            }
        }
    }

    private static void fillLevels(NativeLevels grid, int example, int[] values, int offset, int first, int end) {
        int row = grid.shape().columns() * grid.shape().features();
        for (int i = first; i < Math.min(end, grid.shape().rows()); i++) {
            grid.writeRow(example, i, values, offset + i * row, row);
        }
    }

    private void fillNumbers(
            NativeMap grid, int example, float @Nullable [] table, int[] values, int offset, int first, int end) {
        float[] encoding = Objects.requireNonNull(table, "levels for a model of reals");
        int row = grid.shape().columns() * grid.shape().features();
        if (dataRow.length != row) {
            dataRow = new float[row];
        }
        for (int i = first; i < Math.min(end, grid.shape().rows()); i++) {
            encode(encoding, values, offset + i * row, dataRow);
            grid.writeRow(example, i, dataRow, 0, row);
        }
    }

    private static void encode(float[] table, int[] values, int offset, float[] numbers) {
        float first = table[0];
        float step = table.length == 2 ? table[1] - first : Float.NaN;
        // Two levels without a look-up, where that is exact: processors take many values at once.
        if (table.length == 2 && first + step == table[1]) {
            for (int i = 0; i < numbers.length; i++) {
                numbers[i] = first + values[offset + i] * step;
            }
            return;
        }
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = table[values[offset + i]];
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
            compute(context, node);
            addUp(context, node);
        }
        present = bound.graph().part(bound.graph().nodes().getLast());
    }

    /** Computes some nodes from the data, and what they are computed from. */
    void run(Context context, Set<Node> some) {
        for (Node node : bound.graph().nodes()) {
            if (some.contains(node)) {
                compute(context, node);
                addUp(context, node);
            }
        }
    }

    private void compute(Context context, Node node) {
        RunningSums sums = maps.sums();
        if (sums == null || !sums.has(node)) {
            bound.kernel(node).run(context, inputs(node), grid(node));
        }
    }

    /** What is computed goes into the sum that runs along, if there is one. */
    private void addUp(Context context, Node node) {
        RunningSums sums = maps.sums();
        if (sums != null) {
            sums.add(context, node, this::map);
        }
    }

    /** The same, telling how long each takes. */
    public void run(Context context, Meter meter) {
        for (Node node : bound.graph().nodes()) {
            long start = System.nanoTime();
            compute(context, node);
            addUp(context, node);
            meter.ran(node, start, System.nanoTime());
        }
        present = bound.graph().part(bound.graph().nodes().getLast());
    }

    /** Bytes that an operation reads and writes: its inputs, its parameters, its output. */
    public long traffic(Node node) {
        long floats = 0;
        for (NativeGrid input : inputs(node)) {
            floats += (long) input.examples() * places(input);
        }
        floats += (long) grid(node).examples() * places(grid(node));
        for (String name : node.operation().parameters()) {
            floats += bound.parameters().get(name).byteSize() / Float.BYTES;
        }
        return floats * Float.BYTES;
    }

    private static long places(NativeGrid grid) {
        GridShape shape = grid.shape();
        return (long) shape.rows() * shape.columns() * shape.features();
    }

    /** Computes all nodes from the data, layers scaled by their outputs on the way: see {@link LayerScales}. */
    public void standardise(Context context, Map<String, Normed> layers) {
        LayerScales scales = new LayerScales(bound, layers);
        for (Node node : bound.graph().nodes()) {
            compute(context, node);
            if (scales.standardise(node, grid(node))) {
                bound.kernel(node).refresh(context);
                compute(context, node);
            }
            addUp(context, node);
        }
    }

    /** The grids that a node's kernel reads, and what it keeps. */
    List<NativeGrid> inputs(Node node) {
        List<NativeGrid> inputs = new ArrayList<>(node.inputs().size());
        for (Node input : node.inputs()) {
            inputs.add(grid(input));
        }
        NativeMap own = maps.kept(node);
        if (own != null) {
            inputs.add(own);
        }
        return inputs;
    }

    /** The map of a node of levels. */
    public NativeLevels levelMap(Node node) {
        return (NativeLevels) grid(node);
    }

    /** The map of a node of numbers. */
    public NativeMap map(Node node) {
        return (NativeMap) grid(node);
    }

    Graph graph() {
        return bound.graph();
    }

    /** A node's values. */
    NativeGrid grid(Node node) {
        return maps.of(node);
    }

    /** What a node's operation keeps for itself, or null. */
    @Nullable
    NativeMap kept(Node node) {
        return maps.kept(node);
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
            int back = maps.halo(node).left();
            if (grid.shape().rows() != 1 || back > columns) {
                throw new IllegalArgumentException("windows of " + grid.shape().rows() + " x " + columns
                        + " positions: expected one row, and at least the " + back + " that " + node + " is read back");
            }
            if (maps.isHome(node)) {
                carried.add(new Carry.Carried(grid, levels(node), isFilledIn(node)));
            }
            NativeMap own = maps.kept(node);
            if (own != null) {
                carried.add(new Carry.Carried(own, 0, false));
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

    /** The gradient of {@link #outputs}, of a pass that trains. */
    public NativeMap outputsGradient() {
        return Objects.requireNonNull(outputsGradient, "allocated without training");
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
        ofOutputs.accept(outputsGradient());
        Graph graph = bound.graph();
        boolean[] written = new boolean[graph.nodes().size()];
        for (int id = graph.outputs().id(); id >= 0; id--) {
            Node node = graph.nodes().get(id);
            NativeMap gradient = maps.gradient(node);
            if (gradient != null) {
                computeAgain(context, graph.part(node));
                backwards(context, node, gradient, written, parameters);
            }
        }
    }

    /** What other parts of the graph may have written over. */
    private void computeAgain(Context context, int part) {
        if (part == present) {
            return;
        }
        present = part;
        for (Node node : bound.graph().nodes()) {
            if (maps.isComputedAgain(node) && bound.graph().part(node) == part) {
                compute(context, node);
            }
        }
    }

    /** The last gradient with respect to the data's numbers, of a pass of {@link PassKind#DATA_GRADIENTS}. */
    public NativeMap dataGradient() {
        Node data = bound.graph().nodes().stream()
                .filter(node -> node.operation() instanceof Data)
                .findFirst()
                .orElseThrow();
        return Objects.requireNonNull(maps.gradient(data), "the data enter as levels, or no gradient is wanted");
    }

    private void backwards(
            Context context, Node node, NativeMap gradient, boolean[] written, MemorySegment parameters) {
        List<@Nullable NativeMap> targets = new ArrayList<>();
        boolean[] add = new boolean[node.inputs().size()];
        for (int i = 0; i < add.length; i++) {
            int input = node.inputs().get(i).id();
            targets.add(maps.gradient(node.inputs().get(i)));
            add[i] = written[input];
            written[input] = true;
        }
        Kernel kernel = bound.kernel(node);
        kernel.gradient(context, inputs(node), (NativeMap) grid(node), gradient, targets, add, parameters);
    }
}
