package dev.gatun.graph;

import dev.gatun.op.Data;
import dev.gatun.op.Footprint;
import dev.gatun.op.Operation;
import dev.gatun.op.Tap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;

/**
 * The positions of the data that an output can see, relative to its own, by the footprints alone.
 *
 * @param positions those seen, in chain order; empty where {@code unbounded}
 * @param unbounded whether a recurrence or a dense layer sees all that comes before
 */
public record ReceptiveField(NavigableSet<Tap> positions, boolean unbounded) {
    /** How many positions are listed at most: beyond it a field counts as unbounded. */
    private static final int MOST = 1 << 20;

    static ReceptiveField of(Graph graph) {
        Map<Node, Set<Tap>> seen = new HashMap<>();
        seen.put(graph.outputs(), Set.of(Tap.HERE));
        NavigableSet<Tap> positions = new TreeSet<>();
        for (int i = graph.outputs().id(); i >= 0; i--) {
            Node node = graph.nodes().get(i);
            Set<Tap> offsets = seen.remove(node);
            if (offsets == null) {
                continue;
            }
            if (node.operation() instanceof Data) {
                positions.addAll(offsets);
            } else if (node.operation().recurrence() != null || !spread(node, offsets, seen)) {
                return new ReceptiveField(new TreeSet<>(), true);
            }
        }
        return new ReceptiveField(positions, false);
    }

    /** Hands a node's offsets on to its inputs, moved by its taps; false where that cannot be listed. */
    private static boolean spread(Node node, Set<Tap> offsets, Map<Node, Set<Tap>> seen) {
        for (int i = 0; i < node.inputs().size(); i++) {
            Operation.Input input = node.operation().inputs().get(i);
            switch (input.footprint()) {
                case Footprint.Anywhere _ -> {}
                case Footprint.Degrees _ -> {
                    return false;
                }
                case Footprint.Taps taps -> {
                    Set<Tap> to = seen.computeIfAbsent(node.inputs().get(i), _ -> new HashSet<>());
                    for (Tap offset : offsets) {
                        taps.taps().forEach(tap -> to.add(offset.plus(tap)));
                    }
                    if (to.size() > MOST) {
                        return false;
                    }
                }
            }
        }
        return true;
    }

    /** Distance from the position to the farthest that it sees along a sequence; 0 if it sees none. */
    public int length() {
        return positions.isEmpty() ? 0 : Math.max(0, -positions.first().column());
    }
}
