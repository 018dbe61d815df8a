package dev.gatun.graph;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.GridShape;
import dev.gatun.foreign.Kernels;
import dev.gatun.foreign.NativeLevels;
import dev.gatun.foreign.NativeMap;
import dev.gatun.op.Data;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * Levels of a pass's batch in native memory, from which the maps of its data are filled, all examples at once. One thread's, as
 * the pass.
 */
public final class LevelSource {
    private final List<Consumer<Context>> maps = new ArrayList<>();

    /**
     * A source.
     *
     * @param pass of a model of levels
     * @param levels int32, examples x positions in the order of the chain; the caller has checked their range when it fills
     */
    public LevelSource(Arena arena, Pass pass, MemorySegment levels) {
        for (Node node : pass.graph().nodes()) {
            if (node.operation() instanceof Data.Levels) {
                NativeLevels map = pass.levelMap(node);
                NativeLevels source = view(arena, map.shape(), levels);
                maps.add(context -> {
                    source.examples(map.examples());
                    map.copy(source);
                });
            } else if (node.operation() instanceof Data.Numbers numbers) {
                float[] table = Objects.requireNonNull(numbers.table(), "levels for a model of reals");
                MemorySegment numbersOfLevels = arena.allocateFrom(ValueLayout.JAVA_FLOAT, table);
                NativeMap map = pass.map(node);
                NativeLevels source = view(arena, map.shape(), levels);
                maps.add(context -> {
                    source.examples(map.examples());
                    Kernels.encode(context, numbersOfLevels, source, map);
                });
            }
        }
    }

    private static NativeLevels view(Arena arena, GridShape shape, MemorySegment levels) {
        GridShape own =
                new GridShape(shape.examples(), shape.rows(), shape.columns(), shape.features(), GridShape.Halo.NONE);
        return NativeLevels.of(arena, own, levels);
    }

    /** Fills the maps of as many examples as the pass is set to. */
    public void fill(Context context) {
        maps.forEach(map -> map.accept(context));
    }
}
