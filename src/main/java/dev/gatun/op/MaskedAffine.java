package dev.gatun.op;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.GridShape;
import dev.gatun.foreign.Kernels;
import dev.gatun.foreign.NativeAffine;
import dev.gatun.foreign.NativeGrid;
import dev.gatun.foreign.NativeMap;
import dev.gatun.tensor.Parameters;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An {@link Affine} whose outputs are masked by colour groups at the position itself. Masked weights are never multiplied, and
 * their gradient is zero.
 *
 * @param inputFeatures features of the input
 * @param features of the output
 * @param taps in raster order, the position itself the last
 * @param mask which groups see which
 * @param weights where the weights are, a tap offset for each tap
 */
public record MaskedAffine(int inputFeatures, int features, List<Tap> taps, ColourMask mask, WeightRef weights)
        implements Operation {
    /** Checks the sizes. */
    public MaskedAffine {
        taps = List.copyOf(taps);
        mask.parts(inputFeatures, features);
        if (taps.isEmpty()
                || !taps.getLast().equals(Tap.HERE)
                || weights.layout().tapOffsets().length != taps.size()) {
            throw new IllegalArgumentException(weights.weight() + ": taps " + taps + " and "
                    + weights.layout().tapOffsets().length + " tap offsets, expected as many, the last " + Tap.HERE);
        }
    }

    @Override
    public String name() {
        return "masked affine";
    }

    @Override
    public List<Input> inputs() {
        return List.of(new Input(inputFeatures, false, new Footprint.Taps(taps, mask.seen())));
    }

    @Override
    public List<String> parameters() {
        return weights.bias() == null ? List.of(weights.weight()) : List.of(weights.weight(), weights.bias());
    }

    @Override
    public long flops() {
        return mask.parts(inputFeatures, features).stream()
                .mapToLong(part -> 2L * ((long) taps.size() * inputFeatures - part.unseen()) * part.features())
                .sum();
    }

    @Override
    public Kernel bind(Parameters parameters, Arena arena, boolean training) {
        return new Bound(this, parameters, arena, training);
    }

    private static final class Bound implements Kernel {
        private final MaskedAffine operation;
        private final MaskedWeights weights;
        /** Of all outputs at once: what is masked is a zero of the parameter. */
        private final @Nullable NativeAffine backward;

        private final Parameters parameters;
        private final GridShape.Halo halo;

        Bound(MaskedAffine operation, Parameters parameters, Arena arena, boolean training) {
            this.operation = operation;
            this.parameters = parameters;
            int inputs = operation.inputFeatures;
            WeightRef ref = operation.weights;
            List<OutputPart> parts = operation.mask.parts(inputs, operation.features);
            weights = MaskedWeights.of(parts, parameters, arena, ref, inputs, operation.taps, training);
            int[] rows = operation.taps.stream().mapToInt(Tap::row).toArray();
            int[] columns = operation.taps.stream().mapToInt(Tap::column).toArray();
            backward = training
                    ? NativeAffine.backward(arena, inputs, operation.features, rows, columns, ref.layout())
                    : null;
            halo = weights.parts().stream()
                    .map(packed -> packed.weights().forward().halo())
                    .reduce(GridShape.Halo.NONE, GridShape.Halo::with);
        }

        @Override
        public void refresh(Context context) {
            weights.refresh(context);
            if (backward != null) {
                backward.pack(context, parameters.get(operation.weights.weight()));
            }
        }

        @Override
        public GridShape.Halo inputHalo(int input) {
            return halo;
        }

        @Override
        public GridShape.Halo gradientHalo() {
            return backward == null ? GridShape.Halo.NONE : backward.halo();
        }

        @Override
        public void run(Context context, List<? extends NativeGrid> inputs, NativeGrid output) {
            for (MaskedWeights.Packed packed : weights.parts()) {
                NativeAffine forward = packed.weights().forward();
                NativeMap x = (NativeMap) inputs.get(0);
                Kernels.affineInto(
                        context, forward, x, (NativeMap) output, packed.part().first());
            }
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
                MemorySegment all) {
            NativeMap x = (NativeMap) inputs.get(0);
            for (MaskedWeights.Packed packed : weights.parts()) {
                AffineWeights own = packed.weights();
                Kernels.affineGradientOf(
                        context,
                        own.forward(),
                        x,
                        outputGradient,
                        packed.part().first(),
                        own.clearedGradient(context),
                        own.biasGradient(all));
                own.addGradient(context, all);
            }
            NativeMap dx = gradients.get(0);
            if (dx != null) {
                Kernels.affine(context, Objects.requireNonNull(backward), outputGradient, dx, add[0]);
            }
        }

        @Override
        public List<StepCode> stepCode() {
            return weights.productCode(operation.inputFeatures);
        }
    }
}
