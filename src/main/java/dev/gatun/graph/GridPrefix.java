package dev.gatun.graph;

import dev.gatun.foreign.NativeGrid;
import dev.gatun.foreign.NativeGridProgram.Extent;
import dev.gatun.foreign.NativeGridProgram.Slot;
import dev.gatun.foreign.StreamState;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The first rows of a grid. */
final class GridPrefix extends Prefix {
    private final List<Slot> slots;
    private final Extent extent;

    private GridPrefix(BoundGraph bound, List<Source> sources, List<Slot> slots, Extent extent) {
        super(bound, sources);
        this.slots = slots;
        this.extent = extent;
    }

    /** That of a program, or null where an operation keeps other things in a program than in a pass. */
    static @Nullable GridPrefix of(BoundGraph bound, GridSlots layout, Extent extent) {
        List<Slot> slots = layout.all();
        List<Source> sources = new ArrayList<>();
        for (Node node : bound.graph().nodes()) {
            if (!keepsAlike(bound, node)) {
                return null;
            }
            // A row of a coarse map serves several of the data's.
            if (slots.get(node.id()).rows() > 1 || node.scale() > 1) {
                sources.add(new Source(node.id(), node, false));
            }
            if (!bound.kernel(node).stepSlots().isEmpty()) {
                sources.add(new Source(layout.own(node), node, true));
            }
        }
        return new GridPrefix(bound, sources, slots, extent);
    }

    private int row() {
        return extent.columns() * extent.channels();
    }

    @Override
    public int positions(int known) {
        return known / row() * row();
    }

    /** Rows of the data that a pass over some of them has: places of coarse maps are whole. */
    private int rows(int positions) {
        int coarsest = bound().graph().nodes().stream()
                .mapToInt(Node::scale)
                .filter(scale -> scale != Node.ALL_POSITIONS)
                .max()
                .orElse(1);
        return Math.min(extent.rows(), Math.ceilDiv(positions / row(), coarsest) * coarsest);
    }

    @Override
    public long floats(int positions) {
        int rows = rows(positions);
        return bound().graph().nodes().stream()
                .mapToLong(node -> (long) node.operation().features()
                        * Math.ceilDiv(rows, node.scale())
                        * Math.ceilDiv(extent.columns(), node.scale()))
                .sum();
    }

    @Override
    public Pass pass(Arena arena, int examples, int positions) {
        return new Pass(bound(), arena, examples, rows(positions), extent.columns(), PassKind.WINDOWS);
    }

    @Override
    public void write(Pass pass, int example, int from, int position, StreamState to) {
        int rows = position / row();
        for (Source source : sources()) {
            Slot slot = slots.get(source.index());
            int scale = source.node().scale();
            // A place of a coarse map is there from the first of its rows on.
            int end = Math.ceilDiv(rows, scale);
            for (int row = Math.max(0, end - slot.rows()); row < end; row++) {
                writeRow(source.map(pass), example, row, slot, to);
            }
        }
    }

    private static void writeRow(NativeGrid map, int example, int row, Slot slot, StreamState to) {
        long places = (long) slot.left() + slot.columns() + slot.right();
        long first = row % slot.rows() * places + slot.left();
        for (int column = 0; column < slot.columns(); column++) {
            to.write(
                    slot.offset(),
                    first + column,
                    slot.features(),
                    map,
                    map.shape().index(example, row, column));
        }
    }
}
