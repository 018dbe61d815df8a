package dev.gatun.op;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.GridShape;
import dev.gatun.foreign.Kernels;
import dev.gatun.foreign.NativeAffine;
import dev.gatun.foreign.NativeGrid;
import dev.gatun.foreign.NativeMap;
import dev.gatun.foreign.StepPacking;
import dev.gatun.tensor.Precision;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An affine operation whose inputs are rounded on the way, as {@link Precision#INT8_DYNAMIC} says. */
final class RoundedAffine implements Kernel {
    private static final long LINE = 64;

    private final List<Tap> taps;
    private final AffineWeights weights;
    private final MemorySegment packed;

    RoundedAffine(List<Tap> taps, AffineWeights weights, Arena arena) {
        this.taps = taps;
        this.weights = weights;
        NativeAffine forward = weights.forward();
        long bytes = StepPacking.bytes(code(), forward.taps(), forward.inputs(), forward.outputs());
        packed = arena.allocate(bytes, LINE);
    }

    private static int code() {
        return Precision.INT8_DYNAMIC.code();
    }

    @Override
    public void refresh(Context context) {
        weights.refresh(context);
        NativeAffine of = weights.forward();
        StepPacking.pack(
                context, of.weights(), of.bias(), of.taps(), of.inputs(), of.outputs(), 0, false, code(), packed);
    }

    @Override
    public GridShape.Halo inputHalo(int input) {
        return weights.forward().halo();
    }

    @Override
    public void run(Context context, List<? extends NativeGrid> inputs, NativeGrid output) {
        Kernels.rounded(context, weights.forward(), packed, (NativeMap) inputs.get(0), (NativeMap) output);
    }

    @Override
    public void gradient(
            Context context,
            List<? extends NativeGrid> inputs,
            NativeMap output,
            NativeMap outputGradient,
            List<@Nullable NativeMap> gradients,
            boolean[] add,
            MemorySegment parameters) {
        throw new IllegalStateException("rounded inputs have no gradients: found a pass that trains");
    }

    @Override
    public List<StepCode> stepCode() {
        return List.of(weights.product(taps).withPrecision(Precision.INT8_DYNAMIC));
    }
}
