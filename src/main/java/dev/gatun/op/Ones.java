package dev.gatun.op;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.Kernels;
import dev.gatun.foreign.NativeGrid;
import dev.gatun.foreign.NativeMap;
import dev.gatun.tensor.Parameters;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One feature that is 1 at every position, and so tells the data from the zeros around them. */
public record Ones() implements Operation {
    @Override
    public String name() {
        return "ones";
    }

    @Override
    public int features() {
        return 1;
    }

    @Override
    public List<Input> inputs() {
        return List.of();
    }

    @Override
    public long flops() {
        return 0;
    }

    @Override
    public Kernel bind(Parameters parameters, Arena arena, boolean training) {
        return new Bound(arena.allocateFrom(ValueLayout.JAVA_FLOAT, 1));
    }

    private record Bound(MemorySegment one) implements Kernel {
        @Override
        public void refresh(Context context) {}

        @Override
        public void run(Context context, List<? extends NativeGrid> inputs, NativeGrid output) {
            Kernels.broadcast(context, one, (NativeMap) output);
        }

        @Override
        public void gradient(
                Context context,
                List<? extends NativeGrid> inputs,
                NativeMap output,
                NativeMap outputGradient,
                List<@Nullable NativeMap> gradients,
                boolean[] add,
                MemorySegment parameters) {}

        @Override
        public List<StepCode> stepCode() {
            return List.of(StepCode.broadcast(one, 1));
        }
    }
}
