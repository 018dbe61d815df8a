package dev.gatun.graph;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.GridShape;
import dev.gatun.foreign.NativeGrid;
import dev.gatun.foreign.NativeMap;
import dev.gatun.op.Data;
import dev.gatun.op.Given;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;

/**
 * Passes over windows of examples: from the first position whose data have changed to some later one. The maps of all nodes are
 * kept, each example's as far as it is computed. From the {@link Reach} of a node follows where its values are others now, from
 * what its readers read how far they are needed; in between they are computed, and nothing else is. So what lies on rows above,
 * such as the vertical stack of a gated PixelCNN, is computed once a row, however often a window of the row is. The values have
 * the bits of a pass over all.
 *
 * <p>Windows of images end with rows, those of sequences anywhere. One thread's.
 */
public final class WindowPass {
    private final BoundGraph bound;
    private final Pass pass;
    private final List<Node> nodes;
    private final WindowExtents extents;
    private final List<List<NativeGrid>> inputs;
    /** Positions of each node's map, in raster order, that are computed: of each example. */
    private final int[][] done;

    private final int[] needed;
    private final int positions;
    private final double wholeFlops;
    private double flops;

    /**
     * Allocates the maps.
     *
     * @param examples whose maps are kept side by side
     * @param values of an example
     * @throws IllegalArgumentException if the graph {@linkplain #suits does not suit}
     */
    public WindowPass(BoundGraph bound, Arena arena, int examples, int values) {
        if (!suits(bound)) {
            throw new IllegalArgumentException("windows of a graph with layers that are computed as a whole");
        }
        this.bound = bound;
        Graph graph = bound.graph();
        nodes = graph.nodes();
        pass = new Pass(bound, arena, examples, values, PassKind.WINDOWS);
        inputs = nodes.stream().map(pass::inputs).toList();
        extents = new WindowExtents(graph, graph.columns(values));
        done = new int[examples][nodes.size()];
        needed = new int[nodes.size()];
        positions = graph.grid().rows() * graph.columns(values);
        wholeFlops = graph.flops(values);
    }

    /** Whether all operations of a graph can be computed in parts: dense layers and NADE's sums are not. */
    public static boolean suits(BoundGraph bound) {
        return bound.graph().nodes().stream()
                .allMatch(node -> bound.kernel(node).runsInWindows());
    }

    /** The maps, whose data and conditions callers fill in: {@link Pass#levels}, {@link Pass#reals}, {@link Pass#condition}. */
    public Pass maps() {
        return pass;
    }

    /** The positions' outputs, as {@link Pass#outputs}. */
    public NativeMap outputs() {
        return pass.outputs();
    }

    /** Forgets an example: nothing of its maps is computed. */
    public void begin(int example) {
        Arrays.fill(done[example], 0);
    }

    /** Where a window that has to reach a position ends: there, or at the end of its row. */
    public int end(int position) {
        return extents.end(position);
    }

    /**
     * Computes the outputs of an example up to a position, from its data before that, filled in already.
     *
     * @param changed the first position of the grid whose data may be others than in the example's last run
     * @param end how many positions' outputs are wanted, one that {@link #end} gives
     */
    public void run(Context context, int example, int changed, int end) {
        if (end != extents.end(end) || end > positions) {
            throw new IllegalArgumentException(
                    "a window up to " + end + ", expected up to " + extents.end(Math.min(end, positions)));
        }
        extents.need(end, needed);
        int[] own = done[example];
        for (Node node : nodes) {
            int id = node.id();
            own[id] = Math.min(own[id], extents.firstChanged(node, changed));
            if (own[id] < needed[id] && !isFilled(node)) {
                compute(context, example, node, own[id], needed[id]);
                own[id] = needed[id];
            }
        }
    }

    private static boolean isFilled(Node node) {
        return node.operation() instanceof Data || node.operation() instanceof Given;
    }

    /**
     * Computes one position alone, of a graph in which the first operation reads no other positions than those filled in, and the
     * others none but their own.
     */
    public void runAt(Context context, int example, int row, int column) {
        GridShape.Window window = new GridShape.Window(row, 1, column, 1);
        for (Node node : nodes) {
            if (!isFilled(node)) {
                NativeGrid output = pass.grid(node);
                output.window(example, window);
                inputs.get(node.id()).forEach(input -> input.window(example, window));
                bound.kernel(node).run(context, inputs.get(node.id()), output);
            }
        }
    }

    private void compute(Context context, int example, Node node, int from, int to) {
        GridShape.Window window = extents.window(node, from, to);
        NativeGrid output = pass.grid(node);
        output.window(example, window);
        List<NativeGrid> grids = inputs.get(node.id());
        for (int i = 0; i < grids.size(); i++) {
            // What an operation keeps comes behind its inputs, at its own positions.
            boolean own = i >= node.inputs().size();
            GridShape.Window read =
                    own ? window : extents.read(node, node.inputs().get(i), window);
            grids.get(i).window(example, read);
        }
        bound.kernel(node).run(context, grids, output);
        flops += node.operation().flops() * (double) window.positions();
    }

    /** What was computed so far, in passes over all positions of an example. */
    public double passes() {
        return wholeFlops == 0 ? 0 : flops / wholeFlops;
    }
}
