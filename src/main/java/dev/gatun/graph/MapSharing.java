package dev.gatun.graph;

import dev.gatun.foreign.GridShape;
import dev.gatun.op.Kernel;
import dev.gatun.op.Tap;
import dev.gatun.tensor.SplitMix;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Which nodes of a pass have their maps in the same memory: a map that nobody reads any more gives its place to what is
 * computed from it, and gradients that are the same, or are computed feature by feature, lie where the one before them lay.
 * That is less memory to walk through, and less of it.
 *
 * <p>Each sharing is tried, and kept if a run through the graph finds every map whole where it is read: maps and gradients are
 * stood for by numbers, of which those that are added up have the sum.
 */
final class MapSharing {
    private final Graph graph;
    private final Function<Node, Kernel> kernels;
    private final List<Node> nodes;
    private final boolean[] wanted;
    private final boolean training;
    private final GridShape.Halo[] halos;
    private final boolean[] kept;
    private final int[] values;
    private final int[] gradients;
    /** Whose values are a view of their input's, and from where; likewise whose gradients are one of their reader's. */
    private final @Nullable Tap[] movedValues;

    private final @Nullable Tap[] movedGradients;

    /**
     * Finds what can be shared.
     *
     * @param kernels of each node
     * @param kind what the pass is for
     * @param wanted of which nodes a gradient is computed, where there is training
     * @param halos what each node and its readers need around its map
     */
    MapSharing(Graph graph, Function<Node, Kernel> kernels, PassKind kind, boolean[] wanted, GridShape.Halo[] halos) {
        this.graph = graph;
        this.kernels = kernels;
        this.nodes = graph.nodes();
        this.training = kind.training();
        this.wanted = wanted;
        this.halos = halos;
        values = alone();
        gradients = alone();
        movedValues = new Tap[nodes.size()];
        movedGradients = new Tap[nodes.size()];
        kept = keptToTheEnd();
        if (kind.shares()) {
            for (Node node : nodes) {
                viewValues(node);
                shareValues(node);
            }
        }
        if (training) {
            for (Node node : nodes.reversed()) {
                shareGradients(node);
            }
        }
    }

    private int[] alone() {
        int[] homes = new int[nodes.size()];
        Arrays.setAll(homes, id -> id);
        return homes;
    }

    /** The node, at most this one, in whose map the node's values lie. */
    int values(Node node) {
        return values[node.id()];
    }

    /** Whether a node's values are read behind a run: by a gradient, or the next window of a sequence. */
    boolean isKept(Node node) {
        return kept[node.id()];
    }

    /** The node, at least this one, in whose gradient's map the node's lies. */
    int gradients(Node node) {
        return gradients[node.id()];
    }

    /** Where a node's values lie from its home's, or null where they are its home's. */
    @Nullable
    Tap movesValues(Node node) {
        return movedValues[node.id()];
    }

    /** Where a node's gradient lies from its home's, or null. */
    @Nullable
    Tap movesGradient(Node node) {
        return movedGradients[node.id()];
    }

    /** What lies around a view is not zero: no reader may look there. */
    private void viewValues(Node node) {
        Tap tap = kernels.apply(node).moves();
        if (tap == null || !halos[node.id()].equals(GridShape.Halo.NONE)) {
            return;
        }
        Node input = node.inputs().getFirst();
        if (input.inputs().isEmpty() || movedValues[input.id()] != null || !alike(node, input)) {
            return;
        }
        values[node.id()] = values[input.id()];
        movedValues[node.id()] = tap;
        if (!valuesHold()) {
            values[node.id()] = node.id();
            movedValues[node.id()] = null;
        }
    }

    private void shareValues(Node node) {
        for (int i = 0; i < node.inputs().size() && values[node.id()] == node.id(); i++) {
            Node input = node.inputs().get(i);
            // What is filled in from outside is not computed anew by each run.
            boolean whole = !input.inputs().isEmpty() && movedValues[input.id()] == null;
            if (!kernels.apply(node).runsInPlace(i) || !whole || !alike(node, input)) {
                continue;
            }
            values[node.id()] = values[input.id()];
            if (!valuesHold()) {
                values[node.id()] = node.id();
            }
        }
    }

    private void shareGradients(Node node) {
        for (int i = 0; i < node.inputs().size(); i++) {
            Node input = node.inputs().get(i);
            int before = gradients[input.id()];
            if (!mayShareGradient(node, i) || before != input.id() || !wanted[input.id()] || !alike(node, input)) {
                continue;
            }
            gradients[input.id()] = gradients[node.id()];
            Tap tap = kernels.apply(node).moves();
            movedGradients[input.id()] = tap == null ? null : tap.times(-1);
            if (!gradientsHold()) {
                gradients[input.id()] = before;
                movedGradients[input.id()] = null;
            }
        }
    }

    /** A view is not written to, has no views, and what lies around it is not zero. */
    private boolean mayShareGradient(Node node, int input) {
        Kernel kernel = kernels.apply(node);
        Kernel before = kernels.apply(node.inputs().get(input));
        return kernel.gradientWay(input) != Kernel.GradientWay.OWN
                && movedGradients[node.id()] == null
                && (kernel.moves() == null || before.gradientHalo().equals(GridShape.Halo.NONE));
    }

    /** Whether two maps are of one shape, and neither is special: the outputs' maps have other views. */
    private boolean alike(Node node, Node input) {
        Node outputs = graph.outputs();
        return node.operation().features() == input.operation().features()
                && node.scale() == input.scale()
                && !node.equals(outputs)
                && !input.equals(outputs)
                && !input.operation().isLevels()
                && kernels.apply(node).outputHalo().equals(GridShape.Halo.NONE)
                && kernels.apply(input).outputHalo().equals(GridShape.Halo.NONE);
    }

    private boolean valuesHold() {
        int[] content = new int[nodes.size()];
        Arrays.fill(content, -1);
        for (Node node : nodes) {
            for (Node input : node.inputs()) {
                if (content[values[input.id()]] != content(input)) {
                    return false;
                }
            }
            content[values[node.id()]] = content(node);
        }
        for (Node node : nodes) {
            if (kept[node.id()] && content[values[node.id()]] != content(node)) {
                return false;
            }
        }
        return true;
    }

    /** The node whose values are in a node's map. */
    private int content(Node node) {
        return movedValues[node.id()] == null
                ? node.id()
                : node.inputs().getFirst().id();
    }

    /** Whose maps something is to be found in behind a run: by a gradient, or the next window of a sequence. */
    private boolean[] keptToTheEnd() {
        boolean[] kept = new boolean[nodes.size()];
        for (Node node : nodes) {
            kept[node.id()] |= !halos[node.id()].equals(GridShape.Halo.NONE);
            if (!training || !wanted[node.id()]) {
                continue;
            }
            Kernel kernel = kernels.apply(node);
            kept[node.id()] |= kernel.gradientReadsOutput();
            for (int i = 0; i < node.inputs().size(); i++) {
                kept[node.inputs().get(i).id()] |= kernel.gradientReadsInput(i);
            }
        }
        return kept;
    }

    private boolean gradientsHold() {
        long[] content = new long[nodes.size()];
        long[] whole = new long[nodes.size()];
        boolean[] written = new boolean[nodes.size()];
        int last = graph.outputs().id();
        whole[last] = number(last, -1);
        content[gradients[last]] = whole[last];
        for (int id = last; id >= 0; id--) {
            if (!wanted[id]) {
                continue;
            }
            if (content[gradients[id]] != whole[id] || !backwards(nodes.get(id), content, whole, written)) {
                return false;
            }
        }
        return true;
    }

    private boolean backwards(Node node, long[] content, long[] whole, boolean[] written) {
        int from = gradients[node.id()];
        for (int i = 0; i < node.inputs().size(); i++) {
            int input = node.inputs().get(i).id();
            if (!wanted[input]) {
                continue;
            }
            if (movedGradients[input] != null && written[input]) {
                return false;
            }
            boolean same =
                    kernels.apply(node).gradientWay(i) == Kernel.GradientWay.SAME || movedGradients[input] != null;
            long share = same ? whole[node.id()] : number(node.id(), i);
            int to = gradients[input];
            if (to != from) {
                content[to] = written[input] ? content[to] + share : share;
            } else if (written[input]) {
                return false;
            } else {
                content[to] = share;
            }
            whole[input] += share;
            written[input] = true;
        }
        return true;
    }

    /** A number for what a node adds to the gradient of an input, unlike all sums of others. */
    private static long number(int node, int input) {
        return SplitMix.mixed(node * 4096L + input + 2);
    }
}
