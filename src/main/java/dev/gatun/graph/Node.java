package dev.gatun.graph;

import dev.gatun.op.Operation;
import java.util.List;

/**
 * A node of a graph: an operation and where its inputs come from.
 *
 * @param id its place in the graph's order, in which inputs come before what reads them
 * @param label what messages and plans call it, such as {@code layers.0}
 * @param operation what it computes
 * @param inputs the nodes that it reads, in the operation's order
 * @param scale positions of the data a side that one position of its map stands for: 1, 2 or 4 in images, a condition's hop
 *     along a sequence, {@link #ALL_POSITIONS} for what is the same everywhere
 */
public record Node(int id, String label, Operation operation, List<Node> inputs, int scale) {
    /** The scale of what is the same at all positions. */
    public static final int ALL_POSITIONS = Integer.MAX_VALUE;

    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }

    @Override
    public String toString() {
        return label;
    }
}
