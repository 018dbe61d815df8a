package dev.gatun.op;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.Kernels;
import dev.gatun.foreign.NativeGrid;
import dev.gatun.foreign.NativeMap;
import dev.gatun.tensor.Parameters;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A parameter at every position.
 *
 * @param parameter its name
 * @param features its length
 */
public record Constant(String parameter, int features) implements Operation {
    @Override
    public String name() {
        return "constant";
    }

    @Override
    public List<Input> inputs() {
        return List.of();
    }

    @Override
    public List<String> parameters() {
        return List.of(parameter);
    }

    @Override
    public long flops() {
        return 0;
    }

    @Override
    public Kernel bind(Parameters parameters, Arena arena, boolean training) {
        return new Bound(this, parameters);
    }

    private record Bound(Constant operation, Parameters values) implements Kernel {
        @Override
        public void refresh(Context context) {}

        @Override
        public void run(Context context, List<? extends NativeGrid> inputs, NativeGrid output) {
            Kernels.broadcast(context, values.get(operation.parameter), (NativeMap) output);
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
            long offset = values.offset(operation.parameter) * Float.BYTES;
            long bytes = (long) operation.features * Float.BYTES;
            Kernels.broadcastGradient(context, outputGradient, parameters.asSlice(offset, bytes));
        }

        @Override
        public List<StepCode> stepCode() {
            return List.of(StepCode.broadcast(values.get(operation.parameter), operation.features));
        }
    }
}
