package dev.gatun.graph;

import dev.gatun.foreign.GridShape;
import dev.gatun.op.Footprint;
import dev.gatun.op.GridLstm;
import dev.gatun.op.Operation;
import dev.gatun.op.Tap;
import java.util.Arrays;
import java.util.List;

/**
 * Which positions of each node's map a window takes. Positions are counted in raster order of the node's own map, and what is
 * computed of it is always the first so many: where a change makes values others is the end of the map from some position on, for
 * {@link Reach} grows with the position.
 */
final class WindowExtents {
    private final Graph graph;
    private final List<Node> nodes;
    private final int[] rows;
    private final int[] columns;
    /** Rows and columns of the data that windows are multiples of: the coarsest map's. */
    private final int coarsest;
    /** Whether windows are whole rows. */
    private final boolean byRows;

    WindowExtents(Graph graph, int width) {
        this.graph = graph;
        nodes = graph.nodes();
        int height = graph.grid().rows();
        rows = nodes.stream()
                .mapToInt(node -> Math.ceilDiv(height, node.scale()))
                .toArray();
        columns = nodes.stream()
                .mapToInt(node -> Math.ceilDiv(width, node.scale()))
                .toArray();
        coarsest = graph.coarsest();
        byRows = height > 1 || coarsest > 1 || nodes.stream().anyMatch(WindowExtents::isLines);
    }

    /** Whether a node is computed line by line. */
    private static boolean isLines(Node node) {
        return node.operation() instanceof GridLstm;
    }

    private int total(Node node) {
        return rows[node.id()] * columns[node.id()];
    }

    /** The least end of a window that holds so many positions of the data. */
    int end(int positions) {
        if (!byRows) {
            return positions;
        }
        Node data = graph.outputs();
        int width = columns[data.id()];
        int whole = Math.ceilDiv(Math.ceilDiv(positions, width), coarsest) * coarsest;
        return Math.min(whole, rows[data.id()]) * width;
    }

    /** The first position of a node's map that reads a position of the data or a later one. */
    int firstChanged(Node node, int position) {
        if (!(graph.causality().reach(node) instanceof Reach.Position reach)) {
            return total(node);
        }
        int width = columns[graph.outputs().id()];
        int scale = node.scale();
        int fromRow = position / width - reach.row();
        int row = Math.ceilDiv(fromRow, scale);
        int column = 0;
        if (row * scale == fromRow && reach.column() != Reach.Position.WHOLE_ROW) {
            column = Math.max(0, Math.ceilDiv(position % width - reach.column(), scale));
        }
        if (row < 0) {
            return 0;
        }
        // Behind its row's last column it is the next row's first.
        return Math.min(total(node), row * columns[node.id()] + Math.min(column, columns[node.id()]));
    }

    /** How many positions of each node's map the outputs up to a position of the data need. */
    void need(int end, int[] needed) {
        Arrays.fill(needed, 0);
        needed[graph.outputs().id()] = end;
        for (Node node : nodes.reversed()) {
            int id = node.id();
            if (graph.causality().reach(node) instanceof Reach.Nothing) {
                needed[id] = total(node);
            } else if (coarsest > 1) {
                int wide = columns[graph.outputs().id()];
                needed[id] = Math.min(rows[id], Math.ceilDiv(end / wide, node.scale())) * columns[id];
            }
            List<Operation.Input> read = node.operation().inputs();
            for (int i = 0; i < read.size() && needed[id] > 0; i++) {
                int input = node.inputs().get(i).id();
                int wanted = needed(node, needed[id], read.get(i).footprint(), input);
                needed[input] = Math.max(needed[input], wanted);
            }
        }
    }

    /** Positions of an input that the first so many of a node's read. */
    private int needed(Node node, int own, Footprint footprint, int input) {
        if (!(footprint instanceof Footprint.Taps taps)) {
            return rows[input] * columns[input];
        }
        if (taps.taps().isEmpty()) {
            return 0;
        }
        Tap last = taps.taps().getLast();
        int width = columns[node.id()];
        int row = (own - 1) / width + last.row();
        int column = byRows ? width - 1 : Math.min(width - 1, (own - 1) % width + last.column());
        return Math.clamp((long) row * width + column + 1, 0, rows[input] * columns[input]);
    }

    /** The window of a node's map that holds the positions {@code from .. to-1}. */
    GridShape.Window window(Node node, int from, int to) {
        int width = columns[node.id()];
        int first = from / width;
        int end = (to - 1) / width + 1;
        int side = Math.max(1, coarsest / node.scale());
        if (side > 1) {
            first = first / side * side;
        }
        int column =
                end - first > 1 || coarsest > 1 || isLines(node) ? 0 : from % width / aligned(node) * aligned(node);
        int columnEnd = end - first > 1 || byRows ? width : (to - 1) % width + 1;
        return new GridShape.Window(first, end - first, column, columnEnd - column);
    }

    /** Columns that one of a coarse input stands for, a condition's frame. */
    private int aligned(Node node) {
        int columns = 1;
        for (Node input : node.inputs()) {
            if (input.scale() > node.scale() && input.scale() < this.columns[node.id()]) {
                columns = Math.max(columns, input.scale() / node.scale());
            }
        }
        return columns;
    }

    /** The window of an input's map at a node's. */
    GridShape.Window read(Node node, Node input, GridShape.Window own) {
        int from = node.scale();
        int to = input.scale();
        if (from == to) {
            return own;
        }
        int id = input.id();
        int row = scaled(own.row(), from, to);
        int column = scaled(own.column(), from, to);
        int rowEnd = Math.min(rows[id], Math.ceilDiv((own.row() + own.rows()) * from, to));
        int columnEnd = Math.min(columns[id], Math.ceilDiv((own.column() + own.columns()) * from, to));
        return new GridShape.Window(row, rowEnd - row, column, columnEnd - column);
    }

    private static int scaled(int place, int from, int to) {
        return (int) ((long) place * from / to);
    }
}
