package dev.gatun.op;

import dev.gatun.foreign.CellKind;
import dev.gatun.foreign.Context;
import dev.gatun.foreign.GridShape;
import dev.gatun.foreign.NativeAffine;
import dev.gatun.foreign.NativeGrid;
import dev.gatun.foreign.NativeMap;
import dev.gatun.foreign.RecurrentCalls;
import dev.gatun.tensor.Parameters;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A recurrent layer along a sequence, of tanh cells, GRU (Cho et al. 2014) or LSTM (Hochreiter and Schmidhuber 1997), as
 * PyTorch has them: its input is the input's part of the gates at each position, its output the state h.
 *
 * @param cell what it computes
 * @param features of the state
 * @param weights of the product of the state before, {@code cell.gates() * features} outputs, and its bias
 */
public record Recurrent(CellKind cell, int features, WeightRef weights) implements Operation {
    private static final List<Tap> BEFORE = List.of(Tap.back(1));

    /** Checks the sizes. */
    public Recurrent {
        if (features < 1 || weights.layout().tapOffsets().length != 1 || weights.bias() == null) {
            throw new IllegalArgumentException(weights.weight() + ": " + features + " features, "
                    + weights.layout().tapOffsets().length + " tap offsets, bias " + weights.bias());
        }
    }

    private int gates() {
        return Math.multiplyExact(cell.gates(), features);
    }

    @Override
    public String name() {
        return cell.name().toLowerCase(java.util.Locale.ROOT);
    }

    @Override
    public List<Input> inputs() {
        return List.of(new Input(gates(), false, Footprint.of(List.of(Tap.HERE))));
    }

    @Override
    public Footprint recurrence() {
        return Footprint.of(BEFORE);
    }

    @Override
    public List<String> parameters() {
        return List.of(weights.weight(), Objects.requireNonNull(weights.bias()));
    }

    /** Of the product with the state, and what a cell does for each unit; functions count once. */
    @Override
    public long flops() {
        long unit = switch (cell) {
            case TANH -> 2;
            case GRU -> 10;
            case LSTM -> 13;
        };
        return 2L * features * gates() + unit * features;
    }

    @Override
    public Kernel bind(Parameters parameters, Arena arena, boolean training) {
        AffineWeights state = new AffineWeights(parameters, arena, weights, features, gates(), BEFORE, training, true);
        return new Bound(this, state);
    }

    private static final class Bound implements Kernel {
        private final Recurrent operation;
        private final AffineWeights state;

        Bound(Recurrent operation, AffineWeights state) {
            this.operation = operation;
            this.state = state;
        }

        @Override
        public void refresh(Context context) {
            state.refresh(context);
        }

        @Override
        public GridShape.Halo outputHalo() {
            return RecurrentCalls.BEFORE;
        }

        @Override
        public int keptFeatures() {
            return Math.multiplyExact(operation.cell.kept(), operation.features);
        }

        @Override
        public void run(Context context, List<? extends NativeGrid> inputs, NativeGrid output) {
            NativeMap x = (NativeMap) inputs.get(0);
            NativeMap kept = (NativeMap) inputs.get(1);
            RecurrentCalls.run(context, operation.cell, state.forward(), x, (NativeMap) output, kept);
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
            RecurrentCalls.gradient(
                    context,
                    operation.cell,
                    state.forward(),
                    Objects.requireNonNull(state.backward()),
                    output,
                    (NativeMap) inputs.get(1),
                    outputGradient,
                    gradients.get(0),
                    add[0],
                    state.clearedGradient(context),
                    Objects.requireNonNull(state.biasGradient(parameters)));
            state.addGradient(context, parameters);
        }

        @Override
        public List<Integer> stepSlots() {
            return List.of(keptFeatures());
        }

        @Override
        public List<StepCode> stepCode() {
            NativeAffine forward = state.forward();
            return List.of(new StepCode(
                    operation.cell.step(),
                    0,
                    List.of(Tap.HERE),
                    operation.gates(),
                    operation.features,
                    StepCode.own(0),
                    1,
                    forward.weights(),
                    forward.bias(),
                    MemorySegment.NULL,
                    operation.flops()));
        }
    }
}
