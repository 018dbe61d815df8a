package dev.gatun.op;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.GridLstmCalls;
import dev.gatun.foreign.GridShape;
import dev.gatun.foreign.GridWay;
import dev.gatun.foreign.NativeAffine;
import dev.gatun.foreign.NativeGrid;
import dev.gatun.foreign.NativeMap;
import dev.gatun.foreign.StepKind;
import dev.gatun.tensor.Parameters;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * An LSTM over a grid (van den Oord et al. 2016b, Pixel Recurrent Neural Networks, section 3): its input is the input's part of
 * the gates o, f, i, g at each place, its output the state h, which is zero outside of the grid, as is c.
 *
 * @param way on which c is handed on
 * @param features of the state
 * @param taps of the state that a place reads, in raster order
 * @param weights of the product of those states, {@code 4 * features} outputs, without bias
 */
public record GridLstm(GridWay way, int features, List<Tap> taps, WeightRef weights) implements Operation {
    /** Checks the sizes. */
    public GridLstm {
        taps = List.copyOf(taps);
        if (features < 1 || weights.layout().tapOffsets().length != taps.size() || weights.bias() != null) {
            throw new IllegalArgumentException(weights.weight() + ": " + features + " features, " + taps.size()
                    + " taps, " + weights.layout().tapOffsets().length + " tap offsets, bias " + weights.bias());
        }
    }

    /**
     * The Row LSTM: a convolution over the row above.
     *
     * @param kernelSize its columns, odd
     * @param weight name of the parameter {@code [4 * features, features, 1, kernelSize]}
     */
    public static GridLstm row(int features, int kernelSize, String weight) {
        List<Tap> taps = IntStream.range(0, kernelSize)
                .mapToObj(k -> new Tap(-1, k - kernelSize / 2))
                .toList();
        return new GridLstm(GridWay.DOWN, features, taps, kernel(weight, features, kernelSize));
    }

    /**
     * A stream of the Diagonal BiLSTM, which reads the place above and its neighbour.
     *
     * @param way {@link GridWay#RIGHT} or {@link GridWay#LEFT}
     * @param weight name of the parameter {@code [4 * features, features, 2, 1]}
     */
    public static GridLstm diagonal(GridWay way, int features, String weight) {
        List<Tap> taps = List.of(new Tap(-1, 0), new Tap(0, way == GridWay.RIGHT ? -1 : 1));
        return new GridLstm(way, features, taps, kernel(weight, features, 2));
    }

    private static WeightRef kernel(String weight, int features, int taps) {
        long[] offsets = IntStream.range(0, taps).asLongStream().toArray();
        return new WeightRef(weight, new NativeAffine.Layout((long) features * taps, taps, offsets), null);
    }

    private int gates() {
        return Math.multiplyExact(GridLstmCalls.GATES, features);
    }

    /** Where c comes from. */
    private Tap before() {
        return switch (way) {
            case DOWN -> new Tap(-1, 0);
            case RIGHT -> new Tap(0, -1);
            case LEFT -> new Tap(0, 1);
        };
    }

    @Override
    public String name() {
        return "grid lstm";
    }

    /** Each quarter of the gates has the features in the state's order, group by group. */
    @Override
    public List<Input> inputs() {
        return List.of(new Input(gates(), false, Footprint.POINTWISE));
    }

    @Override
    public Footprint recurrence() {
        return Footprint.of(taps);
    }

    @Override
    public List<String> parameters() {
        return List.of(weights.weight());
    }

    /** Of the product with the states, and what a cell does for each unit; functions count once. */
    @Override
    public long flops() {
        return 2L * taps.size() * features * gates() + 13L * features;
    }

    @Override
    public Kernel bind(Parameters parameters, Arena arena, boolean training) {
        AffineWeights state = new AffineWeights(parameters, arena, weights, features, gates(), taps, training, true);
        return new Bound(this, state);
    }

    private static final class Bound implements Kernel {
        private final GridLstm operation;
        private final AffineWeights state;

        Bound(GridLstm operation, AffineWeights state) {
            this.operation = operation;
            this.state = state;
        }

        @Override
        public void refresh(Context context) {
            state.refresh(context);
        }

        @Override
        public GridShape.Halo outputHalo() {
            return state.forward().halo();
        }

        @Override
        public int keptFeatures() {
            return Math.multiplyExact(GridLstmCalls.KEPT, operation.features);
        }

        @Override
        public GridShape.Halo keptHalo() {
            return GridLstmCalls.keptHalo(state.forward());
        }

        @Override
        public void run(Context context, List<? extends NativeGrid> inputs, NativeGrid output) {
            NativeMap kept = (NativeMap) inputs.get(1);
            boolean whole = kept.shape().rows() == output.shape().rows()
                    && kept.shape().columns() == output.shape().columns();
            GridLstmCalls.run(
                    context,
                    operation.way,
                    state.forward(),
                    (NativeMap) inputs.get(0),
                    (NativeMap) output,
                    whole ? kept : null);
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
            GridLstmCalls.gradient(
                    context,
                    operation.way,
                    state.forward(),
                    Objects.requireNonNull(state.backward()),
                    output,
                    (NativeMap) inputs.get(1),
                    outputGradient,
                    gradients.get(0),
                    add[0],
                    state.clearedGradient(context));
            state.addGradient(context, parameters);
        }

        @Override
        public List<StepCode> stepCode() {
            NativeAffine forward = state.forward();
            int gates = operation.gates();
            StepCode product = new StepCode(
                            StepKind.AFFINE,
                            StepCode.OUTPUT,
                            operation.taps,
                            operation.features,
                            gates,
                            0,
                            1,
                            forward.weights(),
                            forward.bias(),
                            MemorySegment.NULL,
                            2L * operation.taps.size() * operation.features * gates)
                    .withPrecision(state.precision())
                    .into(0);
            StepCode cell = StepCode.of(
                    StepKind.GRID_CELL,
                    0,
                    List.of(Tap.HERE, operation.before()),
                    gates,
                    operation.features,
                    StepCode.own(0),
                    13L * operation.features);
            return List.of(product, cell);
        }

        @Override
        public List<Integer> stepSlots() {
            return List.of(keptFeatures());
        }
    }
}
