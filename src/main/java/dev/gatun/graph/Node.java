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
 * @param scale positions of the data a side that one position of its map stands for: 1, 2 or 4
 */
public record Node(int id, String label, Operation operation, List<Node> inputs, int scale) {
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
