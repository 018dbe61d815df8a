package dev.gatun.op;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.NativeGrid;
import dev.gatun.foreign.NativeMap;
import dev.gatun.foreign.NativeNade;
import dev.gatun.tensor.Parameters;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The neural autoregressive distribution estimator (Larochelle and Murray 2011): a hidden layer whose sums grow by one column
 * a position, and a logit of each position from it. One operation, since the hidden layer of all positions at once would be
 * larger than everything else.
 *
 * @param order the position of the data at each place of the chain
 * @param hidden units
 */
public record Nade(List<Integer> order, int hidden) implements Operation {
    private static final String W = "hidden.weight";
    private static final String C = "hidden.bias";
    private static final String V = "output.weight";
    private static final String B = "output.bias";

    /** Copies the order. */
    public Nade {
        order = List.copyOf(order);
    }

    @Override
    public String name() {
        return "nade";
    }

    @Override
    public int features() {
        return 1;
    }

    @Override
    public List<Input> inputs() {
        return List.of(new Input(1, false, Footprint.of(List.of(Tap.back(1)))));
    }

    @Override
    public Footprint recurrence() {
        return Footprint.of(List.of(Tap.back(1)));
    }

    @Override
    public List<String> parameters() {
        return List.of(W, C, V, B);
    }

    /** A column in, the sigmoid, a row out. */
    @Override
    public long flops() {
        return 5L * hidden;
    }

    @Override
    public Kernel bind(Parameters parameters, Arena arena, boolean training) {
        int[] positions = order.stream().mapToInt(Integer::intValue).toArray();
        return new Bound(this, parameters, new NativeNade(arena, positions, hidden));
    }

    /** The operation with weights; plans of step programs ask it for them. */
    public record Bound(Nade operation, Parameters parameters, NativeNade layer) implements Kernel {
        @Override
        public void refresh(Context context) {
            layer.pack(context, parameters.get(W), parameters.get(C), parameters.get(V), parameters.get(B));
        }

        @Override
        public boolean runsInWindows() {
            return false;
        }

        @Override
        public void run(Context context, List<? extends NativeGrid> inputs, NativeGrid output) {
            layer.run(context, (NativeMap) inputs.get(0), (NativeMap) output);
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
            if (gradients.get(0) != null) {
                throw new IllegalStateException("nade: a gradient of its data is asked for");
            }
            layer.gradient(
                    context, (NativeMap) inputs.get(0), outputGradient, of(all, W), of(all, C), of(all, V), of(all, B));
        }

        private MemorySegment of(MemorySegment all, String name) {
            return all.asSlice(
                    parameters.offset(name) * Float.BYTES,
                    parameters.get(name).byteSize(),
                    ValueLayout.JAVA_FLOAT.byteAlignment());
        }

        @Override
        public List<StepCode> stepCode() {
            throw new IllegalStateException("nade: its steps are those of a plan of units");
        }
    }
}
