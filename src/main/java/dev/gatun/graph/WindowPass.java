package dev.gatun.graph;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.GridShape;
import dev.gatun.foreign.NativeMap;
import java.lang.foreign.Arena;
import java.util.Arrays;

/**
 * Passes over windows of examples: from the first position whose data have changed to some later one. The maps of all nodes are
 * kept, each example's as far as it is computed. From the {@link Reach} of a node follows where its values are others now, from
 * what its readers read how far they are needed; in between they are computed, and nothing else is. So what lies on rows above,
 * such as the vertical stack of a gated PixelCNN, is computed once a row, however often a window of the row is. The values have
 * the bits of a pass over all.
 *
 * <p>Windows of images end with rows, those of sequences anywhere. One thread's. {@link BatchWindows} are those of all examples
 * together.
 */
public final class WindowPass {
    private final Pass pass;
    private final WindowNodes nodes;
    /** Positions of each node's map, in raster order, that are computed: of each example. */
    private final int[][] done;

    private double passes;

    /**
     * Allocates the maps.
     *
     * @param examples whose maps are kept side by side
     * @param values of an example
     * @throws IllegalArgumentException if the graph {@linkplain #suits does not suit}
     */
    public WindowPass(BoundGraph bound, Arena arena, int examples, int values) {
        pass = new Pass(bound, arena, examples, values, PassKind.WINDOWS);
        nodes = new WindowNodes(bound, pass, values);
        done = new int[examples][bound.graph().nodes().size()];
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
        return nodes.end(position);
    }

    /**
     * Computes the outputs of an example up to a position, from its data before that, filled in already.
     *
     * @param changed the first position of the grid whose data may be others than in the example's last run
     * @param end how many positions' outputs are wanted, one that {@link #end} gives
     */
    public void run(Context context, int example, int changed, int end) {
        nodes.each(done[example], changed, end, (node, from, to) -> {
            nodes.compute(context, example, node, from, to);
            passes += nodes.share(node, from, to);
        });
    }

    /**
     * Computes one position alone, of a graph in which the first operation reads no other positions than those filled in, and the
     * others none but their own.
     */
    public void runAt(Context context, int example, int row, int column) {
        nodes.computeAt(context, example, new GridShape.Window(row, 1, column, 1));
    }

    /** What was computed so far, in passes over all positions of an example. */
    public double passes() {
        return passes;
    }
}
