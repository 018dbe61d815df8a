package dev.gatun.op;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.NativeDense;
import dev.gatun.foreign.NativeGrid;
import dev.gatun.foreign.NativeMap;
import dev.gatun.tensor.Parameters;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A masked dense layer (Germain et al. 2015, MADE): units have degrees, and an output sees the inputs of degrees up to its
 * own, or strictly below. Since units are sorted, that is a prefix of them, and masked weights cost nothing.
 *
 * @param from the inputs
 * @param to the outputs
 * @param strict whether an output sees degrees below its own alone
 * @param levels whether the inputs are one-hot vectors, given as levels and looked up
 * @param weight name of the parameter, {@code [outputs, inputs]}
 * @param bias name of the parameter, or null
 */
public record Dense(
        Units from,
        Units to,
        boolean strict,
        boolean levels,
        String weight,
        @Nullable String bias) implements Operation {
    @Override
    public String name() {
        return "masked dense";
    }

    @Override
    public int features() {
        return to.positions() ? to.each() : to.size();
    }

    @Override
    public List<Input> inputs() {
        int features = levels ? 1 : from.positions() ? from.each() : from.size();
        return List.of(new Input(features, levels, new Footprint.Degrees(from.degrees(), to.degrees(), strict)));
    }

    @Override
    public List<String> parameters() {
        return bias == null ? List.of(weight) : List.of(weight, bias);
    }

    /** How many of the inputs each output sees. */
    public int[] seen() {
        int[] seen = new int[to.size()];
        for (int o = 0; o < seen.length; o++) {
            int degree = to.degrees().get(o / to.each());
            seen[o] = from.upTo(strict ? degree - 1 : degree) * from.each();
        }
        return seen;
    }

    @Override
    public long flops() {
        return Math.ceilDiv(flops(1), to.positions() ? to.degrees().size() : 1);
    }

    @Override
    public long flops(long positions) {
        long terms = 0;
        for (int seen : seen()) {
            terms += seen;
        }
        return levels ? terms / from.each() : 2 * terms;
    }

    @Override
    public Kernel bind(Parameters parameters, Arena arena, boolean training) {
        NativeDense layer = new NativeDense(
                arena,
                seen(),
                to.places(),
                from.places(),
                parameters.shape(weight)[1],
                levels ? NativeDense.Input.LEVELS : from.positions() ? NativeDense.Input.DATA : NativeDense.Input.UNITS,
                training);
        return new Bound(this, parameters, layer);
    }

    /** The layer with weights; plans of step programs ask it for them. */
    public record Bound(Dense operation, Parameters parameters, NativeDense layer) implements Kernel {
        @Override
        public void refresh(Context context) {
            layer.pack(
                    context,
                    parameters.get(operation.weight),
                    operation.bias == null ? null : parameters.get(operation.bias));
        }

        /** The weights as columns, one for each input, for step programs. */
        public MemorySegment columns(Context context, Arena arena) {
            return layer.columns(context, arena, parameters.get(operation.weight));
        }

        @Override
        public boolean runsInWindows() {
            return false;
        }

        @Override
        public void run(Context context, List<? extends NativeGrid> inputs, NativeGrid output) {
            layer.run(context, inputs.get(0), (NativeMap) output);
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
            layer.gradient(
                    context,
                    inputs.get(0),
                    outputGradient,
                    of(all, operation.weight),
                    operation.bias == null ? null : of(all, operation.bias));
            NativeMap dx = gradients.get(0);
            if (dx != null) {
                layer.inputGradient(context, outputGradient, dx, add[0]);
            }
        }

        private MemorySegment of(MemorySegment all, String name) {
            return all.asSlice(
                    parameters.offset(name) * Float.BYTES,
                    parameters.get(name).byteSize(),
                    ValueLayout.JAVA_FLOAT.byteAlignment());
        }

        @Override
        public List<StepCode> stepCode() {
            throw new IllegalStateException(operation.name() + ": its steps are those of a plan of units");
        }
    }
}
