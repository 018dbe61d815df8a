package dev.gatun.op;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.NativeGrid;
import dev.gatun.foreign.NativeMap;
import dev.gatun.foreign.StepKind;
import dev.gatun.tensor.Parameters;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The data itself, where it enters a graph: what the chain's positions hold. Whoever runs all positions fills its grid; in
 * a step program it is written as soon as the value is known.
 */
public sealed interface Data extends Operation {
    /**
     * Levels as they are: one-hot vectors that nobody multiplies out.
     *
     * @param features levels at a position of the grid
     */
    record Levels(int features) implements Data {
        @Override
        public String name() {
            return "levels";
        }

        @Override
        public boolean isLevels() {
            return true;
        }

        @Override
        public Kernel bind(Parameters parameters, Arena arena, boolean training) {
            return new Filled(StepCode.of(StepKind.LEVEL, -1, List.of(), 0, features, 0, 0));
        }
    }

    /**
     * Numbers: levels through a table, or reals as they are.
     *
     * @param features numbers at a position of the grid
     * @param table the number of each level, or null for reals
     */
    record Numbers(int features, float @Nullable [] table) implements Data {
        @Override
        public String name() {
            return "data";
        }

        @Override
        public Kernel bind(Parameters parameters, Arena arena, boolean training) {
            MemorySegment values =
                    table == null ? MemorySegment.NULL : arena.allocateFrom(ValueLayout.JAVA_FLOAT, table);
            return new Filled(new StepCode(
                    StepKind.ENCODE,
                    -1,
                    List.of(),
                    0,
                    features,
                    0,
                    1,
                    values,
                    MemorySegment.NULL,
                    MemorySegment.NULL,
                    0));
        }
    }

    @Override
    default List<Input> inputs() {
        return List.of();
    }

    @Override
    default long flops() {
        return 0;
    }

    /** A grid that somebody else fills. */
    record Filled(StepCode step) implements Kernel {
        @Override
        public void refresh(Context context) {}

        @Override
        public void run(Context context, List<? extends NativeGrid> inputs, NativeGrid output) {}

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
            return List.of(step);
        }
    }
}
