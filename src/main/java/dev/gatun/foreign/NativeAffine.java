package dev.gatun.foreign;

import dev.gatun.bindings.gatun_affine;
import dev.gatun.bindings.gatun_h;
import dev.gatun.bindings.gatun_layout;
import dev.gatun.bindings.gatun_tap;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The weights of an affine operation, packed as kernels read them, with its taps; and how they lie in their parameter.
 * {@link #pack} fills them in; until then they are zeros.
 */
public final class NativeAffine {
    private static final int LANES = gatun_h.GATUN_LANES();

    private final int inputs;
    private final int outputs;
    private final int taps;
    private final int unseen;
    private final GridShape.Halo halo;
    private final MemorySegment weights;
    private final MemorySegment struct;
    private final MemorySegment layout;
    private final boolean transposed;

    /**
     * Where a parameter keeps the weight of (output, input, tap): at {@code output * strideOutput + input * strideInput +
     * tapOffsets[tap]}.
     */
    public record Layout(long strideOutput, long strideInput, long[] tapOffsets) {
        /** The same parameter with inputs and outputs in each other's place. */
        public Layout transposed() {
            return new Layout(/* strideOutput= */ strideInput, /* strideInput= */ strideOutput, tapOffsets);
        }

        /** Whether all of it lies within a parameter of that many elements. */
        boolean fits(int inputs, int outputs, long elements) {
            long most = (outputs - 1) * strideOutput + (inputs - 1) * strideInput;
            for (long offset : tapOffsets) {
                if (offset < 0 || offset + most >= elements) {
                    return false;
                }
            }
            return strideOutput >= 0 && strideInput >= 0;
        }
    }

    private NativeAffine(
            Arena arena,
            int inputs,
            int outputs,
            int[] rows,
            int[] columns,
            Layout layout,
            boolean transposed,
            int unseen,
            @Nullable MemorySegment bias) {
        this.transposed = transposed;
        this.unseen = unseen;
        this.inputs = transposed ? outputs : inputs;
        this.outputs = transposed ? inputs : outputs;
        this.taps = rows.length;
        MemorySegment list = gatun_tap.allocateArray(Math.max(1, taps), arena);
        GridShape.Halo reach = GridShape.Halo.NONE;
        for (int k = 0; k < taps; k++) {
            int row = transposed ? -rows[taps - 1 - k] : rows[k];
            int column = transposed ? -columns[taps - 1 - k] : columns[k];
            MemorySegment tap = gatun_tap.asSlice(list, k);
            gatun_tap.row(tap, row);
            gatun_tap.column(tap, column);
            reach = reach.with(
                    new GridShape.Halo(Math.max(0, -row), Math.max(0, row), Math.max(0, -column), Math.max(0, column)));
        }
        this.halo = reach;
        this.weights = arena.allocate(Math.max(1, packedFloats()) * Float.BYTES, 64);
        this.struct = gatun_affine.allocate(arena);
        gatun_affine.weights(struct, weights);
        gatun_affine.bias(struct, bias == null ? MemorySegment.NULL : bias);
        gatun_affine.taps(struct, list);
        gatun_affine.tap_count(struct, taps);
        gatun_affine.inputs(struct, this.inputs);
        gatun_affine.outputs(struct, this.outputs);
        gatun_affine.unseen(struct, unseen);
        this.layout = gatun_layout.allocate(arena);
        gatun_layout.tap_offsets(this.layout, arena.allocateFrom(ValueLayout.JAVA_LONG, layout.tapOffsets()));
        gatun_layout.stride_output(this.layout, layout.strideOutput());
        gatun_layout.stride_input(this.layout, layout.strideInput());
        gatun_layout.taps(this.layout, taps);
        gatun_layout.inputs(this.layout, inputs);
        gatun_layout.outputs(this.layout, outputs);
        gatun_layout.unseen(this.layout, unseen);
    }

    /**
     * An affine operation.
     *
     * @param rows of the taps, relative to the output's position
     * @param columns of the taps, likewise
     * @param unseen inputs of the last tap, the last ones, that are masked; 0 where there are no taps
     * @param bias of the outputs, or null; read by kernels, so it must live as long as this
     */
    public static NativeAffine forward(
            Arena arena,
            int inputs,
            int outputs,
            int[] rows,
            int[] columns,
            Layout layout,
            int unseen,
            @Nullable MemorySegment bias) {
        checkSizes(inputs, outputs, rows, columns, layout);
        if (unseen < 0 || unseen > (rows.length == 0 ? 0 : inputs)) {
            throw new IllegalArgumentException(
                    "unseen: found " + unseen + " of " + inputs + " inputs and " + rows.length + " taps");
        }
        if (bias != null && bias.byteSize() != (long) outputs * Float.BYTES) {
            throw new IllegalArgumentException(
                    "bias: found " + bias.byteSize() + " bytes, expected " + outputs + " floats");
        }
        return new NativeAffine(arena, inputs, outputs, rows, columns, layout, false, unseen, bias);
    }

    /** The operation that takes gradients of the outputs to those of the inputs: as {@link #forward}, masked weights zeros. */
    public static NativeAffine backward(
            Arena arena, int inputs, int outputs, int[] rows, int[] columns, Layout layout) {
        checkSizes(inputs, outputs, rows, columns, layout);
        return new NativeAffine(arena, inputs, outputs, rows, columns, layout, true, 0, null);
    }

    private static void checkSizes(int inputs, int outputs, int[] rows, int[] columns, Layout layout) {
        if (inputs < 1 || outputs < 1 || rows.length != columns.length || rows.length != layout.tapOffsets().length) {
            throw new IllegalArgumentException("an affine operation of " + inputs + " inputs, " + outputs + " outputs, "
                    + rows.length + " and " + columns.length + " taps, " + layout.tapOffsets().length + " offsets");
        }
        Math.multiplyExact(Math.multiplyExact((long) inputs + LANES, (long) outputs + LANES), 4L * (rows.length + 1));
    }

    /** Inputs of all taps together that a sum takes. */
    public long flatInputs() {
        return (long) taps * inputs - unseen;
    }

    /** Floats of the packed weights. */
    public long packedFloats() {
        return Math.ceilDivExact(outputs, LANES) * (long) LANES * flatInputs();
    }

    /** Fills in the weights from the parameter. Not while another thread computes with them. */
    public void pack(Context context, MemorySegment parameter) {
        checkParameter(parameter);
        context.check(
                transposed
                        ? gatun_h.gatun_pack_transposed(context.handle(), layout, parameter, weights)
                        : gatun_h.gatun_pack(context.handle(), layout, parameter, weights));
    }

    /** Adds packed gradients to the gradient of the parameter. */
    public void unpackAdd(Context context, MemorySegment packed, MemorySegment gradient) {
        checkParameter(gradient);
        checkFloats("packed gradient", packed, packedFloats());
        if (transposed) {
            throw new IllegalStateException("gradients of weights are packed as the forward operation's");
        }
        context.check(gatun_h.gatun_unpack_add(context.handle(), layout, packed, gradient));
    }

    private void checkParameter(MemorySegment parameter) {
        long elements = parameter.byteSize() / Float.BYTES;
        long[] offsets = new long[taps];
        MemorySegment from = gatun_layout.tap_offsets(layout).reinterpret((long) taps * Long.BYTES);
        MemorySegment.copy(from, ValueLayout.JAVA_LONG, 0, offsets, 0, taps);
        Layout all = new Layout(gatun_layout.stride_output(layout), gatun_layout.stride_input(layout), offsets);
        if (!all.fits(gatun_layout.inputs(layout), gatun_layout.outputs(layout), elements)) {
            throw new IllegalArgumentException("a parameter of " + elements + " elements does not hold " + outputs
                    + " x " + inputs + " weights with " + taps + " taps");
        }
    }

    static void checkFloats(String what, MemorySegment segment, long floats) {
        if (segment.byteSize() < floats * Float.BYTES) {
            throw new IllegalArgumentException(
                    what + ": found " + segment.byteSize() + " bytes, expected " + floats + " floats");
        }
    }

    /** What taps need around the input. */
    public GridShape.Halo halo() {
        return halo;
    }

    public int inputs() {
        return inputs;
    }

    public int outputs() {
        return outputs;
    }

    public int taps() {
        return taps;
    }

    /** The packed weights, as the step program reads them. */
    public MemorySegment weights() {
        return weights;
    }

    /** The bias, or a null pointer. */
    public MemorySegment bias() {
        return Objects.requireNonNull(gatun_affine.bias(struct));
    }

    /** The struct of gatun.h. */
    public MemorySegment struct() {
        return struct;
    }
}
