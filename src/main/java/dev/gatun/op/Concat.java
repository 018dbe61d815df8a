package dev.gatun.op;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.Kernels;
import dev.gatun.foreign.NativeGrid;
import dev.gatun.foreign.NativeMap;
import dev.gatun.foreign.StepKind;
import dev.gatun.tensor.Parameters;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Features of several maps, one after the other.
 *
 * @param parts features of each input
 */
public record Concat(List<Integer> parts) implements Operation {
    /** Checks that there is something. */
    public Concat {
        parts = List.copyOf(parts);
        if (parts.isEmpty() || parts.stream().anyMatch(part -> part < 1)) {
            throw new IllegalArgumentException(
                    "concat: found parts " + parts + ", expected some of at least one feature");
        }
    }

    @Override
    public String name() {
        return "concat";
    }

    @Override
    public int features() {
        return parts.stream().mapToInt(Integer::intValue).sum();
    }

    @Override
    public List<Input> inputs() {
        return parts.stream()
                .map(part -> new Input(part, false, Footprint.of(List.of(Tap.HERE))))
                .toList();
    }

    @Override
    public long flops() {
        return 0;
    }

    @Override
    public Kernel bind(Parameters parameters, Arena arena, boolean training) {
        return new Bound(this);
    }

    private record Bound(Concat operation) implements Kernel {
        @Override
        public void refresh(Context context) {}

        @Override
        public void run(Context context, List<? extends NativeGrid> inputs, NativeGrid output) {
            int first = 0;
            for (NativeGrid input : inputs) {
                Kernels.copyInto(context, (NativeMap) input, (NativeMap) output, first);
                first += input.shape().features();
            }
        }

        @Override
        public boolean gradientReadsInput(int input) {
            return false;
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
            int first = 0;
            for (int i = 0; i < inputs.size(); i++) {
                NativeMap dx = gradients.get(i);
                if (dx != null) {
                    Kernels.copyFrom(context, outputGradient, first, dx, add[i]);
                }
                first += operation.parts.get(i);
            }
        }

        @Override
        public List<StepCode> stepCode() {
            List<StepCode> code = new ArrayList<>();
            int first = 0;
            for (int i = 0; i < operation.parts.size(); i++) {
                int part = operation.parts.get(i);
                code.add(StepCode.of(StepKind.COPY, i, List.of(Tap.HERE), part, part, first, 0));
                first += part;
            }
            return code;
        }
    }
}
