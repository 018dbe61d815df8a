package dev.gatun.graph;

import dev.gatun.op.Data;
import dev.gatun.op.Footprint;
import dev.gatun.op.Footprint.Groups;
import dev.gatun.op.Operation;
import dev.gatun.op.Tap;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The proof that a graph is autoregressive: the reach of every node, composed from footprints from the data to the outputs.
 * If the outputs reach their own position or a later one, the proof fails with the path on which it happens.
 */
public final class Causality {
    /** Why a node reaches what it does: through which input, at which tap. */
    private record Cause(Node node, int input, @Nullable Tap tap) {}

    private final Grid grid;
    private final @Nullable List<Integer> places;
    private final Map<Node, Reach> reaches = new HashMap<>();
    private final Map<Node, Cause> causes = new HashMap<>();

    private Causality(Grid grid, @Nullable List<Integer> places) {
        this.grid = grid;
        this.places = places;
    }

    /**
     * Walks the nodes, in an order in which inputs come first.
     *
     * @param places of dense data the place in the chain of each unit, else null
     */
    static Causality of(Grid grid, List<Node> nodes, @Nullable List<Integer> places) {
        Causality walk = new Causality(grid, places);
        for (Node node : nodes) {
            walk.reaches.put(node, walk.reach(node));
        }
        return walk;
    }

    /** What a node's value reaches. */
    public Reach reach(Node node) {
        Reach known = reaches.get(node);
        return known != null ? known : compute(node);
    }

    private Reach compute(Node node) {
        if (node.operation() instanceof Data) {
            return places == null ? Reach.Position.OWN : new Reach.Units(places);
        }
        Reach latest = new Reach.Nothing();
        List<Operation.Input> inputs = node.operation().inputs();
        for (int i = 0; i < inputs.size(); i++) {
            Reach input = Objects.requireNonNull(reaches.get(node.inputs().get(i)));
            latest = later(node, latest, i, input, inputs.get(i).footprint());
        }
        Footprint recurrence = node.operation().recurrence();
        return recurrence == null ? latest : recur(node, latest, recurrence);
    }

    private Reach later(Node node, Reach latest, int index, Reach input, Footprint footprint) {
        return switch (footprint) {
            case Footprint.Anywhere _ -> latest;
            case Footprint.Taps taps
            when input instanceof Reach.Position position -> laterTap(node, latest, index, position, taps);
            case Footprint.Taps taps
            when input instanceof Reach.Units units -> {
                if (!taps.taps().equals(List.of(Tap.HERE))) {
                    throw new IllegalArgumentException(node + ": taps over the units of a dense layer");
                }
                yield laterUnits(latest, units.places());
            }
            case Footprint.Taps _ -> latest;
            case Footprint.Degrees degrees
            when input instanceof Reach.Units units -> laterUnits(latest, seenPlaces(degrees, units.places()));
            case Footprint.Degrees _ ->
                throw new IllegalArgumentException(node + ": degrees over a map that has positions");
        };
    }

    private Reach laterTap(Node node, Reach latest, int index, Reach.Position input, Footprint.Taps taps) {
        Reach result = latest;
        for (Tap tap : taps.taps()) {
            boolean own = tap.equals(Tap.HERE);
            if (own && taps.groups() == Groups.EARLIER && grid.groups() == 1) {
                continue; // no group comes before the only one
            }
            Reach.Position reached = input.from(tap, own ? taps.groups() : Groups.ALL);
            if (!(result instanceof Reach.Position position) || reached.compareTo(position) > 0) {
                result = reached;
                causes.put(node, new Cause(node.inputs().get(index), index, tap));
            }
        }
        return result;
    }

    private static Reach laterUnits(Reach latest, List<Integer> places) {
        if (!(latest instanceof Reach.Units units)) {
            return new Reach.Units(places);
        }
        List<Integer> later = new ArrayList<>();
        for (int i = 0; i < places.size(); i++) {
            later.add(Math.max(places.get(i), units.places().get(i)));
        }
        return new Reach.Units(later);
    }

    private static List<Integer> seenPlaces(Footprint.Degrees degrees, List<Integer> inputs) {
        // The latest place by degree: an output sees the inputs of all degrees up to some.
        TreeMap<Integer, Integer> latest = new TreeMap<>();
        for (int input = 0; input < inputs.size(); input++) {
            latest.merge(degrees.inputs().get(input), inputs.get(input), Math::max);
        }
        int before = 0;
        for (Map.Entry<Integer, Integer> entry : latest.entrySet()) {
            before = Math.max(before, entry.getValue());
            entry.setValue(before);
        }
        List<Integer> seen = new ArrayList<>();
        for (int own : degrees.outputs()) {
            Map.Entry<Integer, Integer> last = degrees.strict() ? latest.lowerEntry(own) : latest.floorEntry(own);
            seen.add(last == null ? 0 : last.getValue());
        }
        return seen;
    }

    /** A state handed on along its row reaches all of it; one handed on from before adds nothing later. */
    private static Reach recur(Node node, Reach latest, Footprint recurrence) {
        if (!(recurrence instanceof Footprint.Taps taps) || !(latest instanceof Reach.Position position)) {
            return latest;
        }
        boolean backwards = false;
        for (Tap tap : taps.taps()) {
            if (tap.row() > 0 || tap.equals(Tap.HERE)) {
                throw new IllegalArgumentException(node + ": its state reads " + tap + " of itself");
            }
            backwards |= tap.row() == 0 && tap.column() > 0;
        }
        return backwards ? position.wholeRow() : position;
    }

    /**
     * Demands that a node reaches strictly earlier positions only.
     *
     * @throws LeakException naming the path from it to what it must not see
     */
    void demand(Node outputs) {
        switch (reach(outputs)) {
            case Reach.Nothing _ -> {}
            case Reach.Position position -> {
                if (!position.isBefore()) {
                    throw new LeakException(outputs + " depends on " + position + ", expected earlier positions only: "
                            + path(outputs));
                }
            }
            case Reach.Units units -> demandUnits(outputs, units.places());
        }
    }

    private void demandUnits(Node outputs, List<Integer> reached) {
        List<Integer> own = Objects.requireNonNull(places);
        int width = Math.max(1, reached.size() / own.size());
        for (int unit = 0; unit < reached.size(); unit++) {
            int place = own.get(Math.min(unit / width, own.size() - 1));
            if (reached.get(unit) >= place) {
                throw new LeakException(outputs + ": output " + unit + " of the position at place " + place
                        + " of the chain depends on place " + reached.get(unit) + ", expected earlier places only");
            }
        }
    }

    /** The path along which a node reaches its latest position, from it to the data. */
    public String path(Node from) {
        StringBuilder text = new StringBuilder(from.label());
        Node node = from;
        Cause cause;
        while ((cause = causes.get(node)) != null) {
            if (node.operation().recurrence() != null) {
                text.append(" (recurrent)");
            }
            text.append(" <- ").append(cause.node().label());
            if (cause.tap() != null && !cause.tap().equals(Tap.HERE)) {
                text.append(" at ").append(cause.tap());
            }
            node = cause.node();
        }
        return text.toString();
    }
}
