package dev.gatun.graph;

import dev.gatun.op.Data;
import dev.gatun.op.Footprint;
import dev.gatun.op.Footprint.Groups;
import dev.gatun.op.Operation;
import dev.gatun.op.Tap;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The positions of the data that the outputs of one position see, by the footprints: with the edges of the grid, at which every
 * path ends, with states handed on, and colour group by colour group.
 */
final class SeenPositions {
    private final int rows;
    private final int columns;
    private final int groups;
    /** Values of the data at a place of the grid: its groups, or all in one. */
    private final int values;

    private final boolean[][] visited;
    private final Deque<Step> open = new ArrayDeque<>();

    /** A group of features of a node at a place of the grid. */
    private record Step(Node node, int row, int column, int group) {}

    private SeenPositions(Graph graph, int length) {
        rows = graph.grid().rows();
        columns = graph.columns(length);
        groups = graph.grid().groups();
        values = length / (rows * columns);
        visited = new boolean[graph.nodes().size()][];
    }

    /**
     * By position of the chain, whether it is seen.
     *
     * @param length positions of an example
     * @param position whose outputs see
     * @throws IllegalArgumentException if there is a dense layer, whose units are no positions
     */
    static boolean[] of(Graph graph, int length, int position) {
        SeenPositions walk = new SeenPositions(graph, length);
        int place = position / walk.values;
        int group = walk.groups == 1 ? 0 : position % walk.values;
        walk.visit(graph.outputs(), place / walk.columns, place % walk.columns, group);
        boolean[] seen = new boolean[length];
        while (!walk.open.isEmpty()) {
            Step step = walk.open.remove();
            if (step.node.operation() instanceof Data) {
                walk.mark(step, seen);
            } else {
                walk.read(step);
            }
        }
        return seen;
    }

    private void mark(Step step, boolean[] seen) {
        int first = (step.row * columns + step.column) * values;
        for (int value = 0; value < values; value++) {
            if (groups == 1 || value == step.group) {
                seen[first + value] = true;
            }
        }
    }

    private void read(Step step) {
        for (int i = 0; i < step.node.inputs().size(); i++) {
            Operation.Input input = step.node.operation().inputs().get(i);
            follow(step, step.node.inputs().get(i), input.footprint());
        }
        Footprint own = step.node.operation().recurrence();
        if (own != null) {
            follow(step, step.node, own);
        }
    }

    private void follow(Step step, Node from, Footprint footprint) {
        switch (footprint) {
            case Footprint.Anywhere _ -> {}
            case Footprint.Degrees _ ->
                throw new IllegalArgumentException(
                        step.node + " (" + step.node.operation().name()
                                + "): its units are no positions, and see by their" + " degrees");
            case Footprint.Taps taps -> {
                for (Tap tap : taps.taps()) {
                    Groups seen = tap.equals(Tap.HERE) ? taps.groups() : Groups.ALL;
                    for (int group = 0; group < ReceptiveField.end(seen, step.group, groups); group++) {
                        visit(from, step.row + tap.row(), step.column + tap.column(), group);
                    }
                }
            }
        }
    }

    /** Notes a group of features that is there: inside of the grid, at a place where the node's map has one. */
    private void visit(Node node, int row, int column, int group) {
        boolean inside = row >= 0 && row < rows && column >= 0 && column < columns;
        if (!inside || row % node.scale() != 0 || column % node.scale() != 0) {
            return;
        }
        boolean[] own = visited[node.id()];
        if (own == null) {
            own = new boolean[rows * columns * groups];
            visited[node.id()] = own;
        }
        int at = (row * columns + column) * groups + group;
        if (!own[at]) {
            own[at] = true;
            open.add(new Step(node, row, column, group));
        }
    }
}
