package dev.gatun.foreign;

import dev.gatun.bindings.gatun_dense;
import dev.gatun.bindings.gatun_h;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A masked dense layer over sorted units, with its weights as kernels read them; {@link #pack} fills them in. */
public final class NativeDense {
    private static final long LANES = gatun_h.GATUN_LANES();

    /** What the inputs are: positions of the data as numbers or as levels of one-hot vectors, or units of another layer. */
    public enum Input {
        DATA,
        LEVELS,
        UNITS
    }

    private final int[] seen;
    private final int[] rows;
    private final int inputs;
    private final long stride;
    private final Input input;
    private final Arena arena;
    private final MemorySegment struct;
    private final MemorySegment packed;
    private final MemorySegment packedBias;
    private final @Nullable MemorySegment transposed;
    private @Nullable MemorySegment scratch;

    /**
     * A layer.
     *
     * @param seen how many inputs each output sees, ascending
     * @param rows where each output lies in the parameter
     * @param columns where each input lies in a row of the parameter
     * @param stride length of a row
     */
    public NativeDense(Arena arena, int[] seen, int[] rows, int[] columns, long stride, Input input, boolean training) {
        this.seen = seen.clone();
        this.rows = rows.clone();
        this.inputs = columns.length;
        this.stride = stride;
        this.input = input;
        this.arena = arena;
        check(columns);
        long blocks = Math.ceilDiv(seen.length, LANES);
        packed = floats(Math.multiplyExact(blocks * LANES, (long) inputs));
        packedBias = floats(blocks * LANES);
        boolean backwards = training && input == Input.UNITS;
        transposed = backwards ? floats(Math.multiplyExact(Math.ceilDiv(inputs, LANES) * LANES, seen.length)) : null;
        struct = gatun_dense.allocate(arena);
        gatun_dense.seen(struct, arena.allocateFrom(ValueLayout.JAVA_INT, seen));
        gatun_dense.rows(struct, arena.allocateFrom(ValueLayout.JAVA_INT, rows));
        gatun_dense.columns(struct, arena.allocateFrom(ValueLayout.JAVA_INT, columns));
        gatun_dense.stride(struct, stride);
        gatun_dense.inputs(struct, inputs);
        gatun_dense.outputs(struct, seen.length);
    }

    private MemorySegment floats(long count) {
        return arena.allocate(Math.multiplyExact(count, (long) Float.BYTES), 64);
    }

    private void check(int[] columns) {
        if (seen.length == 0 || rows.length != seen.length || inputs == 0) {
            throw new IllegalArgumentException(
                    "a dense layer of " + inputs + " inputs, " + seen.length + " outputs, " + rows.length + " rows");
        }
        for (int o = 0; o < seen.length; o++) {
            if (seen[o] < (o == 0 ? 0 : seen[o - 1]) || seen[o] > inputs || rows[o] < 0) {
                throw new IllegalArgumentException(
                        "seen: found " + seen[o] + " at output " + o + ", expected 0.." + inputs + ", ascending");
            }
        }
        for (int column : columns) {
            if (column < 0 || column >= stride) {
                throw new IllegalArgumentException("columns: found " + column + " in rows of " + stride);
            }
        }
    }

    /** The struct of gatun.h. */
    public MemorySegment struct() {
        return struct;
    }

    /** Takes the parameters' present values. Not while another thread computes with the old ones. */
    public void pack(Context context, MemorySegment weights, @Nullable MemorySegment bias) {
        checkParameters(weights, bias);
        context.check(gatun_h.gatun_dense_pack(
                context.handle(), struct, weights, bias == null ? MemorySegment.NULL : bias, packed, packedBias));
        if (transposed != null) {
            context.check(gatun_h.gatun_dense_pack_transposed(context.handle(), struct, weights, transposed));
        }
    }

    private void checkParameters(MemorySegment weights, @Nullable MemorySegment bias) {
        int most = 0;
        for (int row : rows) {
            most = Math.max(most, row);
        }
        NativeAffine.checkFloats("weights", weights, (most + 1) * stride);
        if (bias != null) {
            NativeAffine.checkFloats("bias", bias, most + 1L);
        }
    }

    /** The weights as columns, {@code [inputs][}{@link #width}{@code ]}, zeros where they are masked. */
    public MemorySegment columns(Context context, Arena owner, MemorySegment weights) {
        checkParameters(weights, null);
        MemorySegment to = owner.allocate(Math.multiplyExact(width() * Float.BYTES, (long) inputs), 64);
        context.check(gatun_h.gatun_dense_pack_columns(context.handle(), struct, weights, to));
        return to;
    }

    /** Outputs rounded up to whole vectors. */
    public long width() {
        return Math.ceilDiv(seen.length, LANES) * LANES;
    }

    /** The bias, sorted: {@link #width} floats. */
    public MemorySegment bias() {
        return packedBias;
    }

    /** How many inputs each output sees. */
    public int[] seen() {
        return seen.clone();
    }

    private void checkGrids(NativeGrid x, NativeMap y) {
        checkGrid("inputs", x, input == Input.LEVELS ? x.shape().columns() : inputs);
        checkGrid("outputs", y, seen.length);
        boolean levels = x instanceof NativeLevels;
        if (levels != (input == Input.LEVELS)
                || (levels && inputs % x.shape().columns() != 0)
                || x.examples() != y.examples()) {
            throw new IllegalArgumentException("a dense layer of " + inputs + " inputs over " + x.examples()
                    + " examples of " + x.shape() + " to " + y.examples() + " examples of outputs");
        }
    }

    private static void checkGrid(String what, NativeGrid grid, int values) {
        GridShape shape = grid.shape();
        long together = (long) shape.columns() * shape.features();
        if (shape.rows() != 1 || together != values || !shape.halo().equals(GridShape.Halo.NONE)) {
            throw new IllegalArgumentException(
                    what + ": found " + shape + ", expected one row of " + values + " values and no halo");
        }
    }

    /** y = bias + W x. */
    public void run(Context context, NativeGrid x, NativeMap y) {
        checkGrids(x, y);
        context.check(
                input == Input.LEVELS
                        ? gatun_h.gatun_dense_lookup(
                                context.handle(), struct, packed, packedBias, x.struct(), y.struct())
                        : gatun_h.gatun_dense_run(
                                context.handle(), struct, packed, packedBias, x.struct(), y.struct()));
    }

    /** Adds the gradients of weights and bias, laid out as the parameters. One thread's. */
    public void gradient(
            Context context, NativeGrid x, NativeMap dy, MemorySegment weights, @Nullable MemorySegment bias) {
        checkGrids(x, dy);
        checkParameters(weights, bias);
        MemorySegment memory = scratch;
        if (memory == null) {
            memory = floats(gatun_h.gatun_dense_scratch(struct));
            scratch = memory;
        }
        MemorySegment db = bias == null ? MemorySegment.NULL : bias;
        context.check(
                input == Input.LEVELS
                        ? gatun_h.gatun_dense_lookup_gradient(
                                context.handle(), struct, x.struct(), dy.struct(), weights, db, memory)
                        : gatun_h.gatun_dense_gradient(
                                context.handle(), struct, x.struct(), dy.struct(), weights, db, memory));
    }

    /** dx (+)= W^T dy. */
    public void inputGradient(Context context, NativeMap dy, NativeMap dx, boolean accumulate) {
        checkGrids(dx, dy);
        context.check(gatun_h.gatun_dense_input_gradient(
                context.handle(),
                struct,
                Objects.requireNonNull(transposed, "bound without gradients of its inputs"),
                dy.struct(),
                dx.struct(),
                accumulate ? 1 : 0));
    }
}
