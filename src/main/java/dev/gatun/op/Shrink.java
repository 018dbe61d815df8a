package dev.gatun.op;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.GridShape;
import dev.gatun.foreign.NativeAffine;
import dev.gatun.foreign.NativeGrid;
import dev.gatun.foreign.NativeMap;
import dev.gatun.foreign.StridedCalls;
import dev.gatun.tensor.Parameters;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A convolution with a stride: position (i, j) of its map, which has that many times fewer rows and columns than its input's, is
 * where an {@link Affine} has (stride * i, stride * j).
 *
 * @param inputFeatures features of the input
 * @param features of the output
 * @param taps in positions of the input, in raster order
 * @param stride of rows and columns
 * @param weights where the weights are, a tap offset for each tap
 */
public record Shrink(int inputFeatures, int features, List<Tap> taps, int stride, WeightRef weights)
        implements Operation {
    /** Checks the sizes. */
    public Shrink {
        taps = List.copyOf(taps);
        if (stride < 1 || weights.layout().tapOffsets().length != taps.size()) {
            throw new IllegalArgumentException(weights.weight() + ": stride " + stride + ", " + taps.size() + " taps, "
                    + weights.layout().tapOffsets().length + " tap offsets");
        }
    }

    @Override
    public String name() {
        return "shrink";
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
        return new Bound(this, parameters, arena, training);
    }

    /** One phase of the input's gradient, from the coarse map's. */
    private record Back(Phase phase, NativeAffine affine) {}

    private static final class Bound implements Kernel {
        private final Shrink operation;
        private final Parameters parameters;
        private final AffineWeights weights;
        private final List<Back> backs;

        Bound(Shrink operation, Parameters parameters, Arena arena, boolean training) {
            this.operation = operation;
            this.parameters = parameters;
            weights = new AffineWeights(
                    parameters,
                    arena,
                    operation.weights,
                    operation.inputFeatures,
                    operation.features,
                    operation.taps,
                    training,
                    false);
            backs = training
                    ? Phase.of(operation.taps, operation.stride).stream()
                            .map(phase -> new Back(phase, back(operation, arena, phase)))
                            .toList()
                    : List.of();
        }

        /** From features of the output to those of the input, at the phase's taps. */
        private static NativeAffine back(Shrink operation, Arena arena, Phase phase) {
            NativeAffine.Layout own = phase.of(operation.weights).layout();
            return NativeAffine.forward(
                    arena,
                    operation.features,
                    operation.inputFeatures,
                    phase.taps().stream().mapToInt(Tap::row).toArray(),
                    phase.taps().stream().mapToInt(Tap::column).toArray(),
                    own.transposed(),
                    0,
                    null);
        }

        @Override
        public void refresh(Context context) {
            weights.refresh(context);
            MemorySegment weight = parameters.get(operation.weights.weight());
            backs.forEach(back -> back.affine.pack(context, weight));
        }

        @Override
        public GridShape.Halo inputHalo(int input) {
            return weights.forward().halo();
        }

        @Override
        public GridShape.Halo gradientHalo() {
            return backs.stream().map(back -> back.affine.halo()).reduce(GridShape.Halo.NONE, GridShape.Halo::with);
        }

        @Override
        public void run(Context context, List<? extends NativeGrid> inputs, NativeGrid output) {
            NativeMap x = (NativeMap) inputs.get(0);
            StridedCalls.shrink(context, weights.forward(), x, operation.stride, (NativeMap) output, false);
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
            MemorySegment packed = weights.clearedGradient(context);
            MemorySegment bias = weights.biasGradient(all);
            StridedCalls.shrinkGradient(context, weights.forward(), x, operation.stride, outputGradient, packed, bias);
            weights.addGradient(context, all);
            NativeMap dx = gradients.get(0);
            if (dx == null) {
                return;
            }
            for (Back back : backs) {
                int row = back.phase.row();
                int column = back.phase.column();
                StridedCalls.grow(context, back.affine, outputGradient, dx, operation.stride, row, column, add[0]);
            }
        }

        @Override
        public List<StepCode> stepCode() {
            return List.of(weights.product(operation.taps));
        }
    }
}
