package dev.gatun.op;

import dev.gatun.foreign.ActivationKind;
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

/** A function of each feature. */
public record Activate(ActivationKind function, int features) implements Operation {
    @Override
    public String name() {
        return function.text();
    }

    @Override
    public List<Input> inputs() {
        return List.of(new Input(features, false, Footprint.POINTWISE));
    }

    @Override
    public long flops() {
        return features;
    }

    @Override
    public Kernel bind(Parameters parameters, Arena arena, boolean training) {
        return new Bound(this);
    }

    private record Bound(Activate operation) implements Kernel {
        @Override
        public void refresh(Context context) {}

        @Override
        public boolean runsInPlace(int input) {
            return true;
        }

        @Override
        public GradientWay gradientWay(int input) {
            return GradientWay.IN_PLACE;
        }

        @Override
        public boolean gradientReadsInput(int input) {
            return false;
        }

        @Override
        public void run(Context context, List<? extends NativeGrid> inputs, NativeGrid output) {
            Kernels.activation(context, operation.function, (NativeMap) inputs.get(0), (NativeMap) output);
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
                Kernels.activationGradient(context, operation.function, output, outputGradient, dx, add[0]);
            }
        }

        @Override
        public List<StepCode> stepCode() {
            return List.of(StepCode.of(
                    StepKind.ACTIVATION,
                    0,
                    List.of(Tap.HERE),
                    operation.features,
                    operation.features,
                    operation.function.code(),
                    operation.flops()));
        }
    }
}
