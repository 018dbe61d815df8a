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
 * The concatenated elu of PixelCNN++ (Salimans et al. 2017): elu of the input's features, then elu of them negated.
 *
 * @param inputFeatures of the input, half of the output's
 */
public record ConcatElu(int inputFeatures) implements Operation {
    @Override
    public String name() {
        return "concat elu";
    }

    @Override
    public int features() {
        return Math.multiplyExact(2, inputFeatures);
    }

    @Override
    public List<Input> inputs() {
        return List.of(new Input(inputFeatures, false, Footprint.POINTWISE));
    }

    @Override
    public long flops() {
        return 2L * inputFeatures;
    }

    @Override
    public Kernel bind(Parameters parameters, Arena arena, boolean training) {
        return new Bound(this);
    }

    private record Bound(ConcatElu operation) implements Kernel {
        @Override
        public void refresh(Context context) {}

        @Override
        public void run(Context context, List<? extends NativeGrid> inputs, NativeGrid output) {
            Kernels.concatElu(context, (NativeMap) inputs.get(0), (NativeMap) output);
        }

        @Override
        public boolean gradientReadsInput(int input) {
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
                Kernels.concatEluGradient(context, output, outputGradient, dx, add[0]);
            }
        }

        @Override
        public List<StepCode> stepCode() {
            int features = operation.inputFeatures;
            return List.of(StepCode.of(
                    StepKind.CONCAT_ELU, 0, List.of(Tap.HERE), features, 2 * features, 0, operation.flops()));
        }
    }
}
