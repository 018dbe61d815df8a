package dev.gatun.foreign;

import dev.gatun.bindings.gatun_levels;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Levels (int32) at every position of a grid, for a batch of examples; -1 in the halo. Used by one thread at a time. */
public final class NativeLevels implements NativeGrid {
    private final GridShape shape;
    private final MemorySegment data;
    private final MemorySegment struct;
    private int examples;

    private NativeLevels(GridShape shape, MemorySegment data, MemorySegment struct) {
        this.shape = shape;
        this.data = data;
        this.struct = struct;
        gatun_levels.data(struct, data.asSlice(shape.origin() * Integer.BYTES, 0));
        gatun_levels.stride_example(struct, shape.strideExample());
        gatun_levels.stride_row(struct, shape.strideRow());
        gatun_levels.stride_column(struct, shape.strideColumn());
        gatun_levels.rows(struct, shape.rows());
        gatun_levels.columns(struct, shape.columns());
        gatun_levels.features(struct, shape.features());
        examples(shape.examples());
    }

    /** Levels of -1 in memory of the arena; {@code shape.features()} counts the levels of a position. */
    public static NativeLevels allocate(Arena arena, GridShape shape) {
        MemorySegment data = arena.allocate(Math.max(1, shape.size()) * Integer.BYTES, 64);
        data.fill((byte) -1);
        return new NativeLevels(shape, data, gatun_levels.allocate(arena));
    }

    /** Levels in memory that is there, which lasts as long as it. */
    public static NativeLevels of(Arena arena, GridShape shape, MemorySegment data) {
        NativeAffine.checkFloats("levels", data, shape.size());
        return new NativeLevels(shape, data, gatun_levels.allocate(arena));
    }

    /** Takes the levels of another grid of the same extents, whose caller has checked their range. */
    public void copy(NativeLevels from) {
        Kernels.checkGrids(from, this);
        Kernels.checkFeatures("levels", from, shape.features());
        long row = (long) shape.columns() * shape.features() * Integer.BYTES;
        for (int n = 0; n < examples; n++) {
            for (int i = 0; i < shape.rows(); i++) {
                long at = from.shape.index(n, i, 0) * Integer.BYTES;
                MemorySegment.copy(from.data, at, data, shape.index(n, i, 0) * Integer.BYTES, row);
            }
        }
    }

    /** Sets the levels of a row from an array of columns x features. The caller has checked their range. */
    public void writeRow(int example, int row, int[] from, int offset, int count) {
        if (count > shape.columns() * shape.features()) {
            throw new IllegalArgumentException(
                    count + " levels for a row of " + shape.columns() + " x " + shape.features());
        }
        long at = shape.index(example, row, 0) * Integer.BYTES;
        MemorySegment.copy(from, offset, data, ValueLayout.JAVA_INT, at, count);
    }

    /** Sets the first level of a position. The caller has checked its range. */
    public void write(int example, int row, int column, int level) {
        data.setAtIndex(ValueLayout.JAVA_INT, shape.index(example, row, column), level);
    }

    @Override
    public GridShape shape() {
        return shape;
    }

    @Override
    public MemorySegment memory() {
        return data;
    }

    @Override
    public int examples() {
        return examples;
    }

    @Override
    public void examples(int count) {
        if (count < 0 || count > shape.examples()) {
            throw new IllegalArgumentException("examples: found " + count + ", expected 0.." + shape.examples());
        }
        examples = count;
        gatun_levels.examples(struct, count);
    }

    @Override
    public void window(int example, GridShape.Window window) {
        shape.check(example, window);
        examples(1);
        part(example, window);
    }

    @Override
    public void window(GridShape.Window window) {
        shape.check(0, window);
        part(0, window);
    }

    private void part(int example, GridShape.Window window) {
        // Calls read levels at the positions of their output, whose extents count. Taps are clamped by those of the
        // grid.
        long first = shape.index(example, window.row(), window.column());
        gatun_levels.data(struct, data.asSlice(first * Integer.BYTES, 0));
    }

    private int before() {
        return Math.toIntExact(shape.halo().left() * shape.strideColumn());
    }

    @Override
    public void saveLast(MemorySegment to) {
        int width = before();
        for (int n = 0; n < shape.examples(); n++) {
            long from = shape.index(n, 0, shape.columns() - shape.halo().left());
            for (int i = 0; i < width; i++) {
                int level = data.getAtIndex(ValueLayout.JAVA_INT, from + i);
                to.setAtIndex(ValueLayout.JAVA_FLOAT, (long) n * width + i, level);
            }
        }
    }

    @Override
    public void loadBefore(MemorySegment from, int levels) {
        int width = before();
        for (int n = 0; n < shape.examples(); n++) {
            long to = shape.index(n, 0, -shape.halo().left());
            for (int i = 0; i < width; i++) {
                float level = from.getAtIndex(ValueLayout.JAVA_FLOAT, (long) n * width + i);
                // Kernels look these up: whatever the numbers come from, they must be levels.
                if (!(level >= -1 && level < levels)) {
                    throw new IllegalArgumentException(
                            "carried state: found " + level + ", expected a level, -1.." + (levels - 1));
                }
                data.setAtIndex(ValueLayout.JAVA_INT, to + i, (int) level);
            }
        }
    }

    @Override
    public void moveLastBefore() {
        long width = shape.halo().left() * shape.strideColumn() * Integer.BYTES;
        for (int n = 0; n < shape.examples(); n++) {
            long from = shape.index(n, 0, shape.columns() - shape.halo().left()) * Integer.BYTES;
            MemorySegment.copy(data, from, data, shape.index(n, 0, -shape.halo().left()) * Integer.BYTES, width);
        }
    }

    @Override
    public void clearBefore() {
        for (int n = 0; n < shape.examples(); n++) {
            long to = shape.index(n, 0, -shape.halo().left()) * Integer.BYTES;
            data.asSlice(to, (long) before() * Integer.BYTES).fill((byte) -1);
        }
    }

    @Override
    public MemorySegment struct() {
        return struct;
    }
}
