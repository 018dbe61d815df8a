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
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The sum of some maps, added in their order, times a factor. A map may hold one value for several columns: a condition's
 * frames, or what is the same at all positions.
 *
 * @param features of each map
 * @param repeats columns that a value of each map stands for; 1 for a map of positions
 * @param scale the factor
 */
public record Sum(int features, List<Integer> repeats, float scale) implements Operation {
    /** Checks that there is something to add. */
    public Sum {
        repeats = List.copyOf(repeats);
        if (features < 1 || repeats.isEmpty() || repeats.stream().anyMatch(repeat -> repeat < 1)) {
            throw new IllegalArgumentException("sum: found " + features + " features, repeats " + repeats);
        }
    }

    /** The sum of so many maps of positions. */
    public static Sum of(int features, int maps) {
        return new Sum(features, Collections.nCopies(maps, 1), 1);
    }

    @Override
    public String name() {
        return "sum";
    }

    @Override
    public List<Input> inputs() {
        return repeats.stream()
                .map(repeat -> new Input(features, false, repeat == 1 ? Footprint.POINTWISE : new Footprint.Anywhere()))
                .toList();
    }

    @Override
    public long flops() {
        return (repeats.size() - 1L + (scale == 1 ? 0 : 1)) * features;
    }

    @Override
    public Kernel bind(Parameters parameters, Arena arena, boolean training) {
        return new Bound(this);
    }

    private float scaleOf(int map) {
        return map == repeats.size() - 1 ? scale : 1;
    }

    private record Bound(Sum operation) implements Kernel {
        @Override
        public void refresh(Context context) {}

        /** A sum of two is the same the other way round; of more, the first has to come first. */
        @Override
        public boolean runsInPlace(int input) {
            int maps = operation.repeats.size();
            return maps > 1 && operation.repeats.get(input) == 1 && (input == 0 || maps == 2);
        }

        @Override
        public boolean addsUp() {
            return operation.scale == 1 && operation.repeats.stream().allMatch(repeat -> repeat == 1);
        }

        @Override
        public void add(Context context, NativeMap input, NativeMap output) {
            Kernels.sum(context, input, 1, 1, output, true);
        }

        @Override
        public GradientWay gradientWay(int input) {
            return operation.scale == 1 && operation.repeats.get(input) == 1 ? GradientWay.SAME : GradientWay.OWN;
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
        public void run(Context context, List<? extends NativeGrid> inputs, NativeGrid output) {
            int first = Math.max(0, inputs.indexOf(output));
            add(context, inputs, first, output, 0);
            int added = 1;
            for (int i = 0; i < inputs.size(); i++) {
                if (i != first) {
                    add(context, inputs, i, output, added++);
                }
            }
        }

        private void add(Context context, List<? extends NativeGrid> inputs, int i, NativeGrid output, int added) {
            NativeGrid x = inputs.get(i);
            if (!x.equals(output)) {
                float scale = operation.scaleOf(added);
                Kernels.sum(context, (NativeMap) x, operation.repeats.get(i), scale, (NativeMap) output, added > 0);
            }
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
            for (int i = 0; i < inputs.size(); i++) {
                NativeMap dx = gradients.get(i);
                if (dx != null && !dx.equals(outputGradient)) {
                    Kernels.sumGradient(context, outputGradient, operation.repeats.get(i), operation.scale, dx, add[i]);
                }
            }
        }

        @Override
        public List<StepCode> stepCode() {
            List<StepCode> code = new ArrayList<>();
            int features = operation.features;
            for (int i = 0; i < operation.repeats.size(); i++) {
                float scale = operation.scaleOf(i);
                long flops = (i > 0 ? (long) features : 0) + (scale == 1 ? 0 : features);
                code.add(new StepCode(
                        StepKind.SUM,
                        i,
                        List.of(Tap.HERE),
                        features,
                        features,
                        i > 0 ? 1 : 0,
                        scale,
                        MemorySegment.NULL,
                        MemorySegment.NULL,
                        MemorySegment.NULL,
                        flops));
            }
            return code;
        }
    }
}
