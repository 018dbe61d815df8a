package dev.gatun.op;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.GridShape;
import dev.gatun.foreign.Kernels;
import dev.gatun.foreign.NativeAffine;
import dev.gatun.foreign.NativeGrid;
import dev.gatun.foreign.NativeLevels;
import dev.gatun.foreign.NativeMap;
import dev.gatun.tensor.Parameters;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A {@link MaskedAffine} over one-hot vectors, given as levels: the {@link Lookup} of it.
 *
 * @param levels length of a one-hot vector
 * @param channels one-hot vectors at a position, a multiple of the mask's groups
 * @param features of the output
 * @param taps in raster order, the position itself the last
 * @param mask which groups see which
 * @param weights where the weights are: {@code levels * channels} inputs
 */
public record MaskedLookup(int levels, int channels, int features, List<Tap> taps, ColourMask mask, WeightRef weights)
        implements Operation {
    /** Checks the sizes. */
    public MaskedLookup {
        taps = List.copyOf(taps);
        mask.parts(levels * channels, features);
        if (taps.isEmpty()
                || channels % mask.groups() != 0
                || !taps.getLast().equals(Tap.HERE)
                || weights.layout().tapOffsets().length != taps.size()) {
            throw new IllegalArgumentException(weights.weight() + ": " + channels + " channels, taps " + taps + " and "
                    + weights.layout().tapOffsets().length + " tap offsets, expected a multiple of " + mask.groups()
                    + ", and as many taps, the last " + Tap.HERE);
        }
    }

    @Override
    public String name() {
        return "masked lookup";
    }

    @Override
    public List<Input> inputs() {
        return List.of(new Input(channels, true, new Footprint.Taps(taps, mask.seen())));
    }

    @Override
    public List<String> parameters() {
        return weights.bias() == null ? List.of(weights.weight()) : List.of(weights.weight(), weights.bias());
    }

    @Override
    public long flops() {
        return mask.parts(channels, features).stream()
                .mapToLong(part -> ((long) taps.size() * channels - part.unseen()) * part.features())
                .sum();
    }

    @Override
    public Kernel bind(Parameters parameters, Arena arena, boolean training) {
        int inputs = levels * channels;
        List<OutputPart> parts = mask.parts(inputs, features);
        return new Bound(this, MaskedWeights.of(parts, parameters, arena, weights, inputs, taps, training));
    }

    private record Bound(MaskedLookup operation, MaskedWeights weights) implements Kernel {
        @Override
        public void refresh(Context context) {
            weights.refresh(context);
        }

        @Override
        public GridShape.Halo inputHalo(int input) {
            return weights.parts().stream()
                    .map(packed -> packed.weights().forward().halo())
                    .reduce(GridShape.Halo.NONE, GridShape.Halo::with);
        }

        @Override
        public void run(Context context, List<? extends NativeGrid> inputs, NativeGrid output) {
            for (MaskedWeights.Packed packed : weights.parts()) {
                NativeAffine forward = packed.weights().forward();
                NativeLevels x = (NativeLevels) inputs.get(0);
                Kernels.lookupInto(
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
            for (MaskedWeights.Packed packed : weights.parts()) {
                AffineWeights own = packed.weights();
                Kernels.lookupGradientOf(
                        context,
                        own.forward(),
                        (NativeLevels) inputs.get(0),
                        outputGradient,
                        packed.part().first(),
                        own.clearedGradient(context),
                        own.biasGradient(all));
                own.addGradient(context, all);
            }
        }

        @Override
        public List<StepCode> stepCode() {
            return weights.lookupCode(operation.levels * operation.channels, operation.levels);
        }
    }
}
