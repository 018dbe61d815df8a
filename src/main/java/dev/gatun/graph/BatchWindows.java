package dev.gatun.graph;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.GridShape;
import dev.gatun.foreign.NativeMap;
import java.lang.foreign.Arena;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Windows of all examples of a batch together, which go in lock-step: as those of {@link WindowPass}, from the first position whose
 * data have changed in any of them. What is computed is told first, as a {@link Part}, so that who writes calls down for a device
 * sees which have been written already. One thread's.
 */
public final class BatchWindows {
    private final Pass pass;
    private final WindowNodes nodes;
    private final Graph graph;
    /** Positions of each node's map, in raster order, that are computed. */
    private final int[] done;

    /**
     * Allocates the maps.
     *
     * @param examples of the largest batch
     * @param values of an example
     * @throws IllegalArgumentException if the graph {@linkplain WindowPass#suits does not suit}
     */
    public BatchWindows(BoundGraph bound, Arena arena, int examples, int values) {
        graph = bound.graph();
        pass = new Pass(bound, arena, examples, values, PassKind.WINDOWS);
        nodes = new WindowNodes(bound, pass, values);
        done = new int[graph.nodes().size()];
    }

    /** What a pass computes of each node's map. Equal where the same is computed. */
    public static final class Part {
        private final int[] from;
        private final int[] to;
        private double share;

        private Part(int nodes) {
            from = new int[nodes];
            to = new int[nodes];
        }

        /** What it takes, in passes over all positions of an example, for each example. */
        public double share() {
            return share;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Part part && Arrays.equals(from, part.from) && Arrays.equals(to, part.to);
        }

        @Override
        public int hashCode() {
            return 31 * Arrays.hashCode(from) + Arrays.hashCode(to);
        }
    }

    /** The maps, whose data and conditions callers fill in, for as many examples as are set there. */
    public Pass maps() {
        return pass;
    }

    /** Forgets all: nothing of the maps is computed. */
    public void begin() {
        Arrays.fill(done, 0);
    }

    /** Where a window that has to reach a position ends: there, or at the end of its row. */
    public int end(int position) {
        return nodes.end(position);
    }

    /**
     * What is to be computed next for the outputs up to a position; it counts as computed from then on.
     *
     * @param changed the first position of the grid whose data may be others than in the last part, of any example
     * @param end how many positions' outputs are wanted, one that {@link #end} gives
     */
    public Part next(int changed, int end) {
        Part part = new Part(done.length);
        nodes.each(done, changed, end, (node, from, to) -> {
            part.from[node.id()] = from;
            part.to[node.id()] = to;
            part.share += nodes.share(node, from, to);
        });
        return part;
    }

    /** Computes a part, from data that are filled in. */
    public void run(Context context, Part part) {
        for (Node node : graph.nodes()) {
            int id = node.id();
            if (part.from[id] < part.to[id]) {
                nodes.compute(context, WindowNodes.ALL, node, part.from[id], part.to[id]);
            }
        }
    }

    /**
     * The rows and columns of a node's map that hold some of its positions.
     *
     * @param from the first of them, in raster order
     * @param to behind the last
     */
    public GridShape.Window window(Node node, int from, int to) {
        return nodes.window(node, from, to);
    }

    /** The same of those that a part computes, or null where these are none. */
    public GridShape.@Nullable Window window(Node node, Part part) {
        int id = node.id();
        return part.from[id] < part.to[id] ? nodes.window(node, part.from[id], part.to[id]) : null;
    }

    /** The map of a node, of which calls work on a part from then on. */
    public NativeMap part(Node node, GridShape.Window window) {
        NativeMap map = pass.map(node);
        map.window(window);
        return map;
    }
}
