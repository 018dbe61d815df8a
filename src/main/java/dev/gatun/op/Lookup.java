package dev.gatun.op;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.GridShape;
import dev.gatun.foreign.Kernels;
import dev.gatun.foreign.NativeAffine;
import dev.gatun.foreign.NativeGrid;
import dev.gatun.foreign.NativeLevels;
import dev.gatun.foreign.NativeMap;
import dev.gatun.foreign.StepKind;
import dev.gatun.tensor.Parameters;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An {@link Affine} over one-hot vectors, given as levels: rows of the weights are looked up and added, which gives the
 * bits of the product.
 *
 * @param levels length of a one-hot vector
 * @param channels one-hot vectors at a position
 * @param features of the output
 * @param taps in raster order
 * @param weights where the weights are: {@code levels * channels} inputs
 * @param outside the vector that a tap outside of the data adds, or null for none
 */
public record Lookup(
        int levels,
        int channels,
        int features,
        List<Tap> taps,
        WeightRef weights,
        @Nullable String outside) implements Operation {
    /** Checks the sizes. */
    public Lookup {
        taps = List.copyOf(taps);
        if (levels < 1 || channels < 1 || features < 1 || weights.layout().tapOffsets().length != taps.size()) {
            throw new IllegalArgumentException(
                    weights.weight() + ": " + channels + " x " + levels + " inputs, " + features + " outputs, "
                            + taps.size() + " taps, " + weights.layout().tapOffsets().length + " tap offsets");
        }
    }

    @Override
    public String name() {
        return "lookup";
    }

    @Override
    public List<Input> inputs() {
        return List.of(new Input(channels, true, Footprint.of(taps)));
    }

    @Override
    public List<String> parameters() {
        List<String> names = new ArrayList<>(List.of(weights.weight()));
        if (weights.bias() != null) {
            names.add(weights.bias());
        }
        if (outside != null) {
            names.add(outside);
        }
        return names;
    }

    @Override
    public long flops() {
        return (long) taps.size() * channels * features;
    }

    @Override
    public Kernel bind(Parameters parameters, Arena arena, boolean training) {
        AffineWeights bound =
                new AffineWeights(parameters, arena, weights, levels * channels, features, taps, training, false);
        return new Bound(this, bound, outside == null ? null : parameters.get(outside));
    }

    private record Bound(
            Lookup operation,
            AffineWeights weights,
            @Nullable MemorySegment outside) implements Kernel {
        @Override
        public void refresh(Context context) {
            weights.refresh(context);
        }

        @Override
        public GridShape.Halo inputHalo(int input) {
            return weights.forward().halo();
        }

        @Override
        public void run(Context context, List<? extends NativeGrid> inputs, NativeGrid output) {
            Kernels.lookup(context, weights.forward(), outside, (NativeLevels) inputs.get(0), (NativeMap) output);
        }

        @Override
        public boolean gradientReadsOutput() {
            return false;
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
            Kernels.lookupGradient(
                    context,
                    weights.forward(),
                    (NativeLevels) inputs.get(0),
                    outputGradient,
                    weights.clearedGradient(context),
                    weights.biasGradient(parameters),
                    operation.outside == null ? null : weights.of(parameters, operation.outside));
            weights.addGradient(context, parameters);
        }

        @Override
        public List<StepCode> stepCode() {
            NativeAffine forward = weights.forward();
            return List.of(new StepCode(
                    StepKind.LOOKUP,
                    0,
                    operation.taps,
                    operation.levels * operation.channels,
                    operation.features,
                    0,
                    1,
                    forward.weights(),
                    forward.bias(),
                    outside == null ? MemorySegment.NULL : outside,
                    operation.flops()));
        }
    }
}
