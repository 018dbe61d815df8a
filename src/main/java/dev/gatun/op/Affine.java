package dev.gatun.op;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.GridShape;
import dev.gatun.foreign.Kernels;
import dev.gatun.foreign.NativeAffine;
import dev.gatun.foreign.NativeGrid;
import dev.gatun.foreign.NativeMap;
import dev.gatun.tensor.Parameters;
import dev.gatun.tensor.Precision;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * At every position the same linear map of the features at some taps, plus a bias: causal, dilated and masked
 * convolutions, 1x1 convolutions and layers shared along a sequence.
 *
 * @param inputFeatures features of the input
 * @param features of the output
 * @param taps in raster order; a masked tap is not among them
 * @param weights where the weights are, a tap offset for each tap
 */
public record Affine(int inputFeatures, int features, List<Tap> taps, WeightRef weights) implements Operation {
    /** Checks the sizes. */
    public Affine {
        taps = List.copyOf(taps);
        if (inputFeatures < 1 || features < 1 || weights.layout().tapOffsets().length != taps.size()) {
            throw new IllegalArgumentException(weights.weight() + ": " + inputFeatures + " inputs, " + features
                    + " outputs, " + taps.size() + " taps, " + weights.layout().tapOffsets().length + " tap offsets");
        }
    }

    @Override
    public String name() {
        return "affine";
    }

    @Override
    public List<Input> inputs() {
        return List.of(new Input(inputFeatures, false, Footprint.of(taps)));
    }

    @Override
    public List<String> parameters() {
        return weights.bias() == null ? List.of(weights.weight()) : List.of(weights.weight(), weights.bias());
    }

    @Override
    public long flops() {
        return 2L * taps.size() * inputFeatures * features;
    }

    @Override
    public Kernel bind(Parameters parameters, Arena arena, boolean training) {
        return new Bound(
                this, new AffineWeights(parameters, arena, weights, inputFeatures, features, taps, training, true));
    }

    /**
     * The operation with weights, to run with inputs that are rounded on the way, as {@link Precision#INT8_DYNAMIC} says. It has no
     * gradients.
     */
    public Kernel bindRounded(Parameters parameters, Arena arena) {
        AffineWeights bound =
                new AffineWeights(parameters, arena, weights, inputFeatures, features, taps, false, false);
        return new RoundedAffine(taps, bound, arena);
    }

    private static final class Bound implements Kernel {
        private final Affine operation;
        private final AffineWeights weights;

        Bound(Affine operation, AffineWeights weights) {
            this.operation = operation;
            this.weights = weights;
        }

        @Override
        public void refresh(Context context) {
            weights.refresh(context);
        }

        @Override
        public GridShape.Halo inputHalo(int input) {
            return weights.forward().halo();
        }

        @Override
        public GridShape.Halo gradientHalo() {
            NativeAffine backward = weights.backward();
            return backward == null ? GridShape.Halo.NONE : backward.halo();
        }

        @Override
        public void run(Context context, List<? extends NativeGrid> inputs, NativeGrid output) {
            Kernels.affine(context, weights.forward(), (NativeMap) inputs.get(0), (NativeMap) output, false);
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
            NativeMap x = (NativeMap) inputs.get(0);
            MemorySegment packed = weights.clearedGradient(context);
            Kernels.affineGradient(
                    context, weights.forward(), x, outputGradient, packed, weights.biasGradient(parameters));
            weights.addGradient(context, parameters);
            NativeMap dx = gradients.get(0);
            if (dx != null) {
                Kernels.affine(context, Objects.requireNonNull(weights.backward()), outputGradient, dx, add[0]);
            }
        }

        @Override
        public List<StepCode> stepCode() {
            return List.of(weights.product(operation.taps));
        }
    }
}
