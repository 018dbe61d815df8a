package dev.gatun.graph;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.NativeMap;
import dev.gatun.op.Kernel;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * Sums of many maps that are added up while these are computed, such as the skip connections of all layers: the sum lies where
 * its first map does, and each other one is added as soon as it is there, and then no longer needed. The order of adding, and
 * so every bit, is the same.
 */
final class RunningSums {
    /** Below, the sum follows its last map as soon. */
    private static final int FEWEST = 3;

    private final Function<Node, Kernel> kernels;
    private final Set<Node> sums = new HashSet<>();
    private final Map<Node, Node> ofTerm = new HashMap<>();

    /**
     * Those of a graph.
     *
     * @param sharing by which the values of a sum may lie where its first map does
     */
    RunningSums(Graph graph, Function<Node, Kernel> kernels, MapSharing sharing) {
        this.kernels = kernels;
        for (Node node : graph.nodes()) {
            if (runs(graph, node, sharing)) {
                sums.add(node);
                node.inputs().stream().skip(1).forEach(input -> ofTerm.put(input, node));
            }
        }
    }

    private boolean runs(Graph graph, Node sum, MapSharing sharing) {
        List<Node> terms = sum.inputs();
        if (terms.size() < FEWEST || !kernels.apply(sum).addsUp()) {
            return false;
        }
        Node first = terms.getFirst();
        for (int i = 1; i < terms.size(); i++) {
            if (terms.get(i).id() <= terms.get(i - 1).id() || ofTerm.containsKey(terms.get(i))) {
                return false;
            }
        }
        return sharing.values(sum) == sharing.values(first)
                && graph.nodes().stream()
                        .noneMatch(
                                reader -> !reader.equals(sum) && reader.inputs().contains(first));
    }

    /** Whether a node is such a sum: when its turn comes all is added up. */
    boolean has(Node node) {
        return sums.contains(node);
    }

    /** Adds a node, which has been computed, to the sum that it is a term of, if there is one. */
    void add(Context context, Node node, Function<Node, NativeMap> maps) {
        Node sum = ofTerm.get(node);
        if (sum != null) {
            kernels.apply(sum).add(context, maps.apply(node), maps.apply(sum));
        }
    }

    /** The node at whose turn a node is read last, or its own. */
    int lastRead(Graph graph, Node node) {
        return graph.nodes().stream()
                .filter(reader -> reader.inputs().contains(node))
                .mapToInt(reader -> has(reader) ? node.id() : reader.id())
                .reduce(node.id(), Math::max);
    }
}
