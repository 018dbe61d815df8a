package dev.gatun.foreign;

import dev.gatun.bindings.gatun_h;
import dev.gatun.bindings.gatun_nade;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/** NADE's weights as kernels read them, in the order of the chain; {@link #pack} fills them in. */
public final class NativeNade {
    private static final long LANES = gatun_h.GATUN_LANES();

    private final int positions;
    private final int hidden;
    private final long width;
    private final Arena arena;
    private final MemorySegment struct;
    private final MemorySegment input;
    private final MemorySegment start;
    private final MemorySegment output;
    private final MemorySegment outputBias;
    private @Nullable MemorySegment scratch;

    /**
     * Room for the weights.
     *
     * @param order the position of the data at each place of the chain
     */
    public NativeNade(Arena arena, int[] order, int hidden) {
        this.positions = order.length;
        this.hidden = hidden;
        this.width = Math.ceilDiv(hidden, LANES) * LANES;
        this.arena = arena;
        for (int position : order) {
            if (position < 0 || position >= positions) {
                throw new IllegalArgumentException(
                        "order: found " + position + ", expected a permutation of 0.." + (positions - 1));
            }
        }
        long table = Math.multiplyExact(width, (long) positions);
        input = floats(table);
        start = floats(2 * width);
        output = floats(table);
        outputBias = floats(positions);
        struct = gatun_nade.allocate(arena);
        gatun_nade.input(struct, input);
        gatun_nade.start(struct, start);
        gatun_nade.output(struct, output);
        gatun_nade.output_bias(struct, outputBias);
        gatun_nade.order(struct, arena.allocateFrom(ValueLayout.JAVA_INT, order));
        gatun_nade.hidden(struct, hidden);
        gatun_nade.positions(struct, positions);
    }

    private MemorySegment floats(long count) {
        return arena.allocate(Math.multiplyExact(count, (long) Float.BYTES), 64);
    }

    /** Hidden units rounded up to whole vectors. */
    public long width() {
        return width;
    }

    /** W's columns in the order of the chain, {@code [positions][width]}. */
    public MemorySegment input() {
        return input;
    }

    /** The hidden sums before the first position, and their sigmoids: {@code [2][width]}. */
    public MemorySegment start() {
        return start;
    }

    /** V's rows in the order of the chain, {@code [positions][width]}. */
    public MemorySegment output() {
        return output;
    }

    /** b in the order of the chain. */
    public MemorySegment outputBias() {
        return outputBias;
    }

    private void checkParameters(MemorySegment w, MemorySegment c, MemorySegment v, MemorySegment b) {
        NativeAffine.checkFloats("W", w, (long) hidden * positions);
        NativeAffine.checkFloats("c", c, hidden);
        NativeAffine.checkFloats("V", v, (long) hidden * positions);
        NativeAffine.checkFloats("b", b, positions);
    }

    /** Takes the parameters' present values. Not while another thread computes with the old ones. */
    public void pack(Context context, MemorySegment w, MemorySegment c, MemorySegment v, MemorySegment b) {
        checkParameters(w, c, v, b);
        context.check(gatun_h.gatun_nade_pack(context.handle(), struct, w, c, v, b));
    }

    private void checkGrids(NativeMap x, NativeMap y) {
        for (NativeMap map : new NativeMap[] {x, y}) {
            GridShape shape = map.shape();
            // A tap one position back may have given the data a halo; the positions themselves still lie together.
            if (shape.rows() != 1 || shape.columns() != positions || shape.features() != 1) {
                throw new IllegalArgumentException(
                        "nade: found " + shape + ", expected one row of " + positions + " values");
            }
        }
        if (x.examples() != y.examples()) {
            throw new IllegalArgumentException("nade: found " + x.examples() + " and " + y.examples() + " examples");
        }
    }

    /** The logits of all positions. */
    public void run(Context context, NativeMap x, NativeMap logits) {
        checkGrids(x, logits);
        context.check(gatun_h.gatun_nade_run(context.handle(), struct, x.struct(), logits.struct()));
    }

    /** Adds the gradients of the parameters. One thread's. */
    public void gradient(
            Context context,
            NativeMap x,
            NativeMap dlogits,
            MemorySegment w,
            MemorySegment c,
            MemorySegment v,
            MemorySegment b) {
        checkGrids(x, dlogits);
        checkParameters(w, c, v, b);
        MemorySegment memory = scratch;
        if (memory == null) {
            memory = floats(gatun_h.gatun_nade_scratch(context.handle(), struct));
            scratch = memory;
        }
        context.check(gatun_h.gatun_nade_gradient(
                context.handle(), struct, x.struct(), dlogits.struct(), w, c, v, b, memory));
    }
}
