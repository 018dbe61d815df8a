package dev.gatun.foreign;

import dev.gatun.bindings.gatun_affine;
import dev.gatun.bindings.gatun_h;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Weights of products in the order in which a step reads them. */
public final class StepPacking {
    private static final int LANES = 16;

    private StepPacking() {}

    /** Floats that a product takes, its bias among them: a multiple of 16. */
    public static long floats(int taps, int inputs, int outputs) {
        long rows = Math.addExact(Math.multiplyExact((long) taps, (long) inputs), 1);
        return Math.multiplyExact(rows, Math.ceilDiv(outputs, LANES) * (long) LANES);
    }

    /**
     * Packs what is packed for passes.
     *
     * @param weights of an {@link NativeAffine}
     * @param bias the address of so many floats, which was checked when the product was made; or a null pointer
     * @param lead taps whose weights are packed apart
     * @param gate whether the halves of the outputs are brought together, for a gate
     * @param to floats as {@link #floats} says
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
            MemorySegment to) {
        long floats = floats(taps, inputs, outputs);
        NativeAffine.checkFloats("packed weights", to, floats);
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
            context.check(gatun_h.gatun_step_pack(context.handle(), affine, gate ? 1 : 0, lead, to));
        }
    }
}
