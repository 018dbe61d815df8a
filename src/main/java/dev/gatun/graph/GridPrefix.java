package dev.gatun.graph;

import dev.gatun.foreign.NativeGrid;
import dev.gatun.foreign.NativeGridProgram.Extent;
import dev.gatun.foreign.NativeGridProgram.Slot;
import dev.gatun.foreign.StreamState;
import dev.gatun.op.StepCode;
import java.lang.foreign.Arena;
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
        // A row of a coarse map serves several of the data's.
        List<Source> sources = sources(
                bound,
                node -> slots.get(node.id()).rows() > 1 || node.scale() > 1,
                node -> layout.own(node, StepCode.own(0)));
        return sources == null ? null : new GridPrefix(bound, sources, slots, extent);
    }

    private int row() {
        return extent.columns() * extent.channels();
    }

    @Override
    public int positions(int known) {
        return known / row() * row();
    }

    /** Rows of the data that a pass over some of them has. */
    private int rows(int positions) {
        int coarsest = bound().graph().coarsest();
        return Math.min(extent.rows(), Math.ceilDiv(positions / row(), coarsest) * coarsest);
    }

    @Override
    public int values(int positions) {
        return rows(positions) * row();
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
