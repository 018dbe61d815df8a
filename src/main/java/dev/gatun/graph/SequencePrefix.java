package dev.gatun.graph;

import dev.gatun.foreign.NativeGrid;
import dev.gatun.foreign.NativeStepProgram.Slot;
import dev.gatun.foreign.StreamState;
import dev.gatun.op.StepCode;
import java.lang.foreign.Arena;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The first positions of a sequence. */
final class SequencePrefix extends Prefix {
    private final List<Slot> slots;

    private SequencePrefix(BoundGraph bound, List<Source> sources, List<Slot> slots) {
        super(bound, sources);
        this.slots = slots;
    }

    /** That of a program, or null where an operation keeps other things in a program than in a pass. */
    static @Nullable SequencePrefix of(BoundGraph bound, StepSlots layout) {
        List<Slot> slots = layout.all();
        List<Node> nodes = bound.graph().nodes();
        // What comes seldom lies in a ring of one place alone.
        if (nodes.stream()
                .anyMatch(node -> node.scale() > 1 && slots.get(node.id()).depth() > 1)) {
            return null;
        }
        List<Source> sources = sources(
                bound,
                node -> slots.get(node.id()).depth() > 1
                        || node.scale() > 1
                        || node.operation().recurrence() != null,
                node -> layout.place(node, StepCode.own(0)));
        return sources == null ? null : new SequencePrefix(bound, sources, slots);
    }

    @Override
    public int positions(int known) {
        return known;
    }

    @Override
    public int values(int positions) {
        return positions;
    }

    @Override
    public long floats(int positions) {
        return bound().graph().floats(positions);
    }

    @Override
    public Pass pass(Arena arena, int examples, int positions) {
        return new Pass(bound(), arena, examples, 1, positions, PassKind.WINDOWS);
    }

    @Override
    public void write(Pass pass, int example, int from, int position, StreamState to) {
        for (Source source : sources()) {
            Slot slot = slots.get(source.index());
            NativeGrid map = source.map(pass);
            int scale = source.node().scale();
            for (int at = Math.max(0, position - slot.depth()); at < position; at++) {
                // Windows have what lies before them to their left.
                int column = at / scale - from / scale;
                to.write(
                        slot.offset(),
                        at % slot.depth(),
                        slot.features(),
                        map,
                        map.shape().index(example, 0, column));
            }
        }
    }
}
