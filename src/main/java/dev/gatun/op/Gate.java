package dev.gatun.op;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.Kernels;
import dev.gatun.foreign.NativeGrid;
import dev.gatun.foreign.NativeMap;
import dev.gatun.foreign.StepKind;
import dev.gatun.tensor.Parameters;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The gated activation: tanh of the first half of the input's features times sigmoid of the second. Colour groups are counted
 * in each half anew, so that a feature's two inputs are of its own group.
 *
 * @param features of the output, half of the input's
 */
public record Gate(int features) implements Operation {
    @Override
    public String name() {
        return "gate";
    }

    @Override
    public List<Input> inputs() {
        return List.of(new Input(2 * features, false, Footprint.POINTWISE));
    }

    @Override
    public long flops() {
        return 3L * features;
    }

    @Override
    public Kernel bind(Parameters parameters, Arena arena, boolean training) {
        return new Bound(this);
    }

    private record Bound(Gate operation) implements Kernel {
        @Override
        public void refresh(Context context) {}

        @Override
        public void run(Context context, List<? extends NativeGrid> inputs, NativeGrid output) {
            Kernels.gate(context, (NativeMap) inputs.get(0), (NativeMap) output);
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
            NativeMap dx = gradients.get(0);
            if (dx != null) {
                Kernels.gateGradient(context, (NativeMap) inputs.get(0), outputGradient, dx, add[0]);
            }
        }

        @Override
        public List<StepCode> stepCode() {
            int half = operation.features;
            return List.of(StepCode.of(StepKind.GATE, 0, List.of(Tap.HERE), 2 * half, half, 0, operation.flops()));
        }
    }
}
