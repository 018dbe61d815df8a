package dev.gatun.foreign;

import dev.gatun.bindings.gatun_affine;
import dev.gatun.bindings.gatun_h;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Weights of products in the order in which a step reads them. */
public final class StepPacking {
    /** How weights are kept, in the native interface: as floats. */
    public static final int F32 = gatun_h.GATUN_F32();

    /** As the upper halves of floats. */
    public static final int BF16 = gatun_h.GATUN_BF16();

    /** As bytes, with a scale for each output. */
    public static final int INT8 = gatun_h.GATUN_INT8();

    /** As bytes, with a scale for each output, to be multiplied by inputs that are rounded, too. */
    public static final int INT8_DYNAMIC = gatun_h.GATUN_INT8_DYNAMIC();

    private static final int LANES = 16;

    private StepPacking() {}

    /**
     * Bytes that a product takes, its bias among them.
     *
     * @param precision of its weights, one of the above
     */
    public static long bytes(int precision, int taps, int inputs, int outputs) {
        checkedFloats(taps, inputs, outputs);
        return gatun_h.gatun_step_packed_bytes(precision, taps, inputs, outputs);
    }

    /**
     * Writes the upper halves of floats.
     *
     * @param to so many of two bytes
     * @throws IllegalArgumentException if there is more of a float than its upper half
     */
    public static void halves(MemorySegment floats, MemorySegment to) {
        for (long i = 0; i < floats.byteSize() / Float.BYTES; i++) {
            int bits = floats.getAtIndex(ValueLayout.JAVA_INT, i);
            if ((bits & 0xffff) != 0) {
                throw new IllegalArgumentException(
                        "weights: found " + Float.intBitsToFloat(bits) + ", expected bfloat16");
            }
            to.setAtIndex(ValueLayout.JAVA_SHORT, i, (short) (bits >> Short.SIZE));
        }
    }

    /** Floats of weights and biases, which memory could hold. */
    private static long checkedFloats(int taps, int inputs, int outputs) {
        long rows = Math.addExact(Math.multiplyExact((long) taps, (long) inputs), 1);
        long floats = Math.multiplyExact(rows, Math.ceilDiv(outputs, LANES) * (long) LANES);
        return Math.multiplyExact(floats, 2L * Float.BYTES) / (2L * Float.BYTES);
    }

    /**
     * Packs what is packed for passes.
     *
     * @param weights of an {@link NativeAffine}
     * @param bias the address of so many floats, which was checked when the product was made; or a null pointer
     * @param lead taps whose weights are packed apart
     * @param gate whether the halves of the outputs are brought together, for a gate
     * @param precision of which all weights are numbers
     * @param to bytes as {@link #bytes} says
     * @throws NativeException if a weight is no number of the precision
     */
    public static void pack(
            Context context,
            MemorySegment weights,
            MemorySegment bias,
            int taps,
            int inputs,
            int outputs,
            int lead,
            boolean gate,
            int precision,
            MemorySegment to) {
        long floats = checkedFloats(taps, inputs, outputs);
        long bytes = bytes(precision, taps, inputs, outputs);
        if (to.byteSize() != bytes) {
            throw new IllegalArgumentException("packed weights: found " + to.byteSize() + " bytes, expected " + bytes);
        }
        NativeAffine.checkFloats("weights", weights, floats - Math.ceilDiv(outputs, LANES) * (long) LANES);
        if (lead < 0 || (lead > 0 && lead >= taps)) {
            throw new IllegalArgumentException(lead + " leading taps of " + taps);
        }
        if (gate && outputs % (2 * LANES) != 0) {
            throw new IllegalArgumentException(
                    "a gate of " + outputs + " outputs, expected a multiple of " + 2 * LANES);
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment affine = gatun_affine.allocate(arena);
            gatun_affine.weights(affine, weights);
            gatun_affine.bias(affine, bias);
            gatun_affine.tap_count(affine, taps);
            gatun_affine.inputs(affine, inputs);
            gatun_affine.outputs(affine, outputs);
            context.check(gatun_h.gatun_step_pack(context.handle(), affine, gate ? 1 : 0, lead, precision, to));
        }
    }
}
