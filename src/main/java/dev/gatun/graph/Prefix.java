package dev.gatun.graph;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.NativeGrid;
import dev.gatun.foreign.StreamState;
import java.lang.foreign.Arena;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

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
        this.sources = List.copyOf(sources);
        sources.forEach(source -> want(source.node()));
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

    /** Whether an operation keeps one map for itself in a pass, and the same in a program. */
    static boolean keepsAlike(BoundGraph bound, Node node) {
        List<Integer> own = bound.kernel(node).stepSlots();
        return own.isEmpty()
                || (own.size() == 1 && own.getFirst() == bound.kernel(node).keptFeatures());
    }
}
