package dev.gatun.graph;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.GridShape;
import dev.gatun.foreign.NativeGrid;
import dev.gatun.op.Data;
import dev.gatun.op.Given;
import java.util.List;

/** The nodes of a graph whose maps are computed in parts: from which of their positions on, how far, and the computing. */
final class WindowNodes {
    /** In place of an example: all of them. */
    static final int ALL = -1;

    private final BoundGraph bound;
    private final Pass pass;
    private final List<Node> nodes;
    private final WindowExtents extents;
    private final List<List<NativeGrid>> inputs;
    private final int[] needed;
    private final int positions;
    private final double wholeFlops;

    /** What is told of a node that has something to be computed: positions of its map {@code from .. to-1}, in raster order. */
    interface Part {
        void of(Node node, int from, int to);
    }

    WindowNodes(BoundGraph bound, Pass pass, int values) {
        if (!WindowPass.suits(bound)) {
            throw new IllegalArgumentException("windows of a graph with layers that are computed as a whole");
        }
        this.bound = bound;
        this.pass = pass;
        Graph graph = bound.graph();
        nodes = graph.nodes();
        extents = new WindowExtents(graph, graph.columns(values));
        inputs = nodes.stream().map(pass::inputs).toList();
        needed = new int[nodes.size()];
        positions = graph.grid().rows() * graph.columns(values);
        wholeFlops = graph.flops(values);
    }

    /** The least end of a window that holds so many positions. */
    int end(int position) {
        return extents.end(position);
    }

    /** The rows and columns of a node's map that hold some of its positions. */
    GridShape.Window window(Node node, int from, int to) {
        return extents.window(node, from, to);
    }

    /**
     * Tells what is to be computed for the outputs up to a position.
     *
     * @param done how many positions of each node's map are computed, brought up to what will be
     * @param changed the first position whose data may be others than when they were
     */
    void each(int[] done, int changed, int end, Part body) {
        if (end != extents.end(end) || end > positions) {
            throw new IllegalArgumentException(
                    "a window up to " + end + ", expected up to " + extents.end(Math.min(end, positions)));
        }
        extents.need(end, needed);
        for (Node node : nodes) {
            int id = node.id();
            done[id] = Math.min(done[id], extents.firstChanged(node, changed));
            if (done[id] < needed[id] && !isFilled(node)) {
                body.of(node, done[id], needed[id]);
                done[id] = needed[id];
            }
        }
    }

    private static boolean isFilled(Node node) {
        return node.operation() instanceof Data || node.operation() instanceof Given;
    }

    /** Computes a part of a node's map, of an example or {@link #ALL}. */
    void compute(Context context, int example, Node node, int from, int to) {
        GridShape.Window window = extents.window(node, from, to);
        NativeGrid output = pass.grid(node);
        show(output, example, window);
        List<NativeGrid> grids = inputs.get(node.id());
        for (int i = 0; i < grids.size(); i++) {
            // What an operation keeps comes behind its inputs, at its own positions.
            boolean own = i >= node.inputs().size();
            show(
                    grids.get(i),
                    example,
                    own ? window : extents.read(node, node.inputs().get(i), window));
        }
        bound.kernel(node).run(context, grids, output);
    }

    /** Computes one position of an example alone; see {@link WindowPass#runAt}. */
    void computeAt(Context context, int example, GridShape.Window position) {
        for (Node node : nodes) {
            if (!isFilled(node)) {
                NativeGrid output = pass.grid(node);
                output.window(example, position);
                inputs.get(node.id()).forEach(input -> input.window(example, position));
                bound.kernel(node).run(context, inputs.get(node.id()), output);
            }
        }
    }

    private static void show(NativeGrid grid, int example, GridShape.Window window) {
        if (example == ALL) {
            grid.window(window);
        } else {
            grid.window(example, window);
        }
    }

    /** What computing a part takes, in passes over all positions of an example. */
    double share(Node node, int from, int to) {
        long computed = extents.window(node, from, to).positions();
        return wholeFlops == 0 ? 0 : node.operation().flops() * (double) computed / wholeFlops;
    }
}
