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
 * The linear gate of PixelCNN++ (Salimans et al. 2017): the first half of the input's features times sigmoid of the second.
 *
 * @param features of the output, half of the input's
 */
public record LinearGate(int features) implements Operation {
    @Override
    public String name() {
        return "linear gate";
    }

    @Override
    public List<Input> inputs() {
        return List.of(new Input(2 * features, false, Footprint.POINTWISE));
    }

    @Override
    public long flops() {
        return 2L * features;
    }

    @Override
    public Kernel bind(Parameters parameters, Arena arena, boolean training) {
        return new Bound(this);
    }

    private record Bound(LinearGate operation) implements Kernel {
        @Override
        public void refresh(Context context) {}

        @Override
        public void run(Context context, List<? extends NativeGrid> inputs, NativeGrid output) {
            Kernels.linearGate(context, (NativeMap) inputs.get(0), (NativeMap) output);
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
                Kernels.linearGateGradient(context, (NativeMap) inputs.get(0), outputGradient, dx, add[0]);
            }
        }

        @Override
        public List<StepCode> stepCode() {
            int features = operation.features;
            return List.of(StepCode.of(
                    StepKind.LINEAR_GATE, 0, List.of(Tap.HERE), 2 * features, features, 0, operation.flops()));
        }
    }
}
