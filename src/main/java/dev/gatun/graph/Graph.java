package dev.gatun.graph;

import dev.gatun.op.Data;
import dev.gatun.op.Given;
import dev.gatun.op.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A model as a graph of operations, proven autoregressive when it was built. Immutable; it has no weights.
 *
 * <p>A family builds one with {@link Builder}; everything else (likelihood, gradients, the step program, receptive field,
 * cost) is derived from it.
 */
public final class Graph {
    private final Grid grid;
    private final List<Node> nodes;
    private final Node outputs;
    private final Causality causality;
    private final ChainOrder order;
    private final List<Integer> partEnds;

    private Graph(
            Grid grid,
            List<Node> nodes,
            Node outputs,
            @Nullable List<Integer> places,
            ChainOrder order,
            List<Integer> partEnds) {
        this.order = order;
        this.partEnds = List.copyOf(partEnds);
        this.grid = grid;
        this.nodes = List.copyOf(nodes);
        this.outputs = outputs;
        this.causality = Causality.of(grid, this.nodes, places);
        causality.demand(outputs);
    }

    /** Where the positions lie. */
    public Grid grid() {
        return grid;
    }

    /** Which position of the data each position of the grid is. */
    public ChainOrder order() {
        return order;
    }

    /** All nodes, inputs before what reads them. */
    public List<Node> nodes() {
        return nodes;
    }

    /** Which {@linkplain Builder#endPart part} a node belongs to, from 0. */
    int part(Node node) {
        return (int) partEnds.stream().filter(end -> end <= node.id()).count();
    }

    /** Whether it has more than one part. */
    public boolean hasParts() {
        return !partEnds.isEmpty();
    }

    /** The node whose features are a position's outputs, the parameters of its distribution. */
    public Node outputs() {
        return outputs;
    }

    /** The reach of every node, and the path on which it comes about. */
    public Causality causality() {
        return causality;
    }

    /**
     * Columns of the grid of an example: the length of a sequence, the width of an image.
     *
     * @param values of the example
     */
    public int columns(int values) {
        return values / (grid.rows() * valuesAtPosition());
    }

    /** Values of the data that lie at one position of the grid: an image's channels, else 1. */
    public int valuesAtPosition() {
        return nodes.stream()
                .map(Node::operation)
                .filter(Data.class::isInstance)
                .mapToInt(Operation::features)
                .max()
                .orElse(1);
    }

    /** Rows and columns of the data that a place of the coarsest map stands for, of those that depend on the data. */
    int coarsest() {
        return nodes.stream()
                .filter(node -> causality.reach(node) instanceof Reach.Position)
                .mapToInt(Node::scale)
                .max()
                .orElse(1);
    }

    /**
     * Positions of the map of a node: one for each {@link Node#scale} rows and columns.
     *
     * @param values of an example
     */
    public long positions(Node node, int values) {
        return (long) Math.ceilDiv(grid.rows(), node.scale()) * Math.ceilDiv(columns(values), node.scale());
    }

    /**
     * Floats of the maps of all nodes, each in a place of its own.
     *
     * @param values of an example
     */
    public long floats(int values) {
        return nodes.stream()
                .mapToLong(node -> node.operation().features() * positions(node, values))
                .sum();
    }

    /**
     * Floating-point operations of a forward pass over one example; masked weights do not count.
     *
     * @param values of the example: the length of a sequence, all channels of all pixels of an image
     */
    public long flops(int values) {
        return nodes.stream().mapToLong(node -> flops(node, values)).sum();
    }

    /** The same of one of its nodes. */
    public long flops(Node node, int values) {
        return node.operation().flops(positions(node, values));
    }

    /** What the outputs see of the data. */
    public ReceptiveField receptiveField() {
        return ReceptiveField.of(this);
    }

    /**
     * By place of the chain, whether the outputs of one place see it: the edges of the grid, states that are handed on and colour
     * groups count.
     *
     * @param values of an example
     * @param place whose outputs are meant, {@code (row * columns + column) * channels + channel} of images
     * @throws IllegalArgumentException if there is a dense layer, whose units are no positions
     */
    public boolean[] seen(int values, int place) {
        Objects.checkIndex(place, values);
        return SeenPositions.of(this, values, place);
    }

    /** Builds a graph node by node. */
    public static final class Builder {
        private final Grid grid;
        private final List<Node> nodes = new ArrayList<>();
        private @Nullable List<Integer> places;
        private ChainOrder order = ChainOrder.natural();
        private final List<Integer> partEnds = new ArrayList<>();

        /** A graph over a grid of positions. */
        public Builder(Grid grid) {
            this.grid = grid;
        }

        /**
         * Gives the chain's order of dense data: the place, from 1, of each unit of the data.
         *
         * @return this
         */
        public Builder places(List<Integer> order) {
            places = List.copyOf(order);
            return this;
        }

        /**
         * Gives the order of the data that the grid's positions are in, where it is not their own.
         *
         * @return this
         */
        public Builder order(ChainOrder chain) {
            order = chain;
            return this;
        }

        /**
         * Says that a run of nodes ends here, such as a residual block, few of which others read: {@link
         * PassKind#GRADIENTS_RECOMPUTED} computes the rest of them again.
         */
        public void endPart() {
            partEnds.add(nodes.size());
        }

        /**
         * Adds a node at the scale of its inputs.
         *
         * @param label what messages call it
         * @throws IllegalArgumentException if the inputs are not what the operation needs
         */
        public Node add(String label, Operation operation, Node... inputs) {
            return addAtScale(inputs.length == 0 ? 1 : inputs[0].scale(), label, operation, inputs);
        }

        /** As {@link #add}, for operations that change the scale. */
        public Node addAtScale(int scale, String label, Operation operation, Node... inputs) {
            List<Operation.Input> wanted = operation.inputs();
            if (wanted.size() != inputs.length) {
                throw new IllegalArgumentException(
                        label + ": found " + inputs.length + " inputs, expected " + wanted.size());
            }
            for (int i = 0; i < inputs.length; i++) {
                checkInput(label, i, inputs[i], wanted.get(i));
            }
            Node node = new Node(nodes.size(), label, operation, List.of(inputs), scale);
            nodes.add(node);
            return node;
        }

        private void checkInput(String label, int index, Node given, Operation.Input wanted) {
            if (!nodes.contains(given)) {
                throw new IllegalArgumentException(label + ": input " + index + " (" + given + ") is of another graph");
            }
            Operation from = given.operation();
            if (from.features() != wanted.features() || from.isLevels() != wanted.levels()) {
                throw new IllegalArgumentException(
                        label + ": input " + index + " (" + given + ") has " + from.features()
                                + (from.isLevels() ? " levels" : " features") + ", expected " + wanted.features()
                                + (wanted.levels() ? " levels" : " features"));
            }
        }

        /**
         * The graph whose last word is {@code outputs}.
         *
         * @throws LeakException if the outputs depend on their own position or a later one
         * @throws IllegalArgumentException if a node other than the data leads nowhere
         */
        public Graph build(Node outputs) {
            Objects.requireNonNull(outputs);
            for (Node node : nodes) {
                boolean read = node.equals(outputs)
                        || nodes.stream().anyMatch(other -> other.inputs().contains(node));
                if (!read && !(node.operation() instanceof Data) && !(node.operation() instanceof Given)) {
                    throw new IllegalArgumentException(node + ": nothing reads it, and it is not the outputs");
                }
            }
            return new Graph(grid, nodes, outputs, places, order, partEnds);
        }
    }
}
