package dev.gatun.foreign;

import dev.gatun.bindings.gatun_map;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/** A feature map: floats at every position of a grid, for a batch of examples. Used by one thread at a time. */
public final class NativeMap implements NativeGrid {
    private final GridShape shape;
    private final MemorySegment data;
    private final MemorySegment struct;
    private final MemorySegment part;
    /** The grid as taps read it: where the struct begins, with the extents of the grid, by which taps are clamped. */
    private final MemorySegment source;

    private int examples;

    private NativeMap(GridShape shape, MemorySegment data, Arena arena) {
        this.shape = shape;
        this.data = data;
        this.struct = gatun_map.allocate(arena);
        this.part = gatun_map.allocate(arena);
        this.source = gatun_map.allocate(arena);
        gatun_map.data(struct, data.asSlice(shape.origin() * Float.BYTES, 0));
        gatun_map.stride_example(struct, shape.strideExample());
        gatun_map.stride_row(struct, shape.strideRow());
        gatun_map.stride_column(struct, shape.strideColumn());
        gatun_map.rows(struct, shape.rows());
        gatun_map.columns(struct, shape.columns());
        gatun_map.features(struct, shape.features());
        source.copyFrom(struct);
        examples(shape.examples());
    }

    /** A map of zeros in memory of the arena. */
    public static NativeMap allocate(Arena arena, GridShape shape) {
        MemorySegment data = arena.allocate(Math.max(1, shape.size()) * Float.BYTES, 64);
        return new NativeMap(shape, data, arena);
    }

    /** A map of memory that is there, which lasts as long as it. */
    public static NativeMap of(Arena arena, GridShape shape, MemorySegment data) {
        NativeAffine.checkFloats("map", data, shape.size());
        return new NativeMap(shape, data, arena);
    }

    /**
     * The same memory as one row of places of so many features: each position's features in as many places, one after the
     * other.
     *
     * @param features of a place, a divisor of the map's
     * @throws IllegalArgumentException if the map has a halo between them
     */
    public NativeMap places(Arena arena, int features) {
        if (shape.rows() == 1 && shape.features() == features) {
            return this;
        }
        long places = (long) shape.rows() * shape.columns() * (shape.features() / features);
        if (!shape.halo().equals(GridShape.Halo.NONE)
                || shape.features() % features != 0
                || places > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("places of " + features + " features in " + shape
                    + ": expected a divisor of its features, and no halo");
        }
        NativeMap view = new NativeMap(
                new GridShape(shape.examples(), 1, (int) places, features, GridShape.Halo.NONE), data, arena);
        view.examples(examples);
        return view;
    }

    /**
     * The beginning of the same memory as a map of other extents, without a halo, for as many examples.
     *
     * @throws IllegalArgumentException if it is more than there is
     */
    public NativeMap beginning(Arena arena, int rows, int columns) {
        GridShape own = new GridShape(shape.examples(), rows, columns, shape.features(), GridShape.Halo.NONE);
        if (own.size() > shape.size()) {
            throw new IllegalArgumentException("a map of " + own + " in the memory of " + shape);
        }
        return new NativeMap(own, data, arena);
    }

    /**
     * The same memory, each position of it so many rows further down and columns further to the right: what lies there in the
     * halo comes in, as zeros, and what comes out on the other side is its halo. Nothing is to be written to it.
     *
     * @throws IllegalArgumentException if the halo is not as large
     */
    public NativeMap moved(Arena arena, int row, int column) {
        NativeMap view = new NativeMap(movedShape(row, column), data, arena);
        view.examples(examples);
        return view;
    }

    /** Whether this is {@link #moved} of another map. */
    public boolean isMoved(NativeMap other, int row, int column) {
        return data.address() == other.data.address() && shape.equals(other.movedShape(row, column));
    }

    private GridShape movedShape(int row, int column) {
        int down = Math.clamp(row, -shape.rows(), shape.rows());
        int right = Math.clamp(column, -shape.columns(), shape.columns());
        GridShape.Halo halo = shape.halo();
        GridShape.Halo around =
                new GridShape.Halo(halo.top() + down, halo.bottom() - down, halo.left() + right, halo.right() - right);
        return new GridShape(shape.examples(), shape.rows(), shape.columns(), shape.features(), around);
    }

    /** A view of one column of the positions of a one-row map; {@link #moveTo} chooses which. */
    public NativeMap columnView(Arena arena) {
        NativeMap view = new NativeMap(shape, data, arena);
        gatun_map.columns(view.struct, 1);
        view.examples(examples);
        return view;
    }

    /** Moves a view made by {@link #columnView} to a column. */
    public void moveTo(int column) {
        if (column < 0 || column >= shape.columns()) {
            throw new IndexOutOfBoundsException("column " + column + " of " + shape.columns());
        }
        gatun_map.data(struct, data.asSlice(shape.index(0, 0, column) * Float.BYTES, 0));
    }

    /** Moves a view made by {@link #columnView} to a column of one example, which is from then on its only one. */
    public void moveTo(int example, int column) {
        Objects.checkIndex(column, shape.columns());
        Objects.checkIndex(example, shape.examples());
        examples(1);
        gatun_map.data(struct, data.asSlice(shape.index(example, 0, column) * Float.BYTES, 0));
    }

    /** The floats of features {@code 0 ..} at a position, into an array. */
    public void read(int example, int row, int column, float[] into, int offset) {
        long at = shape.index(example, row, column) * Float.BYTES;
        MemorySegment.copy(data, ValueLayout.JAVA_FLOAT, at, into, offset, shape.features());
    }

    /** Sets the features of a position. */
    public void write(int example, int row, int column, float[] from, int offset) {
        long at = shape.index(example, row, column) * Float.BYTES;
        MemorySegment.copy(from, offset, data, ValueLayout.JAVA_FLOAT, at, shape.features());
    }

    /** Sets the first values of a row from an array of columns x features. */
    public void writeRow(int example, int row, float[] from, int offset, int count) {
        if (count > shape.columns() * shape.features()) {
            throw new IllegalArgumentException(count + " values for a row of " + shape.columns() + " columns of "
                    + shape.features() + " features");
        }
        long at = shape.index(example, row, 0) * Float.BYTES;
        MemorySegment.copy(from, offset, data, ValueLayout.JAVA_FLOAT, at, count);
    }

    /** Sets a window of all examples from a map of its extent. */
    public void set(GridShape.Window window, NativeMap from) {
        GridShape other = from.shape;
        shape.check(0, window);
        if (other.rows() != window.rows()
                || other.columns() != window.columns()
                || other.features() != shape.features()
                || other.examples() != shape.examples()) {
            throw new IllegalArgumentException("a window of " + window + " of " + shape + " from " + other);
        }
        long bytes = window.columns() * shape.strideColumn() * Float.BYTES;
        for (int n = 0; n < shape.examples(); n++) {
            for (int row = 0; row < window.rows(); row++) {
                long to = shape.index(n, window.row() + row, window.column()) * Float.BYTES;
                MemorySegment.copy(from.data, other.index(n, row, 0) * Float.BYTES, data, to, bytes);
            }
        }
    }

    /** Sets all features of positions {@code from .. to-1} of a row to zero. */
    public void clear(int example, int row, int from, int to) {
        Objects.checkFromToIndex(from, to, shape.columns());
        for (int column = from; column < to; column++) {
            long at = shape.index(example, row, column) * Float.BYTES;
            data.asSlice(at, (long) shape.features() * Float.BYTES).fill((byte) 0);
        }
    }

    void checkFeatures(int first, int count) {
        if (first < 0 || count > shape.features() - first) {
            throw new IllegalArgumentException("features: found " + first + " .. " + (first + count - 1)
                    + ", expected some of " + shape.features());
        }
    }

    /**
     * The struct of the positions that are alike in stride x stride, those whose first is (row, column); valid until the next
     * call. Rows and columns are multiples of the stride.
     */
    MemorySegment every(int stride, int row, int column) {
        part.copyFrom(struct);
        long first = row * shape.strideRow() + column * shape.strideColumn();
        gatun_map.data(part, MemorySegment.ofAddress(gatun_map.data(struct).address() + first * Float.BYTES));
        gatun_map.stride_row(part, stride * shape.strideRow());
        gatun_map.stride_column(part, stride * shape.strideColumn());
        gatun_map.rows(part, gatun_map.rows(struct) / stride);
        gatun_map.columns(part, gatun_map.columns(struct) / stride);
        return part;
    }

    /** Demands that the part that calls work on has as many positions as a map has. */
    void checkPart(NativeMap other) {
        int rows = gatun_map.rows(struct);
        int columns = gatun_map.columns(struct);
        if (rows != other.shape.rows() || columns != other.shape.columns() || examples != other.examples) {
            throw new IllegalArgumentException("a part of " + examples + " x " + rows + " x " + columns
                    + " positions and a map of " + other.examples + " x " + other.shape.rows() + " x "
                    + other.shape.columns() + ", expected the same");
        }
    }

    /** The struct of a part of the features, valid until the next call. */
    MemorySegment featuresFrom(int first, int count) {
        part.copyFrom(struct);
        gatun_map.data(part, MemorySegment.ofAddress(gatun_map.data(struct).address() + (long) first * Float.BYTES));
        gatun_map.features(part, count);
        return part;
    }

    /** The struct of some columns, those of the halo included, valid until the next call. */
    MemorySegment columnsFrom(int first, int count) {
        if (first < -shape.halo().left()
                || first + count > shape.columns() + shape.halo().right()) {
            throw new IllegalArgumentException(
                    "columns: found " + first + " .. " + (first + count - 1) + ", expected some of " + shape);
        }
        part.copyFrom(struct);
        long floats = first * shape.strideColumn();
        gatun_map.data(part, MemorySegment.ofAddress(gatun_map.data(struct).address() + floats * Float.BYTES));
        gatun_map.columns(part, count);
        return part;
    }

    /** The struct of the same extent at other positions, valid until the next call; what lies farther out is just outside. */
    MemorySegment movedBy(int row, int column) {
        long rows = Math.clamp(row, -shape.rows(), shape.rows());
        long columns = Math.clamp(column, -shape.columns(), shape.columns());
        long floats = rows * shape.strideRow() + columns * shape.strideColumn();
        part.copyFrom(struct);
        gatun_map.data(part, MemorySegment.ofAddress(gatun_map.data(struct).address() + floats * Float.BYTES));
        return part;
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
        gatun_map.examples(struct, count);
        gatun_map.examples(source, count);
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
        MemorySegment first = data.asSlice(shape.index(example, window.row(), window.column()) * Float.BYTES, 0);
        gatun_map.data(struct, first);
        gatun_map.rows(struct, window.rows());
        gatun_map.columns(struct, window.columns());
        gatun_map.data(source, first);
    }

    @Override
    public void saveLast(MemorySegment to) {
        long width = shape.halo().left() * shape.strideColumn() * Float.BYTES;
        for (int n = 0; n < shape.examples(); n++) {
            long from = shape.index(n, 0, shape.columns() - shape.halo().left()) * Float.BYTES;
            MemorySegment.copy(data, from, to, n * width, width);
        }
    }

    @Override
    public void loadBefore(MemorySegment from, int levels) {
        long width = shape.halo().left() * shape.strideColumn() * Float.BYTES;
        for (int n = 0; n < shape.examples(); n++) {
            long to = shape.index(n, 0, -shape.halo().left()) * Float.BYTES;
            MemorySegment.copy(from, n * width, data, to, width);
        }
    }

    @Override
    public void moveLastBefore() {
        long width = shape.halo().left() * shape.strideColumn() * Float.BYTES;
        for (int n = 0; n < shape.examples(); n++) {
            long from = shape.index(n, 0, shape.columns() - shape.halo().left()) * Float.BYTES;
            MemorySegment.copy(data, from, data, shape.index(n, 0, -shape.halo().left()) * Float.BYTES, width);
        }
    }

    @Override
    public void clearBefore() {
        long width = shape.halo().left() * shape.strideColumn() * Float.BYTES;
        for (int n = 0; n < shape.examples(); n++) {
            long to = shape.index(n, 0, -shape.halo().left()) * Float.BYTES;
            data.asSlice(to, width).fill((byte) 0);
        }
    }

    @Override
    public MemorySegment struct() {
        return struct;
    }

    /** The struct for a call that reads it with taps. */
    MemorySegment source() {
        return source;
    }
}
