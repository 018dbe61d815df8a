package dev.gatun.graph;

import dev.gatun.op.Data;
import dev.gatun.op.Footprint;
import dev.gatun.op.Footprint.Groups;
import dev.gatun.op.Operation;
import dev.gatun.op.Tap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;

/**
 * The positions of the data that an output can see, relative to its own, by the footprints alone. Where colours are positions of
 * their own it is the last one's, which sees the most.
 *
 * @param positions those seen, in chain order, pixels of which an earlier colour is seen among them; empty where {@code unbounded}
 * @param unbounded whether a recurrence or a dense layer sees all that comes before
 */
public record ReceptiveField(NavigableSet<Tap> positions, boolean unbounded) {
    /** How many positions are listed at most: beyond it a field counts as unbounded. */
    private static final int MOST = 1 << 20;

    /** A group of features at a place. */
    private record Seen(Tap tap, int group) {}

    static ReceptiveField of(Graph graph) {
        int groups = graph.grid().groups();
        Map<Node, Set<Seen>> seen = new HashMap<>();
        seen.put(graph.outputs(), Set.of(new Seen(Tap.HERE, groups - 1)));
        NavigableSet<Tap> positions = new TreeSet<>();
        for (int i = graph.outputs().id(); i >= 0; i--) {
            Node node = graph.nodes().get(i);
            Set<Seen> own = seen.remove(node);
            if (own == null) {
                continue;
            }
            if (node.operation() instanceof Data) {
                own.forEach(one -> positions.add(one.tap()));
            } else if (node.operation().recurrence() != null || !spread(node, own, groups, seen)) {
                return new ReceptiveField(new TreeSet<>(), true);
            }
        }
        return new ReceptiveField(positions, false);
    }

    /** Hands what is seen of a node on to its inputs, moved by its taps; false where that cannot be listed. */
    private static boolean spread(Node node, Set<Seen> own, int groups, Map<Node, Set<Seen>> seen) {
        for (int i = 0; i < node.inputs().size(); i++) {
            Operation.Input input = node.operation().inputs().get(i);
            switch (input.footprint()) {
                case Footprint.Anywhere _ -> {}
                case Footprint.Degrees _ -> {
                    return false;
                }
                case Footprint.Taps taps -> {
                    Set<Seen> to = seen.computeIfAbsent(node.inputs().get(i), _ -> new HashSet<>());
                    own.forEach(one -> spread(one, taps, groups, to));
                    if (to.size() > MOST) {
                        return false;
                    }
                }
            }
        }
        return true;
    }

    private static void spread(Seen from, Footprint.Taps taps, int groups, Set<Seen> to) {
        for (Tap tap : taps.taps()) {
            Groups visible = tap.equals(Tap.HERE) ? taps.groups() : Groups.ALL;
            for (int group = 0; group < end(visible, from.group, groups); group++) {
                to.add(new Seen(from.tap.plus(tap), group));
            }
        }
    }

    /** The group behind the last one that a group sees; 0 if it sees none. */
    static int end(Groups visible, int own, int groups) {
        return switch (visible) {
            case EARLIER -> own;
            case UP_TO_OWN -> own + 1;
            case ALL -> groups;
        };
    }

    /** Distance from the position to the farthest that it sees along a sequence; 0 if it sees none. */
    public int length() {
        return positions.isEmpty() ? 0 : Math.max(0, -positions.first().column());
    }

    /** How many rows above the position's own are seen. */
    public int rows() {
        return positions.isEmpty() ? 0 : -positions.first().row();
    }
}
