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
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A transposed convolution: position (i, j) of its input adds {@code W[tap] x(i, j)} to the output's (stride * i, stride * j) +
 * tap. Its map has stride times its input's rows and columns; what falls outside of it is dropped. Each of the output's stride x
 * stride phases is an affine operation over the input, at the taps that reach it.
 *
 * @param inputFeatures features of the input
 * @param features of the output
 * @param taps in positions of the output, in raster order
 * @param stride of rows and columns
 * @param weights where the weights are, a tap offset for each tap
 */
public record Grow(int inputFeatures, int features, List<Tap> taps, int stride, WeightRef weights)
        implements Operation {
    /** Checks the sizes. */
    public Grow {
        taps = List.copyOf(taps);
        if (stride < 1 || weights.layout().tapOffsets().length != taps.size()) {
            throw new IllegalArgumentException(weights.weight() + ": stride " + stride + ", " + taps.size() + " taps, "
                    + weights.layout().tapOffsets().length + " tap offsets");
        }
    }

    @Override
    public String name() {
        return "grow";
    }

    /** Of all phases together: those of its own scale's positions are where an input stands. */
    @Override
    public List<Input> inputs() {
        List<Tap> reached = taps.stream()
                .map(tap -> new Tap(-tap.row(), -tap.column()))
                .sorted()
                .toList();
        return List.of(new Input(inputFeatures, false, Footprint.of(reached)));
    }

    @Override
    public List<String> parameters() {
        return Stream.of(weights.weight(), weights.bias())
                .filter(Objects::nonNull)
                .toList();
    }

    /** On average: each input is multiplied once for each tap. */
    @Override
    public long flops() {
        return 2L * taps.size() * inputFeatures * features / ((long) stride * stride);
    }

    @Override
    public Kernel bind(Parameters parameters, Arena arena, boolean training) {
        return new Bound(this, parameters, arena, training);
    }

    /** A phase of the output with its weights. */
    private record Part(Phase phase, AffineWeights weights) {}

    private static final class Bound implements Kernel {
        private final Grow operation;
        private final Parameters parameters;
        private final List<Part> parts;
        /** From the output's gradient to the input's. */
        private final @Nullable NativeAffine back;

        Bound(Grow operation, Parameters parameters, Arena arena, boolean training) {
            this.operation = operation;
            this.parameters = parameters;
            parts = Phase.of(operation.taps, operation.stride).stream()
                    .map(phase -> new Part(phase, weights(operation, parameters, arena, phase, training)))
                    .toList();
            back = training ? back(operation, arena) : null;
        }

        private static AffineWeights weights(
                Grow operation, Parameters parameters, Arena arena, Phase phase, boolean training) {
            WeightRef ref = phase.of(operation.weights);
            int inputs = operation.inputFeatures;
            return new AffineWeights(parameters, arena, ref, inputs, operation.features, phase.taps(), training, false);
        }

        private static NativeAffine back(Grow operation, Arena arena) {
            NativeAffine.Layout own = operation.weights.layout();
            return NativeAffine.forward(
                    arena,
                    operation.features,
                    operation.inputFeatures,
                    operation.taps.stream().mapToInt(Tap::row).toArray(),
                    operation.taps.stream().mapToInt(Tap::column).toArray(),
                    own.transposed(),
                    0,
                    null);
        }

        @Override
        public void refresh(Context context) {
            parts.forEach(part -> part.weights.refresh(context));
            if (back != null) {
                back.pack(context, parameters.get(operation.weights.weight()));
            }
        }

        @Override
        public GridShape.Halo inputHalo(int input) {
            return parts.stream()
                    .map(part -> part.weights.forward().halo())
                    .reduce(GridShape.Halo.NONE, GridShape.Halo::with);
        }

        @Override
        public GridShape.Halo gradientHalo() {
            return back == null ? GridShape.Halo.NONE : back.halo();
        }

        @Override
        public void run(Context context, List<? extends NativeGrid> inputs, NativeGrid output) {
            NativeMap x = (NativeMap) inputs.get(0);
            NativeMap y = (NativeMap) output;
            for (Part part : parts) {
                int row = part.phase.row();
                int column = part.phase.column();
                StridedCalls.grow(context, part.weights.forward(), x, y, operation.stride, row, column, false);
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
            for (Part part : parts) {
                StridedCalls.growGradient(
                        context,
                        part.weights.forward(),
                        x,
                        outputGradient,
                        operation.stride,
                        part.phase.row(),
                        part.phase.column(),
                        part.weights.clearedGradient(context),
                        part.weights.biasGradient(all));
                part.weights.addGradient(context, all);
            }
            NativeMap dx = gradients.get(0);
            if (dx != null) {
                NativeAffine affine = Objects.requireNonNull(back, "bound without training");
                StridedCalls.shrink(context, affine, outputGradient, operation.stride, dx, add[0]);
            }
        }

        @Override
        public List<StepCode> stepCode() {
            return parts.stream().map(this::stepCode).toList();
        }

        private StepCode stepCode(Part part) {
            Phase phase = part.phase;
            int stride = operation.stride;
            return part.weights.product(phase.fromFine(stride)).atPlaces(stride, phase.row(), phase.column());
        }
    }
}
