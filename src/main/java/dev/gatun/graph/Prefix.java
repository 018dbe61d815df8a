package dev.gatun.graph;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.NativeGrid;
import dev.gatun.foreign.StreamState;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * First positions of samples that are known, computed by a pass in place of step by step: what the pass has in its maps is laid
 * where a step program keeps what it still reads. The program then goes on behind them with the bits that it would have come to.
 */
public abstract sealed class Prefix permits SequencePrefix, GridPrefix {
    /**
     * A slot that is read at later positions.
     *
     * @param index among the program's slots
     * @param node whose values it holds
     * @param own whether these are what its operation keeps for itself
     */
    record Source(int index, Node node, boolean own) {
        NativeGrid map(Pass pass) {
            return own ? Objects.requireNonNull(pass.kept(node), "nothing is kept") : pass.grid(node);
        }
    }

    private final BoundGraph bound;
    private final List<Source> sources;
    private final Set<Node> wanted = new HashSet<>();

    Prefix(BoundGraph bound, List<Source> sources) {
        this.bound = bound;
        this.sources = sources;
        sources.forEach(source -> want(source.node()));
    }

    /**
     * What a program reads at later positions, or null where an operation keeps other things in it than in a pass.
     *
     * @param readLater whether the values of a node are, besides what its operation keeps
     * @param own the slot that an operation has to itself
     */
    static @Nullable List<Source> sources(BoundGraph bound, Predicate<Node> readLater, ToIntFunction<Node> own) {
        List<Source> sources = new ArrayList<>();
        for (Node node : bound.graph().nodes()) {
            List<Integer> kept = bound.kernel(node).stepSlots();
            if (!kept.isEmpty() && !kept.equals(List.of(bound.kernel(node).keptFeatures()))) {
                return null;
            }
            if (readLater.test(node)) {
                sources.add(new Source(node.id(), node, false));
            }
            if (!kept.isEmpty()) {
                sources.add(new Source(own.applyAsInt(node), node, true));
            }
        }
        return List.copyOf(sources);
    }

    private void want(Node node) {
        if (wanted.add(node)) {
            node.inputs().forEach(this::want);
        }
    }

    final BoundGraph bound() {
        return bound;
    }

    final List<Source> sources() {
        return sources;
    }

    /** Positions of those known first that it takes over; the others are left to steps. */
    public abstract int positions(int known);

    /** Values of an example that a pass over some positions takes: places of coarse maps are whole. */
    public abstract int values(int positions);

    /** Floats of the maps that a pass over some positions of an example has. */
    public abstract long floats(int positions);

    /**
     * A pass over first positions, or over some window of a sequence.
     *
     * @param arena owner of its maps
     */
    public abstract Pass pass(Arena arena, int examples, int positions);

    /** Computes what later positions read, from what the pass was given. */
    public final void run(Context context, Pass pass) {
        pass.run(context, wanted);
    }

    /**
     * Lays down what a program keeps at a position.
     *
     * @param pass that was run up to there
     * @param example of the pass
     * @param from the pass's first position
     * @param position of the program
     * @param to the state of a stream at its beginning
     */
    public abstract void write(Pass pass, int example, int from, int position, StreamState to);
}
